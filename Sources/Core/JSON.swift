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
