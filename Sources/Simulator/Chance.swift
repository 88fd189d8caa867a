/// All chance of a simulated world: the same choices for the same seed. SplitMix64.
struct Chance {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0xA076_1D64_78BD_642F &+ 0xE703_7ED1_A0B4_28DB }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func below(_ n: Int) -> Int { Int(next() % UInt64(max(1, n))) }
    mutating func within(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }
    /// True once in so many times; never for 0.
    mutating func once(in n: Int) -> Bool { n > 0 && below(n) == 0 }
    mutating func percent(_ share: Int) -> Bool { below(100) < share }
    mutating func pick<Element>(_ items: [Element]) -> Element { items[below(items.count)] }
}
