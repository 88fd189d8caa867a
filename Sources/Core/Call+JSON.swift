extension ProviderCall {
    /// `json.bytes`, written in one go: most of it is the body, which needs no escaping in base64.
    public var storedBytes: [UInt8] {
        var out: [UInt8] = []
        switch self {
        case .http(let call):
            out.reserveCapacity(call.body.count * 4 / 3 + call.url.utf8.count + call.headers.count * 96 + 192)
            Self.member("{\"http\":", call.version.rawValue, into: &out)
            Self.member(",\"method\":", call.method, into: &out)
            Self.member(",\"url\":", call.url, into: &out)
            out.append(contentsOf: ",\"headers\":[".utf8)
            for (n, header) in call.headers.enumerated() {
                Self.member(n > 0 ? ",[" : "[", header.name, into: &out)
                Self.member(",", header.value.description, into: &out)
                out.append(0x5D)
            }
            out.append(contentsOf: "],\"body\":\"".utf8)
            Base64.append(call.body, to: &out)
        case .smtp(let call):
            out.reserveCapacity(call.data.count * 4 / 3 + 512)
            Self.member("{\"smtp\":", call.url, into: &out)
            Self.member(",\"from\":", call.from.text, into: &out)
            Self.member(",\"to\":", call.to.text, into: &out)
            out.append(contentsOf: ",\"data\":\"".utf8)
            Base64.append(call.data, to: &out)
        }
        out.append(contentsOf: "\"}".utf8)
        return out
    }

    private static func member(_ name: StaticString, _ text: String, into out: inout [UInt8]) {
        name.withUTF8Buffer { out.append(contentsOf: $0) }
        JSON.copy(text, into: &out)
    }

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
