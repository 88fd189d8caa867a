/// Escaping for URLs and forms.
enum PercentEncoding {
    /// What may stand as it is, by byte; everything else is `%XX`.
    struct Table: Sendable {
        fileprivate let stands: [Bool]
        fileprivate let space: [UInt8]

        fileprivate init(keeping kept: String, space: String) {
            var stands = [Bool](repeating: false, count: 256)
            for byte in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8 { stands[Int(byte)] = true }
            for byte in kept.utf8 { stands[Int(byte)] = true }
            self.stands = stands
            self.space = Array(space.utf8)
        }
    }

    /// Everything but the unreserved characters of RFC 3986 as `%XX` of its UTF-8 bytes.
    static let queryTable = Table(keeping: "-._~", space: "%20")
    /// `application/x-www-form-urlencoded` as the WHATWG URL standard writes it: a space is `+`.
    static let formTable = Table(keeping: "*-._", space: "+")

    private static let hex = Array("0123456789ABCDEF".utf8)

    static func append(_ text: String, by table: Table, to out: inout [UInt8]) {
        var text = text
        text.withUTF8 { bytes in
            for byte in bytes {
                if table.stands[Int(byte)] {
                    out.append(byte)
                } else if byte == 0x20 {
                    out.append(contentsOf: table.space)
                } else {
                    out.append(0x25)
                    out.append(hex[Int(byte >> 4)])
                    out.append(hex[Int(byte & 15)])
                }
            }
        }
    }

    /// One component of a URL.
    static func component(_ text: String) -> String {
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
