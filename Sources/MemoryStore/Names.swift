import Core

/// Row ids that say what a row belongs to, and ids that others see: 128 bits in Crockford's base32, of which one half is the row's id under a mask
/// that the other half makes.
struct Names {
    private var drawn: UInt64
    private let secret: UInt64
    init(seed: UInt64) { (drawn, secret) = (mixed(seed), mixed(seed &+ 0x5EED)) }

    static func delivery(of notice: NoticeID, on channel: Channel) -> DeliveryID { notice << 3 | Int64(channel.place) }
    static func notice(of delivery: DeliveryID) -> NoticeID { delivery >> 3 }
    static func attempt(_ number: Int, of delivery: DeliveryID) -> AttemptID { delivery << 10 | Int64(number) }
    static func delivery(of attempt: AttemptID) -> DeliveryID { attempt >> 10 }

    /// Another one each time, also after a transaction that was undone.
    mutating func next(_ prefix: String, _ id: Int64) -> String {
        drawn &+= 0x9E37_79B9_7F4A_7C15
        return name(prefix, id, salt: mixed(drawn))
    }

    func name(_ prefix: String, _ id: Int64, salt: UInt64) -> String {
        var value = UInt128(salt) << 64 | UInt128(UInt64(bitPattern: id) ^ mixed(salt &+ secret))
        var letters = [UInt8](repeating: 0, count: 26)
        for index in letters.indices.reversed() {
            letters[index] = Self.alphabet[Int(truncatingIfNeeded: value & 31)]
            value >>= 5
        }
        return prefix + String(decoding: letters, as: UTF8.self)
    }

    /// The id and the salt in a name; nil for what is no such name.
    func read(_ name: String, _ prefix: String) -> (id: Int64, salt: UInt64)? {
        guard name.utf8.count == prefix.utf8.count + 26, name.hasPrefix(prefix) else { return nil }
        var value: UInt128 = 0
        for byte in name.utf8.dropFirst(prefix.utf8.count) {
            guard let place = Self.alphabet.firstIndex(of: byte), value >> 123 == 0 else { return nil }
            value = value << 5 | UInt128(place)
        }
        let salt = UInt64(truncatingIfNeeded: value >> 64)
        return (Int64(bitPattern: UInt64(truncatingIfNeeded: value) ^ mixed(salt &+ secret)), salt)
    }

    /// 32 hex digits of both, with a border between them.
    func key(_ delivery: String, _ account: String) -> String {
        var (a, b) = (mixed(secret), mixed(secret &+ 1))
        for byte in delivery.utf8 { (a, b) = (mixed(a ^ UInt64(byte)), (b ^ UInt64(byte)) &* 0x0000_0100_0000_01B3) }
        a = mixed(a ^ 0x100)
        for byte in account.utf8 { (a, b) = (mixed(a ^ UInt64(byte)), (b ^ UInt64(byte)) &* 0x0000_0100_0000_01B3) }
        return Hex.text([a, mixed(a ^ b)].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } })
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
}

/// The finalizer of SplitMix64.
func mixed(_ number: UInt64) -> UInt64 {
    var z = number &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}

extension Channel {
    var place: Int {
        switch self {
        case .sms: 0
        case .push: 1
        case .mail: 2
        case .inApp: 3
        case .voice: 4
        }
    }
}
