/// An enum of our own words: no payload, two cases at least. Two of them are compared, and one is hashed, by its place among the cases.
///
/// Left alone, Swift compares and hashes an enum with raw values by its letters: a comparison of strings in every rule, a hash of a string in
/// every table.
public protocol ClosedWord: RawRepresentable, Hashable, CaseIterable, Sendable where RawValue == String {}

extension ClosedWord {
    /// The place among the cases, in the order they are declared in.
    @inlinable public var ordinal: UInt8 { unsafeBitCast(self, to: UInt8.self) }
    @inlinable public static func == (a: Self, b: Self) -> Bool { a.ordinal == b.ordinal }
    @inlinable public static func != (a: Self, b: Self) -> Bool { a.ordinal != b.ordinal }
    @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(ordinal) }
}
