import Core

/// Row ids that say what a row belongs to: a notice has one delivery on a channel and a delivery one attempt of a number because they have one
/// id, and those of a notice or delivery stand beside each other. Without an index of its own.
enum RowID {
    static func delivery(of notice: NoticeID, on channel: Channel) -> DeliveryID { notice << 3 | Int64(place(of: channel)) }
    static func notice(of delivery: DeliveryID) -> NoticeID { delivery >> 3 }

    static func attempt(_ number: Int, of delivery: DeliveryID) -> AttemptID {
        precondition((1..<1024).contains(number), "more attempts than a delivery can have")
        return delivery << 10 | Int64(number)
    }
    static func delivery(of attempt: AttemptID) -> DeliveryID { attempt >> 10 }
    static func number(of attempt: AttemptID) -> Int { Int(attempt & 1023) }
    static func attempts(of delivery: DeliveryID) -> (first: AttemptID, last: AttemptID) { (delivery << 10, delivery << 10 | 1023) }

    /// Stored for ever: never changed, never used again.
    private static func place(of channel: Channel) -> Int {
        switch channel {
        case .sms: 0
        case .push: 1
        case .mail: 2
        case .inApp: 3
        case .voice: 4
        }
    }
}

/// Ids that others see: 128 bits as 26 characters of Crockford base32 behind a prefix, `dlv_…`. Half of them are random and stored with the
/// row, the other half is the row's id under a mask: no index is needed to find the row, and nobody can guess an id or count rows by it.
struct PublicNames: Sendable {
    /// Of the lookup key: without it the ids of two rows show no order.
    private let secret: UInt64
    init(_ key: LookupKey) { secret = key.hash([], for: .names, count: 8).reduce(0) { $0 << 8 | UInt64($1) } }

    func name(_ prefix: StaticString, _ id: Int64, salt: Int64) -> String {
        Text.crockford(prefix, high: UInt64(bitPattern: salt), low: UInt64(bitPattern: id) ^ mask(salt))
    }

    /// Nil for what is no such name. Whether there is a row with this id and salt is the caller's to find out.
    func read(_ name: String, _ prefix: StaticString) -> (id: Int64, salt: Int64)? {
        guard let (high, low) = Text.uncrockford(name, prefix) else { return nil }
        let salt = Int64(bitPattern: high)
        return (Int64(bitPattern: low ^ mask(salt)), salt)
    }

    /// The finalizer of SplitMix64 over salt and secret.
    private func mask(_ salt: Int64) -> UInt64 {
        var z = UInt64(bitPattern: salt) &+ secret
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
