import Core

/// Reads a text. The syntax is ICU's MessageFormat, without its quoting, and with `if`:
///
/// | | |
/// |---|---|
/// | `{order}` | a value |
/// | `{more_orders, plural, =0 {none} one {1 more order} other {# more orders}}` | by a count; `#` is the number |
/// | `{limit_owner, select, bank {your bank} other {us}}` | by which of our words a value is |
/// | `{trace_ref, if {Reference {trace_ref}.} else {}}` | by whether there is a value |
struct TextParser {
    indirect enum Node {
        case literal(String)
        case field(Field)
        case choice(Field, CompiledText.Choice.Form, [(key: String, nodes: [Node])])
    }
    private(set) var mistakes: [CompiledText.Mistake] = []
    private let source: [Character]
    private var at = 0
    /// Inside a plural: what `#` stands for.
    private var counted: [Field] = []

    init(_ source: String) { self.source = Array(source) }

    mutating func parse() -> [Node] {
        var all: [Node] = []
        while at < source.count {
            all += nodes()
            guard at < source.count else { break }
            // Only a brace that closes nothing ends a text.
            fail("a brace without its partner", from: at, hint: "values are written {order}")
            at += 1
        }
        return all
    }

    /// Until the end, or a brace that closes what is around.
    private mutating func nodes() -> [Node] {
        var found: [Node] = []
        var literal = ""
        func flushed() -> [Node] { literal.isEmpty ? [] : [.literal(literal)] }
        while at < source.count, source[at] != "}" {
            let character = source[at]
            if character == "{" {
                found += flushed()
                literal = ""
                if let node = place() { found.append(node) }
            } else if character == "#", let field = counted.last {
                found += flushed() + [.field(field)]
                literal = ""
                at += 1
            } else {
                literal.append(character)
                at += 1
            }
        }
        return found + flushed()
    }

    /// What stands in braces. Nil, with a mistake, when it cannot be read; then `at` is behind it.
    private mutating func place() -> Node? {
        let start = at
        at += 1
        let name = word(upTo: ["}", ",", "{"])
        guard at < source.count, source[at] != "{" else {
            fail("a brace without its partner", from: start, hint: "values are written {order}")
            return nil
        }
        let field = Field(rawValue: name)
        guard source[at] == "," else {
            at += 1
            if field == nil { failUnknown(name) }
            return field.map { .field($0) }
        }
        at += 1
        let word = word(upTo: [",", "{", "}"])
        guard let form = Self.forms[word] else {
            if field == nil {
                fail("a brace without its partner", from: start, hint: "values are written {order}")
            } else {
                fail("unknown choice \"\(word)\"", from: start, hint: "known: plural, select, if")
            }
            skip()
            return nil
        }
        if field == nil { failUnknown(name) }
        return choice(of: field, form, from: start)
    }
    private static let forms: [String: CompiledText.Choice.Form] = ["plural": .plural, "select": .select, "if": .presence]

    private mutating func choice(of field: Field?, _ form: CompiledText.Choice.Form, from start: Int) -> Node? {
        if form != .presence, at < source.count, source[at] == "," { at += 1 }
        if let field { check(field, form, from: start) }
        if form == .plural, let field { counted.append(field) }
        defer { if form == .plural, field != nil { counted.removeLast() } }
        var branches: [(key: String, nodes: [Node])] = []
        while at < source.count, source[at] != "}" {
            let key = branches.isEmpty && form == .presence ? "if" : self.word(upTo: ["{", "}"])
            guard at < source.count, source[at] == "{" else { break }
            at += 1
            if branches.contains(where: { $0.key == key }) { fail("\"\(key)\" stands here twice", from: start) }
            branches.append((key, nodes()))
            if at < source.count { at += 1 }
            while at < source.count, source[at].isWhitespace { at += 1 }
        }
        guard at < source.count, source[at] == "}" else {
            fail("a brace without its partner", from: start, hint: "a choice is written {more_orders, plural, one {…} other {…}}")
            return nil
        }
        at += 1
        return finished(field, form, branches, from: start)
    }

    private mutating func finished(
        _ field: Field?, _ form: CompiledText.Choice.Form, _ branches: [(key: String, nodes: [Node])], from start: Int
    ) -> Node? {
        var branches = branches
        guard form != .presence else {
            if branches.count == 1 { branches.append(("else", [])) }
            if branches.map(\.key) != ["if", "else"] { fail("an if has one text, and perhaps one behind \"else\"", from: start) }
            return field.map { .choice($0, form, branches) }
        }
        guard let other = branches.firstIndex(where: { $0.key == "other" }) else {
            fail("\"other\" is missing", from: start, hint: "it is said when nothing else fits")
            return nil
        }
        branches.append(branches.remove(at: other))
        for (key, _) in branches where form == .plural && PluralCategory(rawValue: key) == nil && !Self.isNumber(key) {
            fail("\"\(key)\" is no plural category", from: start, hint: "known: =0 and so on, zero, one, two, few, many, other")
        }
        return field.map { .choice($0, form, branches) }
    }

    private mutating func check(_ field: Field, _ form: CompiledText.Choice.Form, from start: Int) {
        switch form {
        case .plural where field.form != .count:
            fail("{\(field.rawValue)} is no count", from: start, hint: "a plural goes by {more_orders}")
        case .select where !field.isOneWord:
            fail("{\(field.rawValue)} is none of our own words", from: start, hint: "a select goes by {limit_owner}, {reason} and the like")
        default: break
        }
    }

    private static func isNumber(_ key: String) -> Bool { key.hasPrefix("=") && Int(key.dropFirst()).map { $0 >= 0 } ?? false }

    // MARK: Characters

    private mutating func word(upTo ends: Set<Character>) -> String {
        let start = at
        while at < source.count, !ends.contains(source[at]) { at += 1 }
        return String(source[start..<at]).trimmingSpaces
    }

    /// Behind the brace that closes what has just been opened.
    private mutating func skip() {
        var depth = 1
        while at < source.count, depth > 0 {
            depth += source[at] == "{" ? 1 : source[at] == "}" ? -1 : 0
            at += 1
        }
    }

    private mutating func failUnknown(_ name: String) {
        let near = nearest(to: name, among: Field.allCases.map(\.rawValue))
        mistakes.append(.init(problem: "unknown field {\(name)}", needle: "{\(name)", hint: near.map { "did you mean {\($0)}?" }))
    }

    private mutating func fail(_ problem: String, from start: Int, hint: String? = nil) {
        let needle = String(source[start..<min(source.count, start + 12)])
        mistakes.append(.init(problem: problem, needle: needle, hint: hint))
    }
}
