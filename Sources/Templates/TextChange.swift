public import Core
import StrictYAML

/// A difference between two revisions, text by text.
public struct TextChange: Sendable, Hashable {
    /// `templates/bank_delay/en.yaml`
    public var file: String
    /// `opened.sms`; empty where the file is no list of texts.
    public var key: String
    /// Nil: it was not there.
    public var old: String?
    /// Nil: it is gone.
    public var new: String?

    public init(file: String, key: String, old: String?, new: String?) {
        (self.file, self.key, self.old, self.new) = (file, key, old, new)
    }

    /// In the order of the files, and of the texts in them.
    public static func between(_ old: [TemplateFile], _ new: [TemplateFile]) -> [TextChange] {
        let (before, after) = (byPath(old), byPath(new))
        return Set(before.keys).union(after.keys).sorted().flatMap { path -> [TextChange] in
            let (old, new) = (before[path], after[path])
            guard old != new else { return [] }
            let (was, now) = (texts(old ?? "", path), texts(new ?? "", path))
            let (oldTexts, newTexts) = (Dictionary(was) { first, _ in first }, Dictionary(now) { first, _ in first })
            let keys = now.map(\.key) + was.map(\.key).filter { newTexts[$0] == nil }
            let changes = keys.filter { oldTexts[$0] != newTexts[$0] }.map {
                TextChange(file: path, key: $0, old: oldTexts[$0], new: newTexts[$0])
            }
            // Comments and spelling only: the revision is another all the same.
            return changes.isEmpty ? [TextChange(file: path, key: "", old: old == nil ? nil : "", new: new == nil ? nil : "")] : changes
        }
    }

    private static func byPath(_ files: [TemplateFile]) -> [String: String] {
        Dictionary(files.filter(\.isText).map { ($0.path, $0.text) }) { first, _ in first }
    }

    /// What stands behind each key. Of a file that is not YAML each line is a text, by its number.
    private static func texts(_ text: String, _ path: String) -> [(key: String, text: String)] {
        guard !text.isEmpty else { return [] }
        guard path.hasSuffix(".yaml"), let root = StrictYAML.parse(text, file: path, Findings()) else {
            return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { ("line \($0 + 1)", String($1)) }
        }
        var found: [(String, String)] = []
        func visit(_ node: YAML) {
            if node.isMapping {
                for (_, value) in node.mapping()?.all ?? [] { visit(value) }
            } else if node.isList {
                for value in node.list() { visit(value) }
            } else {
                found.append((node.path, node.scalar ?? ""))
            }
        }
        visit(root)
        return found
    }
}
