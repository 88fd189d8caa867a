/// Escaping for URLs and forms.
enum PercentEncoding {
    private static let hex = Array("0123456789ABCDEF".utf8)

    /// Everything but the unreserved characters of RFC 3986 as `%XX` of its UTF-8 bytes.
    static func component(_ text: String) -> String {
        String(decoding: encode(text, keeping: "-._~", space: nil), as: UTF8.self)
    }

    /// `a=1&b=2` for a URL's query.
    static func query(_ pairs: [(String, String)]) -> String {
        pairs.map { component($0) + "=" + component($1) }.joined(separator: "&")
    }

    /// `application/x-www-form-urlencoded` as the WHATWG URL standard writes it: a space is `+`.
    static func form(_ pairs: [(String, String)]) -> [UInt8] {
        Array(
            pairs.map { encode($0, keeping: "*-._", space: 0x2B) + [0x3D] + encode($1, keeping: "*-._", space: 0x2B) }.joined(separator: [
                0x26
            ]))
    }

    private static func encode(_ text: String, keeping: String, space: UInt8?) -> [UInt8] {
        let kept = Array(keeping.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: out.append(byte)
            case 0x20 where space != nil: out.append(space!)
            case _ where kept.contains(byte): out.append(byte)
            default:
                out.append(0x25)
                out.append(hex[Int(byte >> 4)])
                out.append(hex[Int(byte & 15)])
            }
        }
        return out
    }
}
