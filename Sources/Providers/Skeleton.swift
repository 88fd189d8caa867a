import Core

/// A body, query or header with holes, made once when the account is read: what is fixed is escaped then, what fills a hole while it is
/// copied. Escaping works byte by byte, so that the parts escaped one by one are the whole escaped.
struct Skeleton: Sendable {
    enum Hole: String, Sendable { case to, text, key, sender, reference, receiptURL = "receipt_url" }
    enum Escaping: Sendable {
        case json, form, query, none

        /// Bytes that one byte of text usually takes at most.
        var widest: Int {
            switch self {
            case .json, .none: 1
            case .form, .query: 3
            }
        }

        func append(_ text: String, to out: inout [UInt8]) {
            switch self {
            case .json:
                var text = text
                let isDone = text.withUTF8 { text in
                    guard JSON.isPlain(text) else { return false }
                    out.append(contentsOf: text)
                    return true
                }
                if !isDone { JSON.writeContents(text, into: &out) }
            case .form: PercentEncoding.append(text, by: PercentEncoding.formTable, to: &out)
            case .query: PercentEncoding.append(text, by: PercentEncoding.queryTable, to: &out)
            case .none: out.append(contentsOf: text.utf8)
            }
        }
    }
    private enum Piece: Sendable {
        case fixed([UInt8])
        case hole(Hole)
    }
    /// What one message puts into the holes.
    struct Values {
        var to, text, key, sender, reference: String
        var receiptURL = ""

        subscript(_ hole: Hole) -> String {
            switch hole {
            case .to: to
            case .text: text
            case .key: key
            case .sender: sender
            case .reference: reference
            case .receiptURL: receiptURL
            }
        }
    }

    private let escaping: Escaping
    private var pieces: [Piece] = []
    private var fixedCount = 0
    private var holes: Int { pieces.count }

    init(_ escaping: Escaping) { self.escaping = escaping }

    /// A JSON object, form or query of these fields, in their order.
    init(_ fields: [(String, String)], _ escaping: Escaping) {
        self.init(escaping)
        let isJSON = escaping == .json
        if isJSON { addRaw("{") }
        for (n, field) in fields.enumerated() {
            if n > 0 { addRaw(isJSON ? "," : "&") }
            if isJSON { addRaw("\"") }
            addFixed(field.0[...])
            addRaw(isJSON ? "\":\"" : "=")
            add(pattern: field.1)
            if isJSON { addRaw("\"") }
        }
        if isJSON { addRaw("}") }
    }

    /// A text with `{name}` in it; a name that is no hole's stays as it is.
    mutating func add(pattern: String) {
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            if let hole = Hole(rawValue: String(rest[rest.index(after: open)..<close])) {
                addFixed(rest[..<open])
                pieces.append(.hole(hole))
            } else {
                addFixed(rest[...close])
            }
            rest = rest[rest.index(after: close)...]
        }
        addFixed(rest)
    }

    private mutating func addFixed(_ text: Substring) {
        var bytes: [UInt8] = []
        escaping.append(String(text), to: &bytes)
        add(bytes)
    }
    private mutating func addRaw(_ text: StaticString) { add(Array(text.description.utf8)) }

    private mutating func add(_ bytes: [UInt8]) {
        fixedCount += bytes.count
        if case .fixed(let before)? = pieces.last {
            pieces[pieces.count - 1] = .fixed(before + bytes)
        } else {
            pieces.append(.fixed(bytes))
        }
    }

    /// Fills the holes, in one pass: a value that looks like a hole stays as it is.
    func append(to out: inout [UInt8], _ values: Values) {
        out.reserveCapacity(out.count + fixedCount + holes * 64 + values.text.utf8.count * escaping.widest)
        for piece in pieces {
            switch piece {
            case .fixed(let bytes): out.append(contentsOf: bytes)
            case .hole(let hole): escaping.append(values[hole], to: &out)
            }
        }
    }

    func filled(_ values: Values) -> [UInt8] {
        var out: [UInt8] = []
        append(to: &out, values)
        return out
    }

    /// The same as a text. One hole and nothing else, unescaped, is the value itself.
    func text(_ values: Values) -> String {
        if pieces.count == 1, case .hole(let hole)? = pieces.first, case .none = escaping { return values[hole] }
        return String(decoding: filled(values), as: UTF8.self)
    }
}
