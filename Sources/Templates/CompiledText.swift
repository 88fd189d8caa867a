import Core

/// One text with its `{field}` places cut out once, when the files are read: rendering only copies bytes.
struct CompiledText: Sendable {
    /// Without anything that is counted: rendering goes through hundreds of these.
    enum Op: Sendable {
        /// Where our own words stand in `bytes`, and as HTML in `html`.
        case literal(Range<Int>, html: Range<Int>)
        case field(Field)
    }
    private(set) var ops: [Op] = []
    private var bytes: [UInt8] = []
    private var html: [UInt8] = []
    let file: String
    let line: Int

    /// The fields in the order of their first mention.
    var fields: [Field] {
        var found: [Field] = []
        for case .field(let field) in ops where !found.contains(field) { found.append(field) }
        return found
    }

    /// What an unusable text is replaced by while all mistakes are gathered.
    static func empty(file: String, line: Int) -> CompiledText { CompiledText(file: file, line: line) }

    /// Our own words, without the values.
    var words: String { String(decoding: bytes, as: UTF8.self) }

    /// What is wrong with a text, and the piece of it that is.
    struct Mistake: Error {
        var problem: String
        var needle: String
        var hint: String?
    }

    private init(file: String, line: Int) { (self.file, self.line) = (file, line) }

    private mutating func add(_ literal: [UInt8]) {
        guard !literal.isEmpty else { return }
        let (start, htmlStart) = (bytes.count, html.count)
        bytes += literal
        var escaped = Writer(.html, capacity: literal.count)
        escaped.escape(literal)
        html += escaped.bytes
        ops.append(.literal(start..<bytes.count, html: htmlStart..<html.count))
    }

    /// Writes every literal in its form and asks for each value.
    func write(to out: inout Writer, value: (Field, inout Writer) throws(RenderProblem) -> Void) throws(RenderProblem) {
        for op in ops {
            switch op {
            case .literal(let plain, let escaped): if out.isHTML { out.copy(html, escaped) } else { out.copy(bytes, plain) }
            case .field(let field): try value(field, &out)
            }
        }
    }

    /// Every mistake is reported; the text is then compiled without the places that cannot be read.
    init(_ source: String, file: String, line: Int, report: (Mistake) -> Void) {
        self.init(file: file, line: line)
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
                add(literal)
                literal = []
                ops.append(.field(field))
            } else {
                let near = nearest(to: name, among: Field.allCases.map(\.rawValue))
                report(Mistake(problem: "unknown field {\(name)}", needle: "{\(name)}", hint: near.map { "did you mean {\($0)}?" }))
            }
            rest = rest[rest.index(after: end)...]
        }
        literal += rest.utf8
        add(literal)
    }

    /// The text without the sender's name in front (`【{brand}】`, `{brand}: `): some providers put a registered signature there themselves.
    var withoutSignature: CompiledText {
        var rest = ops[...]
        if case .literal(let first, _)? = rest.first, bytes[first].elementsEqual("【".utf8) { rest = rest.dropFirst() }
        guard case .field(.brand)? = rest.first, case .literal(let next, _)? = rest.dropFirst().first,
            let end = ["】", ": ", "："].first(where: { bytes[next].starts(with: $0.utf8) })
        else { return self }
        var copy = CompiledText(file: file, line: line)
        copy.add(Array(bytes[next].dropFirst(end.utf8.count)))
        for op in rest.dropFirst(2) {
            switch op {
            case .literal(let literal, _): copy.add(Array(bytes[literal]))
            case .field: copy.ops.append(op)
            }
        }
        return copy
    }
}
