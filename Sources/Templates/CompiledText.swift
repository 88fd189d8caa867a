import Core

/// One text with its `{field}` places cut out once, when the files are read: rendering only copies bytes.
struct CompiledText: Sendable {
    enum Op: Sendable {
        case literal([UInt8])
        case field(Field)
    }
    private(set) var ops: [Op]
    let file: String
    let line: Int

    /// The fields in the order of their first mention.
    var fields: [Field] {
        var found: [Field] = []
        for case .field(let field) in ops where !found.contains(field) { found.append(field) }
        return found
    }

    /// What an unusable text is replaced by while all mistakes are gathered.
    static func empty(file: String, line: Int) -> CompiledText { CompiledText(ops: [], file: file, line: line) }

    /// What is wrong with a text, and the piece of it that is.
    struct Mistake: Error {
        var problem: String
        var needle: String
        var hint: String?
    }

    private init(ops: [Op], file: String, line: Int) { (self.ops, self.file, self.line) = (ops, file, line) }

    /// Every mistake is reported; the text is then compiled without the places that cannot be read.
    init(_ source: String, file: String, line: Int, report: (Mistake) -> Void) {
        self.init(ops: [], file: file, line: line)
        var literal: [UInt8] = []
        var rest = Substring(source)
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            literal += rest[..<brace].utf8
            guard rest[brace] == "{", let end = rest[brace...].firstIndex(of: "}"), !rest[rest.index(after: brace)..<end].contains("{")
            else {
                report(
                    Mistake(
                        problem: "a brace without its partner", needle: String(rest[brace...].prefix(12)),
                        hint: "values are written {order}"))
                rest = rest[rest.index(after: brace)...]
                continue
            }
            let name = String(rest[rest.index(after: brace)..<end])
            if let field = Field(rawValue: name) {
                if !literal.isEmpty { ops.append(.literal(literal)) }
                literal = []
                ops.append(.field(field))
            } else {
                let near = nearest(to: name, among: Field.allCases.map(\.rawValue))
                report(Mistake(problem: "unknown field {\(name)}", needle: "{\(name)}", hint: near.map { "did you mean {\($0)}?" }))
            }
            rest = rest[rest.index(after: end)...]
        }
        literal += rest.utf8
        if !literal.isEmpty { ops.append(.literal(literal)) }
    }

    /// The text without the sender's name in front (`【{brand}】`, `{brand}: `): some providers put a registered signature there themselves.
    var withoutSignature: CompiledText {
        var copy = self
        if case .literal(let first)? = copy.ops.first, first == Array("【".utf8) { copy.ops.removeFirst() }
        guard case .field(.brand)? = copy.ops.first else { return self }
        copy.ops.removeFirst()
        if case .literal(let next)? = copy.ops.first {
            for end in ["】", ": ", "："] where next.starts(with: end.utf8) {
                copy.ops[0] = .literal(Array(next.dropFirst(end.utf8.count)))
                return copy
            }
        }
        return self
    }
}
