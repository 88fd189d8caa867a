import Core
import Pages

/// Mistakes and warnings, each with its place, its line and a caret under the column.
struct Findings {
    let view: View

    var text: String {
        """
        <section id="problems" data-part data-count="\(view.problems.count)"\(view.problems.isEmpty ? " hidden" : "") class="findings bad" aria-labelledby="h-problems">
        <h2 id="h-problems">\(count(view.problems, "mistake")) in the files</h2>
        <p>\(view.texts.isEmpty ? "Nothing can be shown until they are mended." : "Below are the texts as they were before.")</p>
        <ol>\(view.problems.map(item).joined())</ol></section>
        <section id="warnings" data-part\(view.warnings.isEmpty ? " hidden" : "") class="findings warn" aria-labelledby="h-warnings">
        <h2 id="h-warnings">\(count(view.warnings, "warning"))</h2><ol>\(view.warnings.map(item).joined())</ol></section>
        """
    }

    private func count(_ findings: [View.Finding], _ noun: String) -> String {
        findings.count == 1 ? "1 \(noun)" : "\(findings.count) \(noun)s"
    }

    private func item(_ finding: View.Finding) -> String {
        let problem = finding.problem
        let place = problem.line == 0 ? "" : problem.column == 0 ? ":\(problem.line)" : ":\(problem.line):\(problem.column)"
        let key = problem.key.isEmpty ? "" : "<b>\(escaped(problem.key))</b>: "
        let hint = problem.hint.map { " <span class=\"hint\">\(escaped($0))</span>" } ?? ""
        return """
            <li><p><code class="place">\(escaped(problem.file))\(place)</code> \(key)\(escaped(problem.problem))\(hint)</p>\(line(finding))</li>
            """
    }

    /// What stands around the column, the character there marked; the caret is the style's.
    private func line(_ finding: View.Finding) -> String {
        guard let line = finding.line else { return "" }
        let scalars = Array(line.unicodeScalars)
        func text(_ range: Range<Int>) -> String { escaped(String(String.UnicodeScalarView(scalars[range]))) }
        let at = finding.problem.column - 1
        guard at >= 0 else { return "<p class=\"line\" dir=\"ltr\"><code>\(text(0..<min(120, scalars.count)))</code></p>" }
        let (from, end) = (max(0, min(at, scalars.count) - 40), min(scalars.count, at + 80))
        let before = (from > 0 ? "…" : "") + text(from..<min(at, scalars.count))
        let (here, after) = at < scalars.count ? (text(at..<at + 1), text(at + 1..<max(end, at + 1))) : (" ", "")
        return """
            <p class="line" dir="ltr"><code>\(before)<mark>\(here)</mark>\(after)\(end < scalars.count ? "…" : "")</code></p>
            """
    }
}
