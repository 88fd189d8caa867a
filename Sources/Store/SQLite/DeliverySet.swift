import Core

/// Some of the deliveries of one block of the search index: a bit for each of the 8 ids that each of its 512 notices has.
struct DeliverySet: Equatable {
    static let shift: Int64 = 12
    private static let size = 64
    private var lanes = [UInt64](repeating: 0, count: size)

    static func block(of delivery: DeliveryID) -> Int64 { delivery >> shift }
    static func place(of delivery: DeliveryID) -> Int { Int(delivery & (1 << shift - 1)) }

    var isEmpty: Bool { lanes.allSatisfy { $0 == 0 } }
    var count: Int { lanes.reduce(0) { $0 + $1.nonzeroBitCount } }

    func countShared(with other: DeliverySet) -> Int {
        lanes.indices.reduce(0) { $0 + (lanes[$1] & other.lanes[$1]).nonzeroBitCount }
    }

    mutating func insert(_ place: Int) { lanes[place >> 6] |= 1 << UInt64(place & 63) }
    mutating func formUnion(_ other: DeliverySet) { for n in lanes.indices { lanes[n] |= other.lanes[n] } }
    mutating func formIntersection(_ other: DeliverySet) { for n in lanes.indices { lanes[n] &= other.lanes[n] } }
    mutating func subtract(_ other: DeliverySet) { for n in lanes.indices { lanes[n] &= ~other.lanes[n] } }

    /// The places in it, the last first.
    var descending: [Int] {
        var places: [Int] = []
        for n in lanes.indices.reversed() {
            var lane = lanes[n]
            while lane != 0 {
                let bit = 63 - lane.leadingZeroBitCount
                places.append(n << 6 | bit)
                lane &= ~(1 << UInt64(bit))
            }
        }
        return places
    }

    // MARK: As it is stored

    init() {}

    /// Few places as a list of two bytes each, many as the bits themselves: the length says which.
    var stored: [UInt8] {
        let places = descending
        if places.count < Self.size * 4 { return places.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } }
        return lanes.flatMap { lane in (0..<8).map { UInt8(truncatingIfNeeded: lane >> UInt64($0 * 8)) } }
    }

    /// Nil for bytes of another length, or a place that is none.
    init?(stored bytes: UnsafeRawBufferPointer) {
        if bytes.count == Self.size * 8 {
            for n in lanes.indices { lanes[n] = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: n * 8, as: UInt64.self)) }
            return
        }
        guard bytes.count % 2 == 0, bytes.count < Self.size * 8 else { return nil }
        for at in stride(from: 0, to: bytes.count, by: 2) {
            let place = Int(bytes[at]) | Int(bytes[at + 1]) << 8
            guard place < 1 << Self.shift else { return nil }
            insert(place)
        }
    }
}
