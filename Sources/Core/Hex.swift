public enum Hex {
    /// Bytes as lower-case digits, two for each.
    public static func text(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { out in
            for (n, byte) in bytes.enumerated() {
                out[n * 2] = digit(byte >> 4)
                out[n * 2 + 1] = digit(byte & 15)
            }
            return bytes.count * 2
        }
    }
    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
}
