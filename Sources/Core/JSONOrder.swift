/// The order of an object's members in canonical JSON: by the bytes of their names. Most names differ in their first eight bytes, which are
/// compared as one number.
struct JSONOrder {
    private var members: [(head: UInt64, place: Int)] = []
    private var isSorted = true

    init(capacity: Int) { members.reserveCapacity(capacity) }

    /// - Parameter place: where the caller finds the member again.
    mutating func append(_ name: UnsafeBufferPointer<UInt8>, at place: Int) {
        var head: UInt64 = 0
        for n in 0..<min(name.count, 8) { head |= UInt64(name[n]) << UInt64(56 - 8 * n) }
        if let last = members.last, last.head >= head { isSorted = false }
        members.append((head, place))
    }

    /// The places in their order.
    ///
    /// - Parameter name: asked where the first eight bytes do not tell.
    mutating func sort(_ name: (_ place: Int) -> String) -> [Int] {
        if !isSorted {
            members.sort { a, b in a.head == b.head ? JSONOrder.precedes(name(a.place), name(b.place)) : a.head < b.head }
        }
        return members.map(\.place)
    }

    private static func precedes(_ a: String, _ b: String) -> Bool {
        var (a, b) = (a, b)
        return a.withUTF8 { a in
            b.withUTF8 { b in
                for n in 0..<min(a.count, b.count) where a[n] != b[n] { return a[n] < b[n] }
                return a.count < b.count
            }
        }
    }
}
