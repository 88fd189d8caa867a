import Glibc

/// A block of IP addresses: `203.0.113.0/24`, `2001:db8::/32`, or one address. IPv4 inside IPv6 (`::ffff:a.b.c.d`) is the IPv4 address it stands for.
public struct Network: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes, zero behind the prefix.
    private let bytes: [UInt8]
    private let prefix: Int
    public let description: String

    /// Nil for names, for a prefix that is too long, and for bits behind it.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = Self.bytes(of: String(parts[0])) else { return nil }
        var prefix = bytes.count * 8
        if parts.count == 2 {
            guard let written = Int(parts[1]), String(written) == parts[1], (0...prefix).contains(written) else { return nil }
            prefix = written
        }
        guard bytes == Self.cut(bytes, to: prefix) else { return nil }
        (self.bytes, self.prefix, description) = (bytes, prefix, text)
    }

    /// - Parameter address: without brackets and port; what is no address is in no network.
    public func contains(_ address: String) -> Bool {
        guard let other = Self.bytes(of: address), other.count == bytes.count else { return false }
        return Self.cut(other, to: prefix) == bytes
    }

    private static func cut(_ bytes: [UInt8], to prefix: Int) -> [UInt8] {
        bytes.enumerated().map { place, byte in
            let kept = min(8, max(0, prefix - place * 8))
            return byte & ~UInt8(truncatingIfNeeded: 0xFF >> kept)
        }
    }

    /// In the usual notation only: no octal, no single number.
    private static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: &six) { Array($0) }
        return bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) ? Array(bytes.suffix(4)) : bytes
    }
}
