/// JSON text as a flat list of its tokens in their order, read and checked once by `JSONScanner`. `JSON` is built from it; who needs a few of
/// many values reads them from here and builds nothing else.
///
/// The text stays where it is, and so does the list: a tape is good only inside `read`.
struct JSONTape {
    struct Token {
        enum Kind: UInt8 { case null, yes, no, number, string, array, object }

        /// What is known of the bytes of a token that is no list and no object.
        struct Form: OptionSet {
            let rawValue: UInt8
            /// No escapes: the bytes are the text.
            static let plain = Form(rawValue: 1)
            static let ascii = Form(rawValue: 2)
            /// The bytes are what `JSON.write` makes of the text.
            static let canonical = Form(rawValue: 4)
        }

        var kind: Kind
        var form: Form = []
        /// Its bytes; of a string those between the quotes.
        var start: UInt32
        var end: UInt32 = 0
        /// The token behind it and all that is in it; of a name, behind its value.
        var next: UInt32

        var count: Int { Int(end - start) }
    }

    let bytes: UnsafeBufferPointer<UInt8>
    let tokens: UnsafeBufferPointer<Token>

    /// What `work` makes of the tape of a text.
    static func read<Made>(_ bytes: UnsafeBufferPointer<UInt8>, levels: Int = JSON.maximumDepth, _ work: (JSONTape) -> Made)
        throws(JSONProblem) -> Made
    {
        // Between two tokens stands a byte at least, but for the brackets that open.
        let made = withUnsafeTemporaryAllocation(of: Token.self, capacity: bytes.count / 2 + levels + 2) {
            room -> Result<Made, JSONProblem> in
            var scanner = JSONScanner(bytes, levels: levels, room: room)
            do throws(JSONProblem) { try scanner.document() } catch { return .failure(error) }
            return .success(work(JSONTape(bytes: bytes, tokens: scanner.tokens)))
        }
        return try made.get()
    }

    func isObject(_ token: Int) -> Bool { tokens[token].kind == .object }

    /// The token behind this one and all that is in it; of a member, found by its name, the next name.
    func next(after token: Int) -> Int { Int(tokens[token].next) }

    /// The bytes of a token as they were sent; of a string those between the quotes.
    func slice(_ token: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[Int(tokens[token].start)..<Int(tokens[token].end)])
    }

    /// The value of a member; nil where there is none.
    ///
    /// - Parameter name: small letters and `_`: no text of other bytes is equal to such a one.
    func member(_ name: StaticString, of object: Int) -> Int? {
        guard isObject(object) else { return nil }
        let end = next(after: object)
        var at = object + 1
        while at < end {
            if isName(tokens[at], name) { return at + 1 }
            at = next(after: at)
        }
        return nil
    }

    private func isName(_ token: Token, _ name: StaticString) -> Bool {
        guard token.form.contains(.plain) else { return text(of: token) == name.description }
        guard token.count == name.utf8CodeUnitCount else { return false }
        let start = Int(token.start)
        for at in 0..<token.count where bytes[start + at] != name.utf8Start[at] { return false }
        return true
    }

    /// The text of a string or a number.
    func text(_ token: Int) -> String { text(of: tokens[token]) }
    private func text(of token: Token) -> String { JSONScanner.text(of: token, in: bytes) }

    /// The value of a number that was written as a whole number and fits in 64 bits.
    func integer(_ token: Int) -> Int64? {
        guard tokens[token].kind == .number else { return nil }
        let digits = slice(token)
        // Most are short: what cannot overflow is added up here.
        guard digits.count <= 18, digits[0] != 0x2D else { return Int64(text(token)) }
        var value: Int64 = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value
    }
}

extension JSON {
    /// The value at a place of a tape.
    init(_ tape: JSONTape, at token: Int = 0) {
        switch tape.tokens[token].kind {
        case .null: self = .null
        case .yes: self = .bool(true)
        case .no: self = .bool(false)
        case .number: self = .number(tape.text(token))
        case .string: self = .string(tape.text(token))
        case .array:
            let (end, count) = JSON.extent(of: token, in: tape)
            var items: [JSON] = []
            items.reserveCapacity(count)
            var at = token + 1
            while at < end {
                items.append(JSON(tape, at: at))
                at = tape.next(after: at)
            }
            self = .array(items)
        case .object:
            let (end, count) = JSON.extent(of: token, in: tape)
            var members: [(String, JSON)] = []
            members.reserveCapacity(count)
            var at = token + 1
            while at < end {
                members.append((tape.text(at), JSON(tape, at: at + 1)))
                at = tape.next(after: at)
            }
            self = .object(members)
        }
    }

    /// Where a list or an object ends, and how many items or members it has.
    private static func extent(of token: Int, in tape: JSONTape) -> (end: Int, count: Int) {
        let end = tape.next(after: token)
        var (at, count) = (token + 1, 0)
        while at < end {
            count += 1
            at = tape.next(after: at)
        }
        return (end, count)
    }

    /// - Parameter levels: nested at most; a list of documents has one more than each of them.
    public init(parsing bytes: [UInt8], levels: Int = maximumDepth) throws(JSONProblem) {
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONProblem) -> JSON in
            try JSONTape.read(bytes, levels: levels) { JSON($0) }
        }
    }
    public init(parsing bytes: some Collection<UInt8>, levels: Int = maximumDepth) throws(JSONProblem) {
        try self.init(parsing: Array(bytes), levels: levels)
    }
    public init(parsing text: String) throws(JSONProblem) { try self.init(parsing: Array(text.utf8)) }
}
