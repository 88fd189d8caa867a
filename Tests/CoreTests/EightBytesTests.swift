import Core
import Testing

/// What is looked at eight bytes at a time answers as if each byte had been looked at, wherever in a text it stands.
@Suite struct EightBytesTests {
    private static func eight(_ text: [UInt8]) -> EightBytes { text.withUnsafeBufferPointer { $0.eight(at: 0) } }

    static let bytes: [UInt8] = [0x00, 0x01, 0x1F, 0x20, 0x22, 0x5C, 0x7F, 0x80, 0xE2, 0xFF]

    @Test("a byte is found at every place, and no other is", arguments: bytes)
    func finds(_ byte: UInt8) {
        for place in 0..<8 {
            for other in UInt8.min...UInt8.max {
                var text = [UInt8](repeating: other, count: 8)
                text[place] = byte
                let eight = Self.eight(text)
                #expect(eight.holds(byte))
                #expect(eight.holds(0x41) == text.contains(0x41))
                for limit in [0x20, 0x21, 0x80] as [UInt8] { #expect(eight.holds(below: limit) == text.contains { $0 < limit }) }
                #expect(eight.isASCII == text.allSatisfy { $0 < 0x80 })
                #expect(eight.marks(byte).first == text.firstIndex(of: byte))
                #expect((eight.marks(0x41) | eight.marks(below: 0x20)).first == text.firstIndex { $0 == 0x41 || $0 < 0x20 } ?? 8)
            }
        }
    }

    @Test("plain is what JSON writes as it is", arguments: 0..<20)
    func plain(_ length: Int) {
        for scalar in (0..<0x100).compactMap({ Unicode.Scalar($0) }) + ["\u{2028}", "中", "😀"] {
            for place in 0...length {
                var text = String(repeating: "a", count: place) + String(Character(scalar)) + String(repeating: "ß", count: length - place)
                var written: [UInt8] = []
                JSON.writeContents(text, into: &written)
                #expect(text.withUTF8 { JSON.isPlain($0) } == (written == Array(text.utf8)))
                var copied: [UInt8] = []
                JSON.copy(text, into: &copied)
                #expect(copied == JSON.string(text).bytes)
            }
        }
    }

    @Test("a header value is refused wherever the character stands", arguments: 0..<20)
    func header(_ length: Int) {
        let refused = Array(0..<0x20) + Array(0x7F..<0xA0) + [0x061C, 0x200E, 0x200F, 0x2066, 0x2069] + Array(0x2028..<0x202F)
        let taken = [0x20, 0x7E, 0xA0, 0x61B, 0x61D, 0x200D, 0x2010, 0x2027, 0x202F, 0x2065, 0x206A, 0x4E2D, 0x1F600]
        for place in 0...length {
            for (values, isTaken) in [(refused, false), (taken, true)] {
                for scalar in values.compactMap({ Unicode.Scalar(UInt32($0)) }) {
                    for filler in ["a", "中"] {
                        let (before, after) = (String(repeating: filler, count: place), String(repeating: filler, count: length - place))
                        let text = before + String(Character(scalar)) + after
                        #expect((HeaderValue(text) != nil) == isTaken, "U+\(String(scalar.value, radix: 16)) at \(place)")
                    }
                }
            }
        }
    }
}
