/// One object of an event. Reads its members and gathers what is wrong with them under their full path, one list for the whole event.
struct EventFields {
    private let object: JSON?
    /// Empty at the top, else with its dot: `data.bank.`
    private let path: String
    private let findings: Findings

    private final class Findings {
        var problems: [FieldProblem] = []
    }

    init(_ root: JSON) { (object, path, findings) = (root, "", Findings()) }
    private init(_ object: JSON?, path: String, findings: Findings) {
        (self.object, self.path, self.findings) = (object, path, findings)
    }

    /// A member that is an object. Where it is none, all its members are missing.
    func inside(_ name: String) -> EventFields { EventFields(object?[name], path: path + name + ".", findings: findings) }

    subscript(_ name: String) -> JSON? { object?[name] }
    var problems: [FieldProblem] { findings.problems }
    func refuse(_ name: String, _ problem: String) { findings.problems.append(FieldProblem(path + name, problem)) }

    /// Present and not null.
    func has(_ name: String) -> Bool { present(name) != nil }
    private func present(_ name: String) -> JSON? {
        guard let value = object?[name], !value.isNull else { return nil }
        return value
    }

    func string(_ name: String) -> String? {
        guard let value = present(name) else {
            refuse(name, "missing")
            return nil
        }
        guard let text = value.string else {
            refuse(name, "expected a string")
            return nil
        }
        return text
    }

    func reference(_ name: String, limit: Int) -> String? {
        guard let text = string(name) else { return nil }
        guard Identifier.isValid(text, limit: limit) else {
            refuse(name, text.isEmpty ? "is empty" : "expected 1 to \(limit) characters of A-Z a-z 0-9 - _ . /")
            return nil
        }
        return text
    }

    func optionalReference(_ name: String, limit: Int) -> String? { has(name) ? reference(name, limit: limit) : nil }

    func optionalReferences(_ name: String, limit: Int) -> [String] {
        guard let value = present(name) else { return [] }
        guard let items = value.array, items.count <= 16 else {
            refuse(name, "expected a list of at most 16 names")
            return []
        }
        let names = items.compactMap(\.string).filter { Identifier.isValid($0, limit: limit) }
        if names.count != items.count { refuse(name, "expected names of A-Z a-z 0-9 - _ . /") }
        return names
    }

    /// A text of any characters and bounded length; wrong types are refused.
    func optionalText(_ name: String) -> String? {
        guard let value = present(name) else { return nil }
        guard let text = value.string else {
            refuse(name, "expected a string")
            return nil
        }
        guard text.utf8.count <= EventReader.textLimit || text.count <= EventReader.textLimit else {
            refuse(name, "longer than \(EventReader.textLimit) characters")
            return nil
        }
        return text
    }

    func integer(_ name: String) -> Int64? {
        guard let given = present(name) else {
            refuse(name, "missing")
            return nil
        }
        guard let value = given.integer else {
            refuse(name, "expected a whole number of at most 64 bits")
            return nil
        }
        return value
    }

    func time(_ name: String) -> Timestamp? {
        guard let text = string(name) else { return nil }
        guard let moment = Timestamp(rfc3339: text) else {
            refuse(name, "expected an RFC 3339 time, like 2025-11-12T03:30:00Z")
            return nil
        }
        return moment
    }

    func optionalBool(_ name: String) -> Bool? {
        guard let given = present(name) else { return nil }
        let value = given.bool
        if value == nil { refuse(name, "expected true or false") }
        return value
    }

    func optionalTime(_ name: String) -> Timestamp? { has(name) ? time(name) : nil }

    func word<Word: RawRepresentable & CaseIterable>(_ name: String, as type: Word.Type) -> Word? where Word.RawValue == String {
        guard let text = string(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            let hint = nearest(to: text, among: Word.allCases.map(\.rawValue)).map { " (did you mean \"\($0)\"?)" } ?? ""
            refuse(name, "not one of the known words" + hint)
            return nil
        }
        return word
    }

    func optionalWord<Word: RawRepresentable & CaseIterable>(_ name: String, as type: Word.Type) -> Word?
    where Word.RawValue == String {
        has(name) ? word(name, as: type) : nil
    }

    /// No text anywhere in here may be longer than the limit.
    func limitTexts() {
        for (name, member) in object?.object ?? [] { limitTexts(member, FieldProblem.shown(name)) }
    }

    private func limitTexts(_ value: JSON, _ name: String) {
        switch value {
        case .string(let text):
            if text.utf8.count > EventReader.textLimit, text.count > EventReader.textLimit {
                refuse(name, "longer than \(EventReader.textLimit) characters")
            }
        case .array(let items):
            for item in items { limitTexts(item, name) }
        case .object(let members):
            for (below, member) in members { limitTexts(member, name + "." + FieldProblem.shown(below)) }
        case .null, .bool, .number:
            break
        }
    }
}
