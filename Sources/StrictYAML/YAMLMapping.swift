public import Core

/// A mapping being read. Keys that are asked for are the known ones; `close` reports all others, so there is no second list of keys.
public struct YAMLMapping {
    private final class Asked {
        var names: [String] = []
    }
    public let node: YAML
    private let values: [String: YAML]
    private let members: [(key: YAML.Key, value: YAML)]
    private let asked = Asked()

    init(_ node: YAML, _ members: [(key: YAML.Key, value: YAML)]) {
        self.node = node
        self.members = members
        values = Dictionary(members.map { ($0.key.name, $0.value) }) { first, _ in first }
    }

    /// The value of an optional key; nil when it is absent.
    public subscript(_ key: String) -> YAML? {
        asked.names.append(key)
        return values[key]
    }

    /// The value of a key that must be there; its absence is a problem at the mapping's place.
    public func required(_ key: String) -> YAML? {
        if let value = self[key] { return value }
        node.fail("missing key \"\(key)\"")
        return nil
    }

    /// Every member in file order, for mappings whose keys are names (kinds, accounts). Marks them all as known.
    public var all: [(name: String, value: YAML)] {
        asked.names += members.map(\.key.name)
        return members.map { ($0.key.name, $0.value) }
    }

    public var isEmpty: Bool { members.isEmpty }

    /// Every member whose key is a word of a closed list; other keys are problems with "did you mean".
    public func all<Word: RawRepresentable<String> & CaseIterable>(keyedBy type: Word.Type) -> [(word: Word, value: YAML)] {
        let words = Word.allCases.map(\.rawValue)
        asked.names += words + members.map(\.key.name)
        var found: [(Word, YAML)] = []
        for member in members {
            if let word = Word(rawValue: member.key.name) {
                found.append((word, member.value))
            } else {
                fail("unknown key", at: member, known: words)
            }
        }
        return found
    }

    /// Reports keys that nobody asked for. Call it when everything has been read.
    public func close() {
        for member in members where !asked.names.contains(member.key.name) { fail("unknown key", at: member, known: asked.names) }
    }

    /// Adds a problem at a key's own place.
    public func fail(_ problem: String, atKey key: String, severity: Problem.Severity = .error, hint: String? = nil) {
        guard let member = members.first(where: { $0.key.name == key }) else { return node.fail(problem, severity: severity, hint: hint) }
        node.findings.add(
            Problem(
                problem, severity: severity, file: node.file, line: member.key.line, column: member.key.column, key: member.value.path,
                hint: hint))
    }

    private func fail(_ problem: String, at member: (key: YAML.Key, value: YAML), known: [String]) {
        node.findings.add(
            Problem(
                problem, file: node.file, line: member.key.line, column: member.key.column, key: member.value.path,
                hint: YAML.hint(member.key.name, known)))
    }
}
