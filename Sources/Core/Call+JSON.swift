extension ProviderCall {
    /// `json.bytes`, written in one go: most of it is the body, which needs no escaping in base64.
    public var storedBytes: [UInt8] {
        var out: [UInt8] = []
        func member(_ name: StaticString, _ text: String) {
            name.withUTF8Buffer { out.append(contentsOf: $0) }
            var text = text
            let isDone = text.withUTF8 { text in
                guard JSON.isPlain(text) else { return false }
                out.append(0x22)
                out.append(contentsOf: text)
                out.append(0x22)
                return true
            }
            if !isDone { JSON.write(text, into: &out) }
        }
        switch self {
        case .http(let call):
            out.reserveCapacity(call.body.count * 4 / 3 + call.url.utf8.count + call.headers.count * 96 + 192)
            member("{\"http\":", call.version.rawValue)
            member(",\"method\":", call.method)
            member(",\"url\":", call.url)
            out.append(contentsOf: ",\"headers\":[".utf8)
            for (n, header) in call.headers.enumerated() {
                member(n > 0 ? ",[" : "[", header.name)
                member(",", header.value.description)
                out.append(0x5D)
            }
            out.append(contentsOf: "],\"body\":\"".utf8)
            Base64.append(call.body, to: &out)
        case .smtp(let call):
            out.reserveCapacity(call.data.count * 4 / 3 + 512)
            member("{\"smtp\":", call.url)
            member(",\"from\":", call.from.text)
            member(",\"to\":", call.to.text)
            out.append(contentsOf: ",\"data\":\"".utf8)
            Base64.append(call.data, to: &out)
        }
        out.append(contentsOf: "\"}".utf8)
        return out
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
