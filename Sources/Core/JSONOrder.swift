/// The order of an object's members in canonical JSON: by the bytes of their names. Most names differ in their first eight bytes, which are
/// compared as one number.
struct JSONOrder {
    struct Member {
        let head: UInt64
        /// Where the caller finds the member again.
        let place: Int

        init(_ name: UnsafeBufferPointer<UInt8>, at place: Int) {
            self.place = place
            guard name.count < 8 else {
                head = UInt64(bigEndian: UnsafeRawBufferPointer(name).loadUnaligned(as: UInt64.self))
                return
            }
            var bytes: UInt64 = 0
            for byte in name { bytes = bytes << 8 | UInt64(byte) }
            head = name.isEmpty ? 0 : bytes << UInt64(64 - 8 * name.count)
        }
    }

    private let members: UnsafeMutableBufferPointer<Member>
    private var count = 0

    init(_ room: UnsafeMutableBufferPointer<Member>) { members = room }

    mutating func append(_ member: Member) {
        members.initializeElement(at: count, to: member)
        count += 1
    }

    /// The members in their order.
    ///
    /// - Parameter name: asked where the first eight bytes do not tell.
    func sorted(_ name: (_ place: Int) -> String) -> UnsafeBufferPointer<Member> {
        func precedes(_ a: Member, _ b: Member) -> Bool {
            a.head == b.head ? JSONOrder.precedes(name(a.place), name(b.place)) : a.head < b.head
        }
        var members = UnsafeMutableBufferPointer(rebasing: members[..<count])
        guard count <= 32 else {
            members.sort(by: precedes)
            return UnsafeBufferPointer(members)
        }
        // Few members are in order soonest when each is moved to its place.
        for n in members.indices.dropFirst() {
            let member = members[n]
            var at = n
            while at > 0, precedes(member, members[at - 1]) {
                members[at] = members[at - 1]
                at -= 1
            }
            members[at] = member
        }
        return UnsafeBufferPointer(members)
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
