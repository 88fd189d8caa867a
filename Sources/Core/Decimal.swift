extension [UInt8] {
    /// The digits of a number, with a minus where there is one.
    public mutating func appendDecimal(_ value: Int64) {
        guard value >= 10 else {
            if value < 0 { append(contentsOf: String(value).utf8) } else { append(UInt8(0x30 + value)) }
            return
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var (rest, at) = (value, 20)
            while rest > 0 {
                at -= 1
                digits[at] = UInt8(0x30 + rest % 10)
                rest /= 10
            }
            append(contentsOf: UnsafeMutableBufferPointer(rebasing: digits[at..<20]))
        }
    }
}
