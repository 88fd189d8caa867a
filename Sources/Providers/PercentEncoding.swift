/// Escaping for URLs and forms.
enum PercentEncoding {
    /// What may stand as it is, by byte; everything else is `%XX`.
    struct Table: Sendable {
        fileprivate let stands: [Bool]
        /// A space is `+`.
        fileprivate let hasPlus: Bool

        fileprivate init(keeping kept: String, hasPlus: Bool) {
            var stands = [Bool](repeating: false, count: 256)
            for byte in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8 { stands[Int(byte)] = true }
            for byte in kept.utf8 { stands[Int(byte)] = true }
            self.stands = stands
            self.hasPlus = hasPlus
        }
    }

    /// Everything but the unreserved characters of RFC 3986 as `%XX` of its UTF-8 bytes.
    static let queryTable = Table(keeping: "-._~", hasPlus: false)
    /// `application/x-www-form-urlencoded` as the WHATWG URL standard writes it.
    static let formTable = Table(keeping: "*-._", hasPlus: true)

    /// Three bytes for each at most; what is written is appended in one go.
    static func append(_ text: String, by table: Table, to out: inout [UInt8]) {
        var text = text
        text.withUTF8 { bytes in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count * 3) { room in
                let count = write(bytes, by: table, into: room)
                out.append(contentsOf: room[..<count])
            }
        }
    }

    private static func write(_ bytes: UnsafeBufferPointer<UInt8>, by table: Table, into room: UnsafeMutableBufferPointer<UInt8>) -> Int {
        func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }
        return table.stands.withUnsafeBufferPointer { stands in
            var count = 0
            for byte in bytes {
                if stands[Int(byte)] {
                    room[count] = byte
                    count += 1
                } else if byte == 0x20, table.hasPlus {
                    room[count] = 0x2B
                    count += 1
                } else {
                    room[count] = 0x25
                    room[count + 1] = digit(byte >> 4)
                    room[count + 2] = digit(byte & 15)
                    count += 3
                }
            }
            return count
        }
    }

    /// One component of a URL.
    static func component(_ text: String) -> String {
        var text = text
        let stands = text.withUTF8 { bytes in queryTable.stands.withUnsafeBufferPointer { stands in bytes.allSatisfy { stands[Int($0)] } } }
        if stands { return text }
        var out: [UInt8] = []
        append(text, by: queryTable, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// `a=1&b=2`.
    static func append(_ pairs: [(String, String)], by table: Table, to out: inout [UInt8]) {
        out.reserveCapacity(out.count + pairs.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count * 3 / 2 + 2 })
        for (n, pair) in pairs.enumerated() {
            if n > 0 { out.append(0x26) }
            append(pair.0, by: table, to: &out)
            out.append(0x3D)
            append(pair.1, by: table, to: &out)
        }
    }

    /// The query of a URL.
    static func query(_ pairs: [(String, String)]) -> String {
        var out: [UInt8] = []
        append(pairs, by: queryTable, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// The body of a form.
    static func form(_ pairs: [(String, String)]) -> [UInt8] {
        var out: [UInt8] = []
        append(pairs, by: formTable, to: &out)
        return out
    }
}
