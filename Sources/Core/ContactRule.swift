/// What a name has no place for: a telephone number, a mail address, a link or a token. A bank's name comes from outside and goes into texts, where each of these
/// would be somebody's secret, or a way to lure the reader away.
enum ContactRule {
    /// Whether a name is nothing else. Bytes, since every event has one: what is not ASCII is part of no such thing.
    static func isClean(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in
            var (digits, run, runHasDigit) = (0, 0, false)
            for (n, byte) in bytes.enumerated() {
                let next = n + 1 < bytes.count ? bytes[n + 1] : 0
                switch byte {
                case 0x30...0x39:
                    digits += 1
                    (run, runHasDigit) = (run + 1, true)
                case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D:
                    // A hyphen may stand between the groups of a number, a letter may not.
                    if byte != 0x2D { digits = 0 }
                    run += 1
                case 0x20, 0x28, 0x29, 0x2B, 0x2F: (run, runHasDigit) = (0, false)
                case 0x2E:
                    if n > 0, isWord(bytes[n - 1]), isLetter(next), n + 2 < bytes.count, isLetter(bytes[n + 2]) { return false }
                    (run, runHasDigit) = (0, false)
                case 0x40: if n > 0, isWord(bytes[n - 1]), isWord(next) { return false }
                case 0x3A: if next == 0x2F { return false }
                default: (digits, run, runHasDigit) = (0, 0, false)
                }
                if digits >= mostDigits || runHasDigit && run >= longestWord { return false }
            }
            return true
        }
    }

    /// The shortest telephone number that is anybody's own.
    private static let mostDigits = 7
    /// Longer words with a digit in them are keys.
    private static let longestWord = 24

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    private static func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || (0x30...0x39).contains(byte) || byte == 0x5F || byte == 0x2D }
}
