import Core
import Reports

extension Runtime {
    /// The lines in which the mistakes of `loadTemplates` stand. A file that cannot be read any more has none.
    static func excerpts(of problems: [Problem], in directory: String) -> [Problem: Excerpt] {
        var texts: [String: String] = [:]
        var found: [Problem: Excerpt] = [:]
        for problem in problems where problem.line > 0 && problem.file.hasPrefix("templates/") {
            let path = directory + "/" + problem.file.dropFirst("templates/".count)
            if texts[path] == nil { texts[path] = (try? Host.text(at: path)) ?? "" }
            found[problem] = texts[path].flatMap { Excerpt(of: problem, in: $0) }
        }
        return found
    }
}
