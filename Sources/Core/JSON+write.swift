extension JSON {
    /// The text as it stands, members in their order.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
    public var bytes: [UInt8] {
        var room = ByteRoom(capacity: 512)
        write(to: &room, sorted: false)
        return room.bytes
    }
    /// Members sorted by the bytes of their names: two texts with the same content have the same canonical bytes.
    public var canonicalBytes: [UInt8] {
        var room = ByteRoom(capacity: 512)
        write(to: &room, sorted: true)
        return room.bytes
    }

    private func write(to room: inout ByteRoom, sorted: Bool) {
        switch self {
        case .null: room.append(literal: "null")
        case .bool(let value): room.append(literal: value ? "true" : "false")
        case .number(let text): room.append(text)
        case .string(let text): room.quote(text)
        case .array(let items):
            room.append(0x5B)
            for n in items.indices {
                if n > 0 { room.append(0x2C) }
                items[n].write(to: &room, sorted: sorted)
            }
            room.append(0x5D)
        case .object(let members):
            room.append(0x7B)
            if sorted {
                JSON.writeSorted(members, to: &room)
            } else {
                for n in members.indices { JSON.write(members[n], isFirst: n == 0, to: &room, sorted: false) }
            }
            room.append(0x7D)
        }
    }

    private static func write(_ member: (name: String, value: JSON), isFirst: Bool, to room: inout ByteRoom, sorted: Bool) {
        if !isFirst { room.append(0x2C) }
        room.quote(member.name)
        room.append(0x3A)
        member.value.write(to: &room, sorted: sorted)
    }

    private static func writeSorted(_ members: [(String, JSON)], to room: inout ByteRoom) {
        withUnsafeTemporaryAllocation(of: JSONOrder.Member.self, capacity: members.count) { places in
            var order = JSONOrder(places)
            for n in members.indices {
                var name = members[n].0
                name.withUTF8 { order.append(JSONOrder.Member($0, at: n)) }
            }
            for (n, member) in order.sorted({ members[$0].0 }).enumerated() {
                write(members[member.place], isFirst: n == 0, to: &room, sorted: true)
            }
        }
    }

    /// A text in quotes, escaped.
    public static func write(_ text: String, into out: inout [UInt8]) {
        out.append(0x22)
        writeContents(text, into: &out)
        out.append(0x22)
    }

    /// What stands between the quotes. Runs of harmless bytes are copied as they are.
    public static func writeContents(_ text: String, into out: inout [UInt8]) {
        var text = text
        text.withUTF8 { writeContents($0, into: &out) }
    }

    static func needsEscape(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F }

    static func writeContents(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) {
        var (run, at) = (0, firstEscaped(in: bytes, from: 0))
        while at < bytes.count {
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run..<at]))
            escape(bytes[at]) { out.append($0) }
            run = at + 1
            at = firstEscaped(in: bytes, from: run)
        }
        out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run...]))
    }

    @inline(__always)
    static func escape(_ byte: UInt8, _ append: (UInt8) -> Void) {
        append(0x5C)
        switch byte {
        case 0x22, 0x5C: append(byte)
        case 0x0A: append(0x6E)
        case 0x0D: append(0x72)
        case 0x09: append(0x74)
        default:
            append(0x75)
            append(0x30)
            append(0x30)
            for nibble in [byte >> 4, byte & 15] { append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
        }
    }
}
