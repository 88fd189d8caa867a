import Core

/// The HTML around a mail's blocks, from `templates/_shared/mail.html`: our own markup, so an editor's text cannot break it.
struct MailLayout: Sendable {
    enum Slot: String, ClosedWord {
        case lang, dir, subject, preheader, brand, greeting, heading, text, footer
        case buttonURL = "button_url"
        case buttonLabel = "button_label"
    }
    enum Section: String, CaseIterable, Sendable {
        case block, heading, button
    }
    indirect enum Op: Sendable {
        case literal([UInt8])
        case slot(Slot)
        case section(Section, [Op])
    }
    let ops: [Op]

    /// Escaped HTML for every slot.
    struct Values {
        typealias Block = (heading: [UInt8]?, text: [UInt8])
        private var slots = [[UInt8]](repeating: [], count: Slot.allCases.count)
        var blocks: [Block] = []
        var hasButton = false

        subscript(_ slot: Slot) -> [UInt8] {
            get { slots[Int(slot.ordinal)] }
            set { slots[Int(slot.ordinal)] = newValue }
        }
    }

    func render(_ values: Values) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(8192)
        Self.append(ops, values, nil, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private static func append(_ ops: [Op], _ values: Values, _ block: Values.Block?, to out: inout [UInt8]) {
        for op in ops {
            switch op {
            case .literal(let bytes): out += bytes
            case .slot(.heading): out += block?.heading ?? []
            case .slot(.text): out += block?.text ?? []
            case .slot(let slot): out += values[slot]
            case .section(.block, let inner): for block in values.blocks { append(inner, values, block, to: &out) }
            case .section(.heading, let inner): if block?.heading != nil { append(inner, values, block, to: &out) }
            case .section(.button, let inner): if values.hasButton { append(inner, values, block, to: &out) }
            }
        }
    }

    /// Largest layout: mail programs cut a message near 102 kB, and the blocks need room.
    static let maxBytes = 20000

    /// Reads the layout; every mistake is reported with its line and column.
    init(_ source: String, file: String, report: (Problem) -> Void) {
        func fail(_ problem: String, at index: String.Index, hint: String? = nil) {
            let before = source[..<index]
            let line = before.utf8.count { $0 == 0x0A } + 1
            let column = before.unicodeScalars.reversed().prefix { $0 != "\n" }.count + 1
            report(Problem(problem, file: file, line: line, column: column, hint: hint))
        }
        var stack: [(section: Section?, ops: [Op])] = [(nil, [])]
        var slots: Set<Slot> = []
        var sections: Set<Section> = []
        var at = source.startIndex
        var start = at
        func flush() {
            if start < at { stack[stack.count - 1].ops.append(.literal(Array(source[start..<at].utf8))) }
        }
        while at < source.endIndex {
            let rest = source[at...]
            if rest.hasPrefix("{{") {
                let end = rest.firstRange(of: "}}")
                let name = end.map { String(rest[source.index(at, offsetBy: 2)..<$0.lowerBound]) } ?? ""
                flush()
                if let slot = Slot(rawValue: name) {
                    stack[stack.count - 1].ops.append(.slot(slot))
                    slots.insert(slot)
                } else {
                    let near = nearest(to: name, among: Slot.allCases.map(\.rawValue))
                    fail("unknown place {{\(name)}}", at: at, hint: near.map { "did you mean {{\($0)}}?" })
                }
                at = end?.upperBound ?? source.endIndex
                start = at
            } else if let (section, isBegin, end) = Self.marker(rest) {
                flush()
                if isBegin {
                    stack.append((section, []))
                } else if stack.count > 1, stack[stack.count - 1].section == section {
                    let closed = stack.removeLast()
                    stack[stack.count - 1].ops.append(.section(section, closed.ops))
                    sections.insert(section)
                } else {
                    fail("an end without its begin: \(section.rawValue)", at: at)
                }
                at = end
                start = at
            } else if rest.hasPrefix("<!--") {
                // Comments are for whoever edits the layout; a customer's mail does without.
                flush()
                if rest.hasPrefix("<!-- begin ") || rest.hasPrefix("<!-- end ") {
                    fail("unknown section", at: at, hint: "known: " + Section.allCases.map(\.rawValue).joined(separator: ", "))
                }
                at = rest.firstRange(of: "-->")?.upperBound ?? source.endIndex
                start = at
            } else {
                for refused in ["<script", "<img", "<iframe", "<object", "<form", "http:", "https:", "javascript:", "@import", "url("]
                where rest.prefix(refused.count).lowercased() == refused {
                    fail("\(refused) is not allowed in a mail", at: at, hint: "nothing is loaded, nothing runs")
                }
                at = source.index(after: at)
            }
        }
        flush()
        if stack.count > 1 { fail("a begin without its end: \(stack.last?.section?.rawValue ?? "")", at: source.endIndex) }
        for slot in Slot.allCases where !slots.contains(slot) { report(Problem("{{\(slot.rawValue)}} is missing", file: file)) }
        for section in Section.allCases where !sections.contains(section) {
            report(
                Problem(
                    "the section \(section.rawValue) is missing", file: file,
                    hint: "<!-- begin \(section.rawValue) --> … <!-- end \(section.rawValue) -->"))
        }
        if source.utf8.count > Self.maxBytes { report(Problem("larger than \(Self.maxBytes) bytes", file: file)) }
        ops = stack[0].ops
    }

    private static func marker(_ rest: Substring) -> (Section, isBegin: Bool, end: String.Index)? {
        guard rest.hasPrefix("<!-- ") else { return nil }
        for section in Section.allCases {
            for (word, isBegin) in [("begin", true), ("end", false)] {
                let marker = "<!-- \(word) \(section.rawValue) -->"
                if rest.hasPrefix(marker) { return (section, isBegin, rest.index(rest.startIndex, offsetBy: marker.count)) }
            }
        }
        return nil
    }
}
