import Core
import Yams

/// Reads one YAML document into nodes that know their place. Scalars stay the text that was written: `NO` is a country, `22:00` a time and
/// `05` a code, until somebody asks for a number.
public enum StrictYAML {
    /// - Parameter file: the name used in problems, as a person would type it.
    /// - Returns: the root, or nil after a mistake that leaves nothing to read (syntax, a key twice, an empty file); it is in `findings`.
    public static func parse(_ text: String, file: String, _ findings: Findings) -> YAML? {
        let source = Source(file: file, text: text)
        do {
            // Without rules for tags: every scalar stays text, and no regular expression is run over it. The encoding is said, since the
            // default asks the environment each time.
            let parser = try Yams.Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let root = try parser.singleRoot() else {
                findings.add(Problem("the file is empty", file: file))
                return nil
            }
            // Nodes hold their anchors weakly: they must be looked at while the parser lives.
            return withExtendedLifetime(parser) { YAML(root, Context(source: source, findings: findings), path: "") }
        } catch let error as YamlError {
            findings.add(problem(of: error, in: source))
        } catch {
            findings.add(Problem("cannot be read", file: file))
        }
        return nil
    }

    private static func problem(of error: YamlError, in source: Source) -> Problem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            let line = mark.line <= source.lines.count ? source.lines[mark.line - 1] : []
            let isTab = mark.column <= line.count && line[mark.column - 1] == "\t"
            return Problem(
                isTab ? "a tab cannot stand here" : problem == "but found another document" ? "a second document begins here" : problem,
                file: source.file, line: mark.line, column: mark.column,
                hint: isTab ? "indent with spaces" : hint(for: problem))
        case .reader(let problem, let offset, _, _):
            guard let offset else { return Problem(problem, file: source.file) }
            let before = source.text.prefix(offset)
            let line = before.count { $0 == "\n" || $0 == "\r\n" } + 1
            let column = (before.lastIndex { $0 == "\n" || $0 == "\r\n" }).map { before[$0...].unicodeScalars.count } ?? offset + 1
            return Problem("a character that no text file should hold", file: source.file, line: line, column: column)
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let again = source.findRepeat(of: key, afterLine: context.mark.line, column: context.mark.column)
            return Problem(
                "the key stands here twice", file: source.file, line: again?.line ?? context.mark.line,
                column: again?.column ?? context.mark.column, key: key, hint: "first on line \(context.mark.line)")
        default:
            return Problem("cannot be read as YAML", file: source.file)
        }
    }

    private static func hint(for problem: String) -> String? {
        switch problem {
        case "mapping values are not allowed in this context": "put quotes around a text that holds a colon and a space"
        case "did not find expected key", "did not find expected <block end>", "did not find expected '-' indicator":
            "check the indentation of this line and the one above"
        case "found character that cannot start any token": "put quotes around a text that begins with this character"
        default: nil
        }
    }
}

/// What the nodes of one file share.
final class Context {
    let source: Source
    let findings: Findings
    init(source: Source, findings: Findings) { (self.source, self.findings) = (source, findings) }
}
