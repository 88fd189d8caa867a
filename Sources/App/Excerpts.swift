import Core
import Reports

extension [TemplateFile] {
    /// The lines in which mistakes of these texts stand.
    func excerpts(of problems: [Problem]) -> [Problem: Excerpt] {
        let texts = Dictionary(pairs) { first, _ in first }
        var found: [Problem: Excerpt] = [:]
        for problem in problems where problem.line > 0 {
            found[problem] = texts[problem.file].flatMap { Excerpt(of: problem, in: $0) }
        }
        return found
    }
}
