/// `%41` read back (RFC 3986 2.1); in forms `+` is a space (WHATWG URL standard).
public enum PercentDecoding {
    /// Nil for what is not UTF-8, or when a `%` is not followed by two hex digits.
    public static func text(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) -> String? {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x2B where plusIsSpace: out.append(0x20)
            case 0x25:
                guard rest.count >= 2, let high = digit(rest.removeFirst()), let low = digit(rest.removeFirst()) else { return nil }
                out.append(high << 4 | low)
            default: out.append(byte)
            }
        }
        return String(validating: out, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
