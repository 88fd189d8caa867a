extension ProviderCall {
    /// What the store keeps, sealed: everything but the account's secrets. `ProviderCall(json:)` reads it back to the same bytes.
    public var json: JSON {
        switch self {
        case .http(let call):
            .object([
                ("http", .string(call.version.rawValue)), ("method", .string(call.method)), ("url", .string(call.url)),
                ("headers", .array(call.headers.map { .array([.string($0.name), .string($0.value.description)]) })),
                ("body", .string(Base64.encode(call.body))),
            ])
        case .smtp(let call):
            .object([
                ("smtp", .string(call.url)), ("from", .string(call.from.text)), ("to", .string(call.to.text)),
                ("data", .string(Base64.encode(call.data))),
            ])
        }
    }

    public init?(json: JSON) {
        if let version = json["http"]?.string.flatMap(HTTPCall.Version.init), let method = json["method"]?.string,
            let url = json["url"]?.string,
            let headers = json["headers"]?.array, let body = json["body"]?.string.flatMap(Base64.decode)
        {
            var pairs: [(name: String, value: HeaderValue)] = []
            for header in headers {
                guard let pair = header.array, pair.count == 2, let name = pair[0].string,
                    let value = pair[1].string.flatMap({ HeaderValue($0) })
                else { return nil }
                pairs.append((name, value))
            }
            self = .http(HTTPCall(method: method, url: url, headers: pairs, body: body, version: version))
        } else if let url = json["smtp"]?.string, let from = json["from"]?.string.flatMap({ MailAddress($0) }),
            let to = json["to"]?.string.flatMap({ MailAddress($0) }), let data = json["data"]?.string.flatMap(Base64.decode)
        {
            self = .smtp(SMTPCall(url: url, from: from, to: to, data: data))
        } else {
            return nil
        }
    }
}

/// RFC 4648 base64, standard alphabet with padding and URL alphabet without.
public enum Base64 {
    private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var count = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                for shift in [18, 12, 6, 0] { out.append(standard[Int(group >> UInt32(shift) & 63)]) }
                group = 0
                count = 0
            }
        }
        if count > 0 {
            group <<= UInt32(8 * (3 - count))
            for n in 0...3 { out.append(n <= count ? standard[Int(group >> UInt32(18 - 6 * n) & 63)] : 0x3D) }
        }
        return String(decoding: out, as: UTF8.self)
    }

    public static func encodeURL(_ bytes: some Collection<UInt8>) -> String {
        String(
            String.UnicodeScalarView(encode(bytes).unicodeScalars.compactMap { $0 == "=" ? nil : $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }))
    }

    /// Nil for any character outside the standard alphabet, wrong padding or length.
    public static func decode(_ text: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        guard bytes.count % 4 == 0 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count / 4 * 3)
        var index = 0
        while index < bytes.count {
            var group: UInt32 = 0
            var padding = 0
            for n in 0..<4 {
                let byte = bytes[index + n]
                var value: UInt32 = 0
                switch byte {
                case 0x41...0x5A: value = UInt32(byte - 0x41)
                case 0x61...0x7A: value = UInt32(byte - 0x61) + 26
                case 0x30...0x39: value = UInt32(byte - 0x30) + 52
                case 0x2B: value = 62
                case 0x2F: value = 63
                case 0x3D where n >= 2 && index + 4 == bytes.count: padding += 1
                default: return nil
                }
                if padding > 0, byte != 0x3D { return nil }
                group = group << 6 | value
            }
            out.append(UInt8(group >> 16 & 255))
            if padding < 2 { out.append(UInt8(group >> 8 & 255)) }
            if padding < 1 { out.append(UInt8(group & 255)) }
            index += 4
        }
        return out
    }
}
