/// The grammar of `JSON`: reads a text from its first byte to its last, checks all of it and lists its tokens.
struct JSONScanner {
    typealias Token = JSONTape.Token

    private let bytes: UnsafeBufferPointer<UInt8>
    private let levels: Int
    private var at = 0
    private let room: UnsafeMutableBufferPointer<Token>
    private var count = 0
    var tokens: UnsafeBufferPointer<Token> { UnsafeBufferPointer(rebasing: room[..<count]) }
    /// The object that is being read. Until its end is known, `next` of its token is the object around it, and `end` the name of the member that
    /// is being read, 0 between two of them.
    private var innermost = JSONScanner.none
    private static let none = UInt32.max

    init(_ bytes: UnsafeBufferPointer<UInt8>, levels: Int, room: UnsafeMutableBufferPointer<Token>) {
        (self.bytes, self.levels, self.room) = (bytes, levels, room)
    }

    private func fail(_ problem: String, at offset: Int? = nil, isOfMember: Bool = false) -> JSONProblem {
        JSONProblem(path: path, offset: offset ?? at, problem: problem, isOfMember: isOfMember)
    }

    /// The names of the members that are being read, from the outermost.
    private var path: String {
        var names: [String] = []
        var object = innermost
        while object != JSONScanner.none {
            let token = room[Int(object)]
            if token.end > 0 { names.append(FieldProblem.shown(JSONScanner.text(of: room[Int(token.end)], in: bytes))) }
            object = token.next
        }
        return names.reversed().joined(separator: ".")
    }

    mutating func document() throws(JSONProblem) {
        // A token counts bytes in 32 bits.
        guard bytes.count < UInt32.max else { throw fail("larger than 4 GiB") }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw fail("byte order mark before the text") }
        skipSpace()
        guard at < bytes.count else { throw fail("empty text") }
        try value(depth: 1)
        skipSpace()
        guard at == bytes.count else { throw fail("more text after the end of the value") }
    }

    private mutating func skipSpace() {
        while at < bytes.count, bytes[at] <= 0x20, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 {
            at += 1
        }
    }

    private mutating func append(_ token: Token) {
        precondition(count < room.count, "a text has more tokens than it can have")
        room.initializeElement(at: count, to: token)
        count += 1
    }
    private mutating func append(_ kind: Token.Kind, _ form: Token.Form = [], from start: Int, to end: Int) {
        append(
            Token(
                kind: kind, form: form, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
                next: UInt32(truncatingIfNeeded: count + 1)))
    }

    private mutating func value(depth: Int) throws(JSONProblem) {
        guard at < bytes.count else { throw fail("text ends where a value should be") }
        switch bytes[at] {
        case 0x22: try string()
        case 0x2D, 0x30...0x39: try number()
        case 0x7B:
            guard depth <= levels else { throw fail("nested deeper than \(levels) levels", isOfMember: true) }
            try object(depth: depth)
        case 0x5B:
            guard depth <= levels else { throw fail("nested deeper than \(levels) levels", isOfMember: true) }
            try array(depth: depth)
        case 0x74: try literal("true", .yes)
        case 0x66: try literal("false", .no)
        case 0x6E: try literal("null", .null)
        default: throw fail("not a JSON value")
        }
    }

    private mutating func literal(_ word: StaticString, _ kind: Token.Kind) throws(JSONProblem) {
        let (start, count) = (at, word.utf8CodeUnitCount)
        guard start + count <= bytes.count, (0..<count).allSatisfy({ word.utf8Start[$0] == bytes[start + $0] }) else {
            throw fail("not a JSON value")
        }
        at += count
        append(kind, from: start, to: at)
    }

    private mutating func object(depth: Int) throws(JSONProblem) {
        let (object, around) = (count, innermost)
        append(Token(kind: .object, start: UInt32(truncatingIfNeeded: at), next: around))
        innermost = UInt32(truncatingIfNeeded: object)
        at += 1
        skipSpace()
        if at < bytes.count, bytes[at] == 0x7D {
            at += 1
        } else {
            var names = JSONNames()
            repeat {
                skipSpace()
                guard at < bytes.count else { throw fail("text ends inside an object") }
                guard bytes[at] == 0x22 else { throw fail("a member name must be a string") }
                let (start, name) = (at, count)
                try string()
                room[object].end = UInt32(truncatingIfNeeded: name)
                guard names.insert(name, of: object, room, bytes) else { throw fail("the same key twice", at: start, isOfMember: true) }
                skipSpace()
                guard at < bytes.count, bytes[at] == 0x3A else { throw fail("expected ':' after a member name") }
                at += 1
                skipSpace()
                try value(depth: depth + 1)
                room[object].end = 0
                room[name].next = UInt32(truncatingIfNeeded: count)
                skipSpace()
                guard at < bytes.count else { throw fail("text ends inside an object") }
                guard bytes[at] == 0x2C || bytes[at] == 0x7D else { throw fail("expected ',' or '}' in an object") }
                at += 1
            } while bytes[at - 1] == 0x2C
        }
        room[object].end = UInt32(truncatingIfNeeded: at)
        room[object].next = UInt32(truncatingIfNeeded: count)
        innermost = around
    }

    private mutating func array(depth: Int) throws(JSONProblem) {
        let array = count
        append(.array, from: at, to: at)
        at += 1
        skipSpace()
        if at < bytes.count, bytes[at] == 0x5D {
            at += 1
        } else {
            repeat {
                skipSpace()
                try value(depth: depth + 1)
                skipSpace()
                guard at < bytes.count else { throw fail("text ends inside an array") }
                guard bytes[at] == 0x2C || bytes[at] == 0x5D else { throw fail("expected ',' or ']' in an array") }
                at += 1
            } while bytes[at - 1] == 0x2C
        }
        room[array].end = UInt32(truncatingIfNeeded: at)
        room[array].next = UInt32(truncatingIfNeeded: count)
    }

    private mutating func number() throws(JSONProblem) {
        let start = at
        if bytes[at] == 0x2D { at += 1 }
        guard at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 else { throw fail("not a number", at: start) }
        if bytes[at] == 0x30 {
            at += 1
            if at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { throw fail("a number may not begin with 0", at: start) }
        } else {
            skipDigits()
        }
        if at < bytes.count, bytes[at] == 0x2E {
            at += 1
            guard skipDigits() > 0 else { throw fail("no digit after the decimal point", at: start) }
        }
        if at < bytes.count, bytes[at] | 0x20 == 0x65 {
            at += 1
            if at < bytes.count, bytes[at] == 0x2B || bytes[at] == 0x2D { at += 1 }
            guard skipDigits() > 0 else { throw fail("no digit in the exponent", at: start) }
        }
        guard at - start <= 64 else { throw fail("a number of more than 64 characters", at: start) }
        append(.number, [.plain, .ascii], from: start, to: at)
    }

    @discardableResult
    private mutating func skipDigits() -> Int {
        let start = at
        while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
        return at - start
    }
}

// MARK: - Strings

extension JSONScanner {
    private mutating func string() throws(JSONProblem) {
        let opening = at
        var form: Token.Form = [.plain, .ascii, .canonical]
        at += 1
        while true {
            skipHarmless()
            guard at < bytes.count else { throw fail("text ends inside a string", at: opening) }
            let byte = bytes[at]
            if byte == 0x22 { break }
            if byte < 0x20 { throw fail("a control character inside a string") }
            at += 1
            if byte == 0x5C {
                form.subtract([.plain, .canonical])
                guard at < bytes.count else { throw fail("text ends inside a string", at: opening) }
                _ = try escaped()
            } else {
                form.remove(byte == 0x7F ? .canonical : .ascii)
            }
        }
        if !form.contains(.ascii) {
            let contents = UnsafeBufferPointer(rebasing: bytes[opening + 1..<at])
            do {
                _ = try UTF8Span(validating: contents.span)
            } catch {
                throw fail("bytes that are not UTF-8", at: opening)
            }
        }
        append(.string, form, from: opening + 1, to: at)
        at += 1
    }

    /// Printable ASCII but quotes and backslashes, eight bytes at a time as long as there are so many.
    private mutating func skipHarmless() {
        var place = at
        let raw = UnsafeRawBufferPointer(bytes)
        while place + 8 <= bytes.count {
            let eight = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let others = JSONScanner.others(among: eight)
            guard others == 0 else {
                at = place + others.trailingZeroBitCount / 8
                return
            }
            place += 8
        }
        while place < bytes.count, JSONScanner.others(among: UInt64(bytes[place]) | 0x2020_2020_2020_2000) == 0 { place += 1 }
        at = place
    }

    /// The highest bit of each byte below 0x20, above 0x7E, or equal to a quote or a backslash. Only the first of these bytes is sure: what is
    /// borrowed for it marks others behind it.
    private static func others(among eight: UInt64) -> UInt64 {
        func each(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }
        func equal(to byte: UInt64) -> UInt64 { (eight ^ each(byte)) &- each(1) }
        return (eight | (eight &- each(0x20)) | equal(to: 0x22) | equal(to: 0x5C) | equal(to: 0x7F)) & each(0x80)
    }

    /// What the escape behind a backslash stands for; leaves `at` behind it.
    private mutating func escaped() throws(JSONProblem) -> Unicode.Scalar {
        let scalar: Unicode.Scalar
        switch bytes[at] {
        case 0x22: scalar = "\""
        case 0x5C: scalar = "\\"
        case 0x2F: scalar = "/"
        case 0x62: scalar = "\u{08}"
        case 0x66: scalar = "\u{0C}"
        case 0x6E: scalar = "\n"
        case 0x72: scalar = "\r"
        case 0x74: scalar = "\t"
        case 0x75: scalar = try escapedScalar()
        default: throw fail("an unknown escape in a string")
        }
        at += 1
        return scalar
    }

    /// Reads `uXXXX`, or a surrogate pair of two of them; leaves `at` on the last hex digit.
    private mutating func escapedScalar() throws(JSONProblem) -> Unicode.Scalar {
        let first = try hex4()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, at + 2 < bytes.count, bytes[at + 1] == 0x5C, bytes[at + 2] == 0x75 else {
            throw fail("half of a surrogate pair")
        }
        at += 2
        let second = try hex4()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw fail("half of a surrogate pair") }
        return scalar
    }

    private mutating func hex4() throws(JSONProblem) -> UInt32 {
        guard at + 4 < bytes.count else { throw fail("text ends inside a string") }
        var value: UInt32 = 0
        for byte in bytes[at + 1...at + 4] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
            default: throw fail("not four hex digits after \\u")
            }
        }
        at += 4
        return value
    }

    /// The text of a string or number that was read.
    static func text(of token: Token, in bytes: UnsafeBufferPointer<UInt8>) -> String {
        let range = Int(token.start)..<Int(token.end)
        if token.form.contains(.plain) {
            // It was checked when it was read.
            let contents = UnsafeBufferPointer(rebasing: bytes[range])
            return String(copying: UTF8Span(unchecked: contents.span, isKnownASCII: token.form.contains(.ascii)))
        }
        var reader = JSONScanner(bytes, levels: 0, room: UnsafeMutableBufferPointer(start: nil, count: 0))
        var out: [UInt8] = []
        out.reserveCapacity(token.count)
        reader.at = range.lowerBound
        while true {
            let run = reader.at
            while reader.at < range.upperBound, bytes[reader.at] != 0x5C { reader.at += 1 }
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run..<reader.at]))
            guard reader.at < range.upperBound else { break }
            reader.at += 1
            do {
                out.append(contentsOf: try reader.escaped().utf8)
            } catch {
                preconditionFailure("a string on the tape was checked")
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
