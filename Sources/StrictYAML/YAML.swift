public import Core
import Yams

/// One value of a file, with its place and its dotted path. Every reading that fails leaves a problem in the findings and returns nil, so
/// a decoder reads on and all mistakes come out together.
public struct YAML {
    enum Value {
        case scalar(String, plain: Bool)
        case mapping([(key: Key, value: YAML)])
        case list([YAML])
    }
    struct Key {
        var name: String
        var line, column: Int
    }
    let value: Value
    let context: Context
    /// Counted from 1.
    public let line, column: Int
    /// `routes[2].channel`; empty at the root.
    public let path: String

    public var file: String { context.source.file }
    public var findings: Findings { context.findings }

    init(_ node: Node, _ context: Context, path: String) {
        self.context = context
        self.path = path
        line = node.mark?.line ?? 0
        column = node.mark?.column ?? 0
        if node.anchor != nil {
            // An alias repeats whole subtrees: a few lines could become gigabytes, and a place in the file would mean two things.
            value = .list([])
            fail("anchors and aliases are not supported", hint: "write the value out")
            return
        }
        switch node {
        case .scalar(let scalar):
            value = .scalar(scalar.string, plain: scalar.style == .plain || scalar.style == .any)
        case .mapping(let mapping):
            var members: [(Key, YAML)] = []
            for (key, child) in mapping {
                let name = key.scalar?.string ?? ""
                let place = key.mark ?? child.mark
                if key.scalar == nil || key.anchor != nil {
                    context.findings.add(
                        Problem(
                            "a key must be plain text", file: context.source.file, line: place?.line ?? 0, column: place?.column ?? 0,
                            key: path))
                    continue
                }
                members.append(
                    (
                        Key(name: name, line: place?.line ?? 0, column: place?.column ?? 0),
                        YAML(child, context, path: path.isEmpty ? name : path + "." + name)
                    ))
            }
            value = .mapping(members)
        case .sequence(let sequence):
            value = .list(sequence.enumerated().map { YAML($1, context, path: path + "[\($0)]") })
        case .alias:
            value = .list([])
            fail("anchors and aliases are not supported", hint: "write the value out")
        }
    }

    /// Adds a problem at this value's place.
    public func fail(_ problem: String, severity: Problem.Severity = .error, hint: String? = nil) {
        findings.add(Problem(problem, severity: severity, file: file, line: line, column: column, key: path, hint: hint))
    }

    /// Adds a problem at the `skipping`-th mention of `needle` inside this text, or at the text's beginning if it is not there as written.
    public func fail(_ problem: String, severity: Problem.Severity = .error, at needle: String, skipping: Int = 0, hint: String? = nil) {
        let place = context.source.find(needle, fromLine: line, column: column, skipping: skipping) ?? (line, column)
        findings.add(Problem(problem, severity: severity, file: file, line: place.0, column: place.1, key: path, hint: hint))
    }

    public var isMapping: Bool { if case .mapping = value { true } else { false } }
    public var isList: Bool { if case .list = value { true } else { false } }
    /// Nothing was written after the key, or `null` or `~`.
    public var isNull: Bool {
        if case .scalar(let text, plain: true) = value { ["", "~", "null"].contains(text) } else { false }
    }
    /// The scalar as it was written, without a check.
    public var scalar: String? { if case .scalar(let text, _) = value { text } else { nil } }

    private var kindName: String {
        switch value {
        case .scalar: isNull ? "nothing" : "a single value"
        case .mapping: "a mapping"
        case .list: "a list"
        }
    }

    func expected(_ what: String, hint: String? = nil) { fail("expected \(what), found \(kindName)", hint: hint) }

    public func mapping() -> YAMLMapping? {
        guard case .mapping(let members) = value else {
            expected("a mapping", hint: "keys, each on its own line")
            return nil
        }
        return YAMLMapping(self, members)
    }

    /// Empty after a mistake.
    public func list() -> [YAML] {
        guard case .list(let values) = value else {
            expected("a list", hint: "[a, b] or one \"- a\" a line")
            return []
        }
        return values
    }

    /// A scalar as text. A number is text too; nothing at all is not.
    public func text() -> String? {
        guard case .scalar(let text, _) = value, !isNull else {
            expected("a text")
            return nil
        }
        return text
    }

    public func texts() -> [String] { list().compactMap { $0.text() } }
}
