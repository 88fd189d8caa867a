import CCurl

/// The host of a URL as libcurl reads it: a number in any notation is an address (`0x7f.1`, `0177.0.0.1`, `2130706433`), and a name is in ASCII.
enum Host: Equatable {
    /// Not looked up: checked when the socket opens.
    case address
    /// In small letters.
    case name(String, port: UInt16)
    /// What libcurl refuses, or we. It is not looked up either.
    case none

    init(_ url: String) {
        let parsed = ParsedURL(url)
        guard let text = parsed?.part(CURLUPART_HOST, CURLU_PUNYCODE),
            let port = parsed?.part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ UInt16($0) })
        else {
            self = .none
            return
        }
        if text.hasPrefix("[") || SocketAddress(ip: text, port: port) != nil {
            self = .address
        } else {
            self = Self.isName(text) ? .name(text.lowercased(), port: port) : .none
        }
    }

    /// RFC 1123 2.1, and `_`, which some use. One that begins with `-` or `+` would be an instruction in `CURLOPT_RESOLVE`, as `:` and `,` are.
    private static func isName(_ text: String) -> Bool {
        guard (1...254).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "-") else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}

extension ParsedURL {
    /// - Parameter flags: how it is to be written.
    func part(_ part: CURLUPart, _ flags: Int32) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
