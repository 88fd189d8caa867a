import Core

/// One text with its `{field}` places and its choices cut out once, when the files are read: rendering only copies bytes.
struct CompiledText: Sendable {
    /// Without anything that is counted: rendering goes through hundreds of these.
    enum Op: Sendable {
        /// Where our own words stand in `bytes`, and as HTML in `html`.
        case literal(Range<Int>, html: Range<Int>)
        case field(Field)
        /// Its place in `choices`.
        case choice(Int)
    }
    /// A place with several wordings, of which a value takes one.
    struct Choice: Sendable {
        enum Form: Sendable { case plural, select, presence }
        struct Branch: Sendable {
            /// `=0`, a plural category, one of our own words, or `other` and `else`.
            var key: String
            var ops: [Op]
        }
        var field: Field
        var form: Form
        /// Its place among the choices of its text.
        var number: Int
        /// The last one is taken when no other is.
        var branches: [Branch]
    }
    private(set) var ops: [Op] = []
    private(set) var choices: [Choice] = []
    private var bytes: [UInt8] = []
    private var html: [UInt8] = []
    let file: String
    let line, column: Int

    /// What is wrong with a text, and the piece of it that is.
    struct Mistake: Error {
        var problem: String
        var needle: String
        var hint: String?
    }

    /// Every mistake is reported; the text is then compiled without the places that cannot be read.
    init(_ source: String, file: String, line: Int, column: Int = 0, report: (Mistake) -> Void) {
        (self.file, self.line, self.column) = (file, line, column)
        var parser = TextParser(source)
        let nodes = parser.parse()
        for mistake in parser.mistakes { report(mistake) }
        ops = compile(nodes)
    }

    private mutating func compile(_ nodes: [TextParser.Node]) -> [Op] {
        nodes.compactMap { node in
            switch node {
            case .literal(let words): return literal(Array(words.utf8))
            case .field(let field): return .field(field)
            case .choice(let field, let form, let branches):
                // Inner choices are numbered first.
                let compiled = branches.map { Choice.Branch(key: $0.key, ops: compile($0.nodes)) }
                choices.append(Choice(field: field, form: form, number: choices.count, branches: compiled))
                return .choice(choices.count - 1)
            }
        }
    }

    private mutating func literal(_ words: [UInt8]) -> Op? {
        guard !words.isEmpty else { return nil }
        let (start, htmlStart) = (bytes.count, html.count)
        bytes += words
        var escaped = Writer(.html, capacity: words.count)
        escaped.escape(words)
        html += escaped.bytes
        return .literal(start..<bytes.count, html: htmlStart..<html.count)
    }

    // MARK: What it says

    /// Every field that it mentions, in the order of their first mention.
    var fields: [Field] {
        var found: [Field] = []
        visit(ops) { if !found.contains($0) { found.append($0) } }
        return found
    }

    private func visit(_ ops: [Op], _ each: (Field) -> Void) {
        for op in ops {
            switch op {
            case .literal: break
            case .field(let field): each(field)
            case .choice(let index):
                each(choices[index].field)
                for branch in choices[index].branches { visit(branch.ops, each) }
            }
        }
    }

    /// The fields without which it cannot be rendered, and which it prints whatever it chooses.
    var surely: [Field] { surely(ops) }

    private func surely(_ ops: [Op]) -> [Field] {
        var found: [Field] = []
        func add(_ fields: [Field]) { for field in fields where !found.contains(field) { found.append(field) } }
        for op in ops {
            guard case .choice(let index) = op else {
                if case .field(let field) = op { add([field]) }
                continue
            }
            let choice = choices[index]
            let each = choice.branches.map { surely($0.ops) }
            add(each[0].filter { field in each.allSatisfy { $0.contains(field) } })
        }
        return found
    }

    /// The fields that have to be known before it can be rendered: a choice by whether a value is there needs none of it.
    var needed: [Field] {
        var found: [Field] = []
        func add(_ ops: [Op], besides known: [Field]) {
            for op in ops {
                switch op {
                case .literal: break
                case .field(let field): if !known.contains(field), !found.contains(field) { found.append(field) }
                case .choice(let index):
                    let choice = choices[index]
                    if choice.form != .presence, !known.contains(choice.field), !found.contains(choice.field) { found.append(choice.field) }
                    for branch in choice.branches {
                        add(branch.ops, besides: choice.form == .presence ? known + [choice.field] : known)
                    }
                }
            }
        }
        add(ops, besides: [])
        return found
    }

    /// Our own words, without the values.
    var words: String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Rendering

    /// Writes every literal in its form, asks for each value, and at a choice which branch is taken.
    func write(
        to out: inout Writer, value: (Field, inout Writer) throws(RenderProblem) -> Void, branch: (Choice) throws(RenderProblem) -> Int
    ) throws(RenderProblem) {
        try write(ops, to: &out, value, branch)
    }

    private func write(
        _ ops: [Op], to out: inout Writer, _ value: (Field, inout Writer) throws(RenderProblem) -> Void,
        _ branch: (Choice) throws(RenderProblem) -> Int
    ) throws(RenderProblem) {
        for op in ops {
            switch op {
            case .literal(let plain, let escaped): if out.isHTML { out.copy(html, escaped) } else { out.copy(bytes, plain) }
            case .field(let field): try value(field, &out)
            case .choice(let index):
                let choice = choices[index]
                try write(choice.branches[try branch(choice)].ops, to: &out, value, branch)
            }
        }
    }

    /// The text without the sender's name in front (`【{brand}】`, `{brand}: `): some providers put a registered signature there themselves.
    var withoutSignature: CompiledText {
        var rest = ops[...]
        if case .literal(let first, _)? = rest.first, bytes[first].elementsEqual("【".utf8) { rest = rest.dropFirst() }
        guard case .field(.brand)? = rest.first, case .literal(let next, let escaped)? = rest.dropFirst().first,
            let end = ["】", ": "].first(where: { bytes[next].starts(with: $0.utf8) })
        else { return self }
        var copy = self
        // None of these is escaped in HTML, so both begin as much later.
        let length = end.utf8.count
        copy.ops = [.literal(next.dropFirst(length), html: escaped.dropFirst(length))] + rest.dropFirst(2)
        return copy
    }
}
