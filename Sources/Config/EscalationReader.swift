import Core
import StrictYAML

/// `escalation` of a kind in kinds.yaml: steps in the order in which they are numbered.
enum EscalationReader {
    static func read(_ node: YAML) -> [EscalationStep] {
        node.list().enumerated().compactMap { step($1, isFirst: $0 == 0) }
    }

    private static func step(_ node: YAML, isFirst: Bool) -> EscalationStep? {
        guard let fields = node.mapping() else { return nil }
        let origin = fields["at"].map { $0.word(EscalationStep.Origin.self) } ?? .detected
        let wait = wait(fields)
        let role = fields.required("to")?.word(StaffRole.self)
        let unless = fields["unless"].map { $0.word(EscalationStep.Unless.self) }
        let when = fields["when"].map { $0.word(EscalationStep.Condition.self) }
        let task = fields.required("task").flatMap(task)
        fields.close()
        if origin == .last, isFirst { fields.fail("there is no step before the first", atKey: "at") }
        guard let origin, let wait, let role, let task else { return nil }
        return EscalationStep(wait, from: origin, to: role, unless: unless ?? nil, when: when ?? nil, task: task)
    }

    /// One way of counting, or none: at that very moment.
    private static func wait(_ fields: YAMLMapping) -> EscalationStep.Wait? {
        let keys = ["after", "working_hours", "working_days", "bank_days"]
        let named = keys.filter { fields[$0] != nil }
        guard named.count < 2 else {
            fields.fail("beside \"\(named[0])\"", atKey: named[1], hint: "a step waits in one way: \(keys.joined(separator: ", "))")
            return nil
        }
        guard let name = named.first, let node = fields[name] else { return .time(.zero) }
        switch name {
        case "after": return node.duration(in: .zero ... .days(90)).map { .time($0) }
        case "working_hours": return node.int(in: 1...500).map { .workingHours($0) }
        case "working_days": return node.int(in: 1...90).map { .workingDays($0) }
        default: return node.int(in: 1...90).map { .bankDays($0) }
        }
    }

    private static func task(_ node: YAML) -> String? {
        guard let text = node.text() else { return nil }
        guard !text.isEmpty, PlainText(text, limit: 120).description == text else {
            node.fail("is empty, longer than 120 characters, or holds markup, doubled blanks or control characters")
            return nil
        }
        return text
    }
}
