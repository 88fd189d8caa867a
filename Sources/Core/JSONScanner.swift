/// The grammar of `JSON`: reads a text from its first byte to its last, checks all of it and lists its tokens.
struct JSONScanner {
    typealias Token = JSONTape.Token

    let bytes: UnsafeBufferPointer<UInt8>
    private let levels: Int
    var at = 0
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

    func fail(_ problem: String, at offset: Int? = nil, isOfMember: Bool = false) -> JSONProblem {
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
    mutating func append(_ kind: Token.Kind, _ form: Token.Form = [], from start: Int, to end: Int) {
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
        append(kind, [.plain, .ascii, .canonical], from: start, to: at)
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
        append(.number, [.plain, .ascii, .canonical], from: start, to: at)
    }

    @discardableResult
    private mutating func skipDigits() -> Int {
        let start = at
        while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
        return at - start
    }
}
