/// Eight bytes of a text, looked at together. Most texts hold nothing that has to be escaped or refused, and finding that out byte by byte
/// costs more than copying them.
public struct EightBytes {
    @usableFromInline let word: UInt64

    /// - Parameter bytes: eight of them at least.
    @inlinable public init(_ bytes: UnsafeRawPointer) { word = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) }

    /// Whether a byte is below `limit`, which is 0x80 at most.
    @inlinable public func holds(below limit: UInt8) -> Bool { !marks(below: limit).isEmpty }
    @inlinable public func holds(_ byte: UInt8) -> Bool { !marks(byte).isEmpty }
    @inlinable public var isASCII: Bool { notASCII.isEmpty }

    /// Which of the eight it is. Only the first is sure: a borrow may mark what stands behind it.
    public struct Marks {
        @usableFromInline let bits: UInt64
        @inlinable init(bits: UInt64) { self.bits = bits }
        @inlinable public var isEmpty: Bool { bits == 0 }
        /// 8 if there is none.
        @inlinable public var first: Int { bits.trailingZeroBitCount >> 3 }
        @inlinable public static func | (a: Marks, b: Marks) -> Marks { Marks(bits: a.bits | b.bits) }
    }
    @inlinable public var notASCII: Marks { Marks(bits: word & Self.tops) }
    @inlinable public func marks(below limit: UInt8) -> Marks {
        Marks(bits: (word &- UInt64(limit) &* Self.ones) & ~word & Self.tops)
    }
    @inlinable public func marks(_ byte: UInt8) -> Marks {
        let other = word ^ (UInt64(byte) &* Self.ones)
        return Marks(bits: (other &- Self.ones) & ~other & Self.tops)
    }

    @inlinable static var ones: UInt64 { 0x0101_0101_0101_0101 }
    @inlinable static var tops: UInt64 { 0x8080_8080_8080_8080 }
}

extension UnsafeBufferPointer<UInt8> {
    /// The eight bytes at a place that has them.
    @inlinable public func eight(at place: Int) -> EightBytes {
        assert(place >= 0 && place + 8 <= count, "eight bytes past the end")
        return EightBytes(UnsafeRawPointer(baseAddress.unsafelyUnwrapped + place))
    }
}

extension JSON {
    /// What `write` writes: a text without anything to escape is copied as it is.
    public static func copy(_ text: String, into out: inout [UInt8]) {
        var text = text
        let isDone = text.withUTF8 { text in
            guard isPlain(text) else { return false }
            out.append(0x22)
            out.append(contentsOf: text)
            out.append(0x22)
            return true
        }
        if !isDone { write(text, into: &out) }
    }

    /// Whether a text stands in JSON as it is, with nothing to escape.
    public static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool { firstEscaped(in: text, from: 0) == text.count }

    /// Where the first byte stands that has to be escaped; the end when there is none.
    static func firstEscaped(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var at = start
        while at + 8 <= text.count {
            let eight = text.eight(at: at)
            guard !eight.holds(below: 0x20), !eight.holds(0x22), !eight.holds(0x5C), !eight.holds(0x7F) else { break }
            at += 8
        }
        while at < text.count, !needsEscape(text[at]) { at += 1 }
        return at
    }
}
