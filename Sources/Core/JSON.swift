/// The one JSON path of Clarion: strict RFC 8259, and stricter. Duplicate keys, bad UTF-8, lone surrogates, a byte order mark, trailing
/// bytes, more than `maximumDepth` levels and numbers that are not plain decimals are errors with the member's path.
///
/// Numbers keep their text: nothing is rounded by being read.
public enum JSON: Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSON])
    /// Members in the order they were written; names are unique.
    case object([(String, JSON)])

    public static let maximumDepth = 16

    public static func integer(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    public subscript(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == name }?.1
    }
    public var string: String? { if case .string(let text) = self { text } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var array: [JSON]? { if case .array(let items) = self { items } else { nil } }
    public var object: [(String, JSON)]? { if case .object(let members) = self { members } else { nil } }
    public var isNull: Bool { if case .null = self { true } else { false } }
    /// The value of a number that was written as a whole number and fits in 64 bits.
    public var integer: Int64? { if case .number(let text) = self { Int64(text) } else { nil } }
}

extension JSON: Equatable {
    public static func == (a: JSON, b: JSON) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let x), .bool(let y)): x == y
        case (.number(let x), .number(let y)): x == y
        case (.string(let x), .string(let y)): x == y
        case (.array(let x), .array(let y)): x == y
        case (.object(let x), .object(let y)):
            x.count == y.count && zip(x, y).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
        default: false
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(String(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements) }
    public init(nilLiteral: ()) { self = .null }
}

/// What is wrong with some JSON text, and where.
public struct JSONProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// Dotted path of the member being read: `data.kind`, `data.details`, or empty at the top.
    public var path: String
    /// Byte offset in the input, from 0.
    public var offset: Int
    public var problem: String
    /// The text is JSON, but one member is not as it may be: twice there, or too deep. Else the text as a whole cannot be read.
    public var isOfMember = false
    public var description: String { "\(path.isEmpty ? "" : path + ": ")\(problem) (byte \(offset))" }
}

// MARK: - Reading

extension JSON {
    /// - Parameter levels: nested at most; a list of documents has one more than each of them.
    public init(parsing bytes: some Collection<UInt8>, levels: Int = maximumDepth) throws(JSONProblem) {
        let copy = Array(bytes)
        var reader = JSONReader(bytes: copy, levels: levels)
        self = try reader.document()
    }
    public init(parsing text: String) throws(JSONProblem) { try self.init(parsing: Array(text.utf8)) }
}

private struct JSONReader {
    let bytes: [UInt8]
    let levels: Int
    var at = 0
    var path: [String] = []

    init(bytes: [UInt8], levels: Int) { (self.bytes, self.levels) = (bytes, levels) }

    func fail(_ problem: String, at offset: Int? = nil, isOfMember: Bool = false) -> JSONProblem {
        JSONProblem(
            path: path.map(FieldProblem.shown).joined(separator: "."), offset: offset ?? at, problem: problem, isOfMember: isOfMember)
    }

    mutating func document() throws(JSONProblem) -> JSON {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw fail("byte order mark before the text") }
        skipSpace()
        guard at < bytes.count else { throw fail("empty text") }
        let value = try value(depth: 1)
        skipSpace()
        guard at == bytes.count else { throw fail("more text after the end of the value") }
        return value
    }

    mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 { at += 1 }
    }

    mutating func value(depth: Int) throws(JSONProblem) -> JSON {
        guard at < bytes.count else { throw fail("text ends where a value should be") }
        switch bytes[at] {
        case 0x7B:
            guard depth <= levels else { throw fail("nested deeper than \(levels) levels", isOfMember: true) }
            return try object(depth: depth)
        case 0x5B:
            guard depth <= levels else { throw fail("nested deeper than \(levels) levels", isOfMember: true) }
            return try array(depth: depth)
        case 0x22: return .string(try string())
        case 0x74: return try literal("true", .bool(true))
        case 0x66: return try literal("false", .bool(false))
        case 0x6E: return try literal("null", .null)
        case 0x2D, 0x30...0x39: return try number()
        default: throw fail("not a JSON value")
        }
    }

    mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONProblem) -> JSON {
        let count = word.utf8CodeUnitCount
        guard at + count <= bytes.count,
            word.withUTF8Buffer({ expected in (0..<count).allSatisfy { expected[$0] == bytes[at + $0] } })
        else { throw fail("not a JSON value") }
        at += count
        return value
    }

    mutating func object(depth: Int) throws(JSONProblem) -> JSON {
        at += 1
        var members: [(String, JSON)] = []
        // Most objects are small: comparing is faster than hashing.
        var names: Set<String>?
        skipSpace()
        if at < bytes.count, bytes[at] == 0x7D {
            at += 1
            return .object([])
        }
        while true {
            skipSpace()
            guard at < bytes.count else { throw fail("text ends inside an object") }
            guard bytes[at] == 0x22 else { throw fail("a member name must be a string") }
            if members.isEmpty { members.reserveCapacity(8) }
            let start = at
            let name = try string()
            path.append(name)
            if members.count == 16 { names = Set(members.map(\.0)) }
            let isNew = names?.insert(name).inserted ?? !members.contains { $0.0 == name }
            guard isNew else { throw fail("the same key twice", at: start, isOfMember: true) }
            skipSpace()
            guard at < bytes.count, bytes[at] == 0x3A else { throw fail("expected ':' after a member name") }
            at += 1
            skipSpace()
            members.append((name, try value(depth: depth + 1)))
            path.removeLast()
            skipSpace()
            guard at < bytes.count else { throw fail("text ends inside an object") }
            if bytes[at] == 0x2C {
                at += 1
                continue
            }
            guard bytes[at] == 0x7D else { throw fail("expected ',' or '}' in an object") }
            at += 1
            return .object(members)
        }
    }

    mutating func array(depth: Int) throws(JSONProblem) -> JSON {
        at += 1
        var items: [JSON] = []
        skipSpace()
        if at < bytes.count, bytes[at] == 0x5D {
            at += 1
            return .array([])
        }
        while true {
            skipSpace()
            items.append(try value(depth: depth + 1))
            skipSpace()
            guard at < bytes.count else { throw fail("text ends inside an array") }
            if bytes[at] == 0x2C {
                at += 1
                continue
            }
            guard bytes[at] == 0x5D else { throw fail("expected ',' or ']' in an array") }
            at += 1
            return .array(items)
        }
    }

    mutating func number() throws(JSONProblem) -> JSON {
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
        return .number(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    @discardableResult
    mutating func skipDigits() -> Int {
        let start = at
        while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
        return at - start
    }

    mutating func string() throws(JSONProblem) -> String {
        let start = at
        at += 1
        var run = at
        var out: [UInt8]? = nil
        while true {
            guard at < bytes.count else { throw fail("text ends inside a string", at: start) }
            let byte = bytes[at]
            if byte == 0x22 { break }
            if byte < 0x20 { throw fail("a control character inside a string") }
            guard byte == 0x5C else {
                at += 1
                continue
            }
            var built = out ?? []
            built.append(contentsOf: bytes[run..<at])
            at += 1
            guard at < bytes.count else { throw fail("text ends inside a string", at: start) }
            switch bytes[at] {
            case 0x22: built.append(0x22)
            case 0x5C: built.append(0x5C)
            case 0x2F: built.append(0x2F)
            case 0x62: built.append(0x08)
            case 0x66: built.append(0x0C)
            case 0x6E: built.append(0x0A)
            case 0x72: built.append(0x0D)
            case 0x74: built.append(0x09)
            case 0x75: built.append(contentsOf: String(Character(try escapedScalar())).utf8)
            default: throw fail("an unknown escape in a string")
            }
            at += 1
            run = at
            out = built
        }
        defer { at += 1 }
        let text: String?
        if var built = out {
            built.append(contentsOf: bytes[run..<at])
            text = String(validating: built, as: UTF8.self)
        } else {
            let plain = run..<at
            text = bytes.withUnsafeBufferPointer { String(validating: UnsafeBufferPointer(rebasing: $0[plain]), as: UTF8.self) }
        }
        guard let text else { throw fail("bytes that are not UTF-8", at: start) }
        return text
    }

    /// Reads `uXXXX`, or a surrogate pair of two of them; leaves `at` on the last hex digit.
    mutating func escapedScalar() throws(JSONProblem) -> Unicode.Scalar {
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

    mutating func hex4() throws(JSONProblem) -> UInt32 {
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
}

// MARK: - Writing

extension JSON {
    /// The text as it stands, members in their order.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        write(into: &out, sorted: false)
        return out
    }
    /// Members sorted by the bytes of their names: two texts with the same content have the same canonical bytes.
    public var canonicalBytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        write(into: &out, sorted: true)
        return out
    }

    private func write(into out: inout [UInt8], sorted: Bool) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): out.append(contentsOf: text.utf8)
        case .string(let text): JSON.write(text, into: &out)
        case .array(let items):
            out.append(0x5B)
            for (n, item) in items.enumerated() {
                if n > 0 { out.append(0x2C) }
                item.write(into: &out, sorted: sorted)
            }
            out.append(0x5D)
        case .object(let members):
            out.append(0x7B)
            let order = sorted ? JSON.order(of: members) : nil
            for n in members.indices {
                if n > 0 { out.append(0x2C) }
                let at = order?[n] ?? n
                JSON.write(members[at].0, into: &out)
                out.append(0x3A)
                members[at].1.write(into: &out, sorted: sorted)
            }
            out.append(0x7D)
        }
    }

    /// Where the members stand, by the bytes of their names; nil when they are sorted as they are.
    private static func order(of members: [(String, JSON)]) -> [Int]? {
        let isSorted = zip(members, members.dropFirst()).allSatisfy { precedes($0.0, $1.0) }
        return isSorted ? nil : members.indices.sorted { precedes(members[$0].0, members[$1].0) }
    }

    private static func precedes(_ a: String, _ b: String) -> Bool {
        var (a, b) = (a, b)
        return a.withUTF8 { a in
            b.withUTF8 { b in
                for n in 0..<min(a.count, b.count) where a[n] != b[n] { return a[n] < b[n] }
                return a.count < b.count
            }
        }
    }

    /// A text in quotes, escaped.
    public static func write(_ text: String, into out: inout [UInt8]) {
        out.append(0x22)
        writeContents(text, into: &out)
        out.append(0x22)
    }

    /// What stands between the quotes. Runs of harmless bytes are copied as they are.
    public static func writeContents(_ text: String, into out: inout [UInt8]) {
        var text = text
        text.withUTF8 { bytes in
            var run = 0
            for at in bytes.indices {
                let byte = bytes[at]
                guard byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F else { continue }
                out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run..<at]))
                escape(byte, into: &out)
                run = at + 1
            }
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run...]))
        }
    }

    private static func escape(_ byte: UInt8, into out: inout [UInt8]) {
        out.append(0x5C)
        switch byte {
        case 0x22, 0x5C: out.append(byte)
        case 0x0A: out.append(0x6E)
        case 0x0D: out.append(0x72)
        case 0x09: out.append(0x74)
        default:
            out.append(contentsOf: "u00".utf8)
            for nibble in [byte >> 4, byte & 15] { out.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
        }
    }
}
