extension JSON {
    /// The text as it stands, members in their order.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        write(into: &out, sorted: false)
        return out
    }
    /// Members sorted by the bytes of their names: two texts with the same content have the same canonical bytes.
    public var canonicalBytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        write(into: &out, sorted: true)
        return out
    }

    private func write(into out: inout [UInt8], sorted: Bool) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): out.append(contentsOf: text.utf8)
        case .string(let text): JSON.write(text, into: &out)
        case .array(let items):
            out.append(0x5B)
            for (n, item) in items.enumerated() {
                if n > 0 { out.append(0x2C) }
                item.write(into: &out, sorted: sorted)
            }
            out.append(0x5D)
        case .object(let members):
            out.append(0x7B)
            let order = sorted ? JSON.order(of: members) : nil
            for n in members.indices {
                if n > 0 { out.append(0x2C) }
                let at = order?[n] ?? n
                JSON.write(members[at].0, into: &out)
                out.append(0x3A)
                members[at].1.write(into: &out, sorted: sorted)
            }
            out.append(0x7D)
        }
    }

    /// Where the members stand, by the bytes of their names.
    private static func order(of members: [(String, JSON)]) -> [Int] {
        var order = JSONOrder(capacity: members.count)
        for n in members.indices {
            var name = members[n].0
            name.withUTF8 { order.append($0, at: n) }
        }
        return order.sort { members[$0].0 }
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
        text.withUTF8 { bytes in
            var run = 0
            for at in bytes.indices {
                let byte = bytes[at]
                guard byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F else { continue }
                out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run..<at]))
                escape(byte, into: &out)
                run = at + 1
            }
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run...]))
        }
    }

    private static func escape(_ byte: UInt8, into out: inout [UInt8]) {
        out.append(0x5C)
        switch byte {
        case 0x22, 0x5C: out.append(byte)
        case 0x0A: out.append(0x6E)
        case 0x0D: out.append(0x72)
        case 0x09: out.append(0x74)
        default:
            out.append(contentsOf: "u00".utf8)
            for nibble in [byte >> 4, byte & 15] { out.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
        }
    }
}
