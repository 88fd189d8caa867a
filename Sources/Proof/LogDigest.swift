import Core
import Crypto

/// 32 bytes of SHA-256, held without an allocation: a million of them are compared when a log is verified.
public struct LogDigest: Hashable, Sendable, CustomStringConvertible {
    private var words: SIMD4<UInt64>

    public static let zero = LogDigest(words: SIMD4(repeating: 0))
    private init(words: SIMD4<UInt64>) { self.words = words }

    init(_ hash: SHA256Digest) {
        words = SIMD4(repeating: 0)
        hash.withUnsafeBytes { bytes in withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) } }
    }
    /// Nil for any other number of bytes.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 32 else { return nil }
        words = SIMD4(repeating: 0)
        withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
    }
    public init?(_ bytes: [UInt8]) {
        guard let digest = bytes.withUnsafeBytes({ LogDigest($0) }) else { return nil }
        self = digest
    }
    /// 64 digits, lower case only: one digest has one text.
    public init?(hex: UnsafeRawBufferPointer) {
        guard hex.count == 64 else { return nil }
        var words = SIMD4<UInt64>(repeating: 0)
        let isHex = withUnsafeMutableBytes(of: &words) { out in
            var seen: UInt8 = 0
            for n in 0..<32 {
                let (high, low) = (LogDigest.values[Int(hex[2 * n])], LogDigest.values[Int(hex[2 * n + 1])])
                seen |= high | low
                out[n] = high << 4 | (low & 15)
            }
            return seen < 16
        }
        guard isHex else { return nil }
        self.words = words
    }
    public init?(hex: String) {
        var hex = hex
        guard let digest = hex.withUTF8({ LogDigest(hex: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = digest
    }
    /// Of each digit; 16 for what is none.
    private static let values: [UInt8] = (0..<256).map { byte in
        switch UInt8(byte) {
        case 0x30...0x39: UInt8(byte) - 0x30
        case 0x61...0x66: UInt8(byte) - 0x57
        default: 16
        }
    }

    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: words, body)
    }
    public var bytes: [UInt8] { withBytes { Array($0) } }
    public var description: String { Hex.text(bytes) }

    /// SHA-256 over the parts, one after the other.
    public static func of(_ parts: [UInt8]...) -> LogDigest {
        var hash = SHA256()
        for part in parts { part.withUnsafeBytes { hash.update(bufferPointer: $0) } }
        return LogDigest(hash.finalize())
    }
}

extension SHA256 {
    mutating func update(_ digest: LogDigest) { digest.withBytes { update(bufferPointer: $0) } }
}
