/// What the internet routes to, by the special-purpose registries of IANA (RFC 6890), its IPv4 and IPv6 lists of 2024.
extension SocketAddress {
    var isPublic: Bool {
        if ip.count == 4 { return !Self.special4.contains { ip.begin(with: $0.prefix, bits: $0.bits) } }
        // A translator's address stands for an IPv4 address (NAT64, RFC 6052).
        if ip.starts(with: Self.translated) { return SocketAddress(four: Array(ip.suffix(4)), port: port).isPublic }
        return ip[0] & 0xE0 == 0x20 && !Self.special6.contains { ip.begin(with: $0.prefix, bits: $0.bits) }
    }

    private static let translated: [UInt8] = [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]

    private static let special4: [(prefix: [UInt8], bits: Int)] = [
        // This network, private, carrier NAT, loopback.
        ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8),
        // Link-local with the metadata services of clouds, private, protocol assignments, documentation.
        ([169, 254], 16), ([172, 16], 12), ([192, 0, 0], 24), ([192, 0, 2], 24),
        // 6to4 relays, private, benchmarks, documentation.
        ([192, 88, 99], 24), ([192, 168], 16), ([198, 18], 15), ([198, 51, 100], 24), ([203, 0, 113], 24),
        // Multicast, reserved, broadcast.
        ([224], 4), ([240], 4),
    ]

    /// Of 2000::/3, outside of which nothing is routed.
    private static let special6: [(prefix: [UInt8], bits: Int)] = [
        // Protocol assignments with Teredo and ORCHID, documentation, 6to4, documentation.
        ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x20, 0x02], 16), ([0x3F, 0xFF, 0x00], 20),
    ]
}

extension [UInt8] {
    fileprivate func begin(with prefix: [UInt8], bits: Int) -> Bool {
        let (whole, rest) = (bits / 8, bits % 8)
        guard self.prefix(whole).elementsEqual(prefix.prefix(whole)) else { return false }
        return rest == 0 || (self[whole] ^ prefix[whole]) >> UInt8(8 - rest) == 0
    }
}
