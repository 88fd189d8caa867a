/// One object of an event. Reads its members and gathers what is wrong with them under their full path, one list for the whole event.
struct EventFields {
    private final class Findings {
        var problems: [FieldProblem] = []
    }

    /// The names of the objects around a member, from the top. They make a text only where something is wrong.
    private struct Path {
        private var names = InlineArray<3, StaticString>(repeating: "")
        private var count = 0

        func inside(_ name: StaticString) -> Path {
            var path = self
            path.names[count] = name
            path.count += 1
            return path
        }
        func text(_ name: String) -> String { (0..<count).map { names[$0].description + "." }.joined() + name }
    }

    private let tape: JSONTape
    /// Nil where the event has no such object.
    private let object: Int?
    private let path: Path
    private let findings: Findings

    init(_ root: JSONTape) { (tape, object, path, findings) = (root, 0, Path(), Findings()) }
    private init(_ tape: JSONTape, _ object: Int?, path: Path, findings: Findings) {
        (self.tape, self.object, self.path, self.findings) = (tape, object, path, findings)
    }

    /// A member that is an object. Where it is none, all its members are missing.
    func inside(_ name: StaticString) -> EventFields { EventFields(tape, value(name), path: path.inside(name), findings: findings) }

    /// Nil where it is left out or null.
    func optionalInside(_ name: StaticString) -> EventFields? {
        present(name).map { EventFields(tape, $0, path: path.inside(name), findings: findings) }
    }

    /// Whether it is an object at all.
    var isThere: Bool { object.map(tape.isObject) ?? false }

    var problems: [FieldProblem] { findings.problems }
    func refuse(_ name: String, _ problem: String) { findings.problems.append(FieldProblem(path.text(name), problem)) }

    private func value(_ name: StaticString) -> Int? { object.flatMap { tape.member(name, of: $0) } }
    private func kind(_ value: Int) -> JSONTape.Token.Kind { tape.tokens[value].kind }

    /// Present and not null.
    func has(_ name: StaticString) -> Bool { present(name) != nil }
    private func present(_ name: StaticString) -> Int? { value(name).flatMap { kind($0) == .null ? nil : $0 } }

    /// Not there at all, not even as null.
    func isMissing(_ name: StaticString) -> Bool { value(name) == nil }

    /// Nil for whatever is no string, and nothing is refused.
    func text(_ name: StaticString) -> String? { value(name).flatMap(text) }
    private func text(_ value: Int) -> String? { kind(value) == .string ? tape.text(value) : nil }

    /// A member that has to be there; without one it is refused.
    private func given(_ name: StaticString) -> Int? {
        let value = present(name)
        if value == nil { refuse(name.description, "missing") }
        return value
    }

    private func isString(_ value: Int, _ name: StaticString) -> Bool {
        guard kind(value) != .string else { return true }
        refuse(name.description, "expected a string")
        return false
    }

    func string(_ name: StaticString) -> String? { given(name).flatMap { isString($0, name) ? tape.text($0) : nil } }

    func reference(_ name: StaticString, limit: Int) -> String? { given(name).flatMap { reference($0, name, limit: limit) } }
    func optionalReference(_ name: StaticString, limit: Int) -> String? { present(name).flatMap { reference($0, name, limit: limit) } }

    private func reference(_ value: Int, _ name: StaticString, limit: Int) -> String? {
        guard isString(value, name) else { return nil }
        let isValid =
            isPlain(value) ? Identifier.isValid(tape.slice(value), limit: limit) : Identifier.isValid(tape.text(value), limit: limit)
        guard isValid else {
            refuse(name.description, tape.slice(value).isEmpty ? "is empty" : "expected 1 to \(limit) characters of A-Z a-z 0-9 - _ . /")
            return nil
        }
        return tape.text(value)
    }

    /// Whether the bytes of a string are its text.
    private func isPlain(_ value: Int) -> Bool { tape.tokens[value].form.contains(.plain) }

    func optionalReferences(_ name: StaticString, limit: Int) -> [String] {
        guard let list = present(name) else { return [] }
        let items = items(of: list)
        guard kind(list) == .array, items.count <= 16 else {
            refuse(name.description, "expected a list of at most 16 names")
            return []
        }
        let names = items.compactMap(text).filter { Identifier.isValid($0, limit: limit) }
        if names.count != items.count { refuse(name.description, "expected names of A-Z a-z 0-9 - _ . /") }
        return names
    }

    private func items(of list: Int) -> [Int] {
        var items: [Int] = []
        var item = list + 1
        while item < tape.next(after: list) {
            items.append(item)
            item = tape.next(after: item)
        }
        return items
    }

    /// A text of any characters and bounded length; wrong types are refused.
    func optionalText(_ name: StaticString) -> String? {
        guard let value = present(name), isString(value, name) else { return nil }
        let text = tape.text(value)
        guard !EventFields.isTooLong(text) else {
            refuse(name.description, EventFields.tooLong)
            return nil
        }
        return text
    }

    private static func isTooLong(_ text: String) -> Bool { text.utf8.count > EventReader.textLimit && text.count > EventReader.textLimit }
    private static let tooLong = "longer than \(EventReader.textLimit) characters"

    func integer(_ name: StaticString) -> Int64? {
        guard let given = given(name) else { return nil }
        guard let value = tape.integer(given) else {
            refuse(name.description, "expected a whole number of at most 64 bits")
            return nil
        }
        return value
    }

    func time(_ name: StaticString) -> Timestamp? { given(name).flatMap { time($0, name) } }
    func optionalTime(_ name: StaticString) -> Timestamp? { present(name).flatMap { time($0, name) } }

    private func time(_ value: Int, _ name: StaticString) -> Timestamp? {
        guard isString(value, name) else { return nil }
        guard let moment = isPlain(value) ? Timestamp(rfc3339: tape.slice(value)) : Timestamp(rfc3339: tape.text(value)) else {
            refuse(name.description, "expected an RFC 3339 time, like 2025-11-12T03:30:00Z")
            return nil
        }
        return moment
    }

    func optionalBool(_ name: StaticString) -> Bool? {
        guard let given = present(name) else { return nil }
        switch kind(given) {
        case .yes: return true
        case .no: return false
        default:
            refuse(name.description, "expected true or false")
            return nil
        }
    }

    func word<Word: ClosedWord>(_ name: StaticString, as type: Word.Type) -> Word? { given(name).flatMap { word($0, name) } }
    func optionalWord<Word: ClosedWord>(_ name: StaticString, as type: Word.Type) -> Word? { present(name).flatMap { word($0, name) } }

    private func word<Word: ClosedWord>(_ value: Int, _ name: StaticString) -> Word? {
        guard isString(value, name) else { return nil }
        let text = tape.text(value)
        guard let word = Word(rawValue: text) else {
            let hint = nearest(to: text, among: Word.allCases.map(\.rawValue)).map { " (did you mean \"\($0)\"?)" } ?? ""
            refuse(name.description, "not one of the known words" + hint)
            return nil
        }
        return word
    }

    /// No text anywhere in here may be longer than the limit.
    func limitTexts() {
        guard let object, isThere else { return }
        // Hardly any text is: a string has no more characters than bytes.
        let isShort = (object..<tape.next(after: object)).allSatisfy {
            tape.tokens[$0].count <= EventReader.textLimit || kind($0) != .string
        }
        if !isShort { limitMembers(of: object, "") }
    }

    private func limitMembers(of object: Int, _ path: String) {
        var name = object + 1
        while name < tape.next(after: object) {
            limitTexts(name + 1, path + FieldProblem.shown(tape.text(name)))
            name = tape.next(after: name)
        }
    }

    private func limitTexts(_ value: Int, _ path: String) {
        switch kind(value) {
        case .string: if EventFields.isTooLong(tape.text(value)) { refuse(path, EventFields.tooLong) }
        case .array: for item in items(of: value) { limitTexts(item, path) }
        case .object: limitMembers(of: value, path + ".")
        case .null, .yes, .no, .number: break
        }
    }
}
