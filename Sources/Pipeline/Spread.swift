/// Chance that a replay repeats: made of what it is about, not drawn.
enum Spread {
    /// splitmix64.
    static func mix(_ salt: UInt64, _ number: UInt64) -> UInt64 {
        var mixed = salt &+ number &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
