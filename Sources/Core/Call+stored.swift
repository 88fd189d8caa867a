/// What the store keeps of a call, sealed: everything but the account's secrets. A line of JSON, and behind it the body as it is sent.
extension ProviderCall {
    public var storedBytes: [UInt8] {
        let body = self.body
        var out: [UInt8] = []
        switch self {
        case .http(let call):
            out.reserveCapacity(body.count + call.url.utf8.count + call.headers.count * 96 + 192)
            Self.member("{\"http\":", call.version.rawValue, into: &out)
            Self.member(",\"method\":", call.method, into: &out)
            Self.member(",\"url\":", call.url, into: &out)
            out.append(contentsOf: ",\"headers\":[".utf8)
            for (n, header) in call.headers.enumerated() {
                Self.member(n > 0 ? ",[" : "[", header.name, into: &out)
                Self.member(",", header.value.description, into: &out)
                out.append(0x5D)
            }
            out.append(0x5D)
        case .smtp(let call):
            out.reserveCapacity(body.count + 512)
            Self.member("{\"smtp\":", call.url, into: &out)
            Self.member(",\"from\":", call.from.text, into: &out)
            Self.member(",\"to\":", call.to.text, into: &out)
        }
        out.append(contentsOf: "}\n".utf8)
        out.append(contentsOf: body)
        return out
    }

    private static func member(_ name: StaticString, _ text: String, into out: inout [UInt8]) {
        name.withUTF8Buffer { out.append(contentsOf: $0) }
        JSON.copy(text, into: &out)
    }

    private var body: [UInt8] {
        switch self {
        case .http(let call): call.body
        case .smtp(let call): call.data
        }
    }

    /// Reads back what `storedBytes` wrote, to the same bytes on the wire. Nil for anything else, which whoever asks has to report.
    public init?(stored bytes: [UInt8]) {
        // A line feed inside the JSON is escaped.
        guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
        let head: JSON
        do throws(JSONProblem) { head = try JSON(parsing: Array(bytes[..<end])) } catch { return nil }
        let body = Array(bytes[(end + 1)...])
        if let version = head["http"]?.string.flatMap(HTTPCall.Version.init), let method = head["method"]?.string,
            let url = head["url"]?.string, let headers = head["headers"]?.array
        {
            var pairs: [(name: String, value: HeaderValue)] = []
            for header in headers {
                guard let pair = header.array, pair.count == 2, let name = pair[0].string,
                    let value = pair[1].string.flatMap({ HeaderValue($0) })
                else { return nil }
                pairs.append((name, value))
            }
            self = .http(HTTPCall(method: method, url: url, headers: pairs, body: body, version: version))
        } else if let url = head["smtp"]?.string, let from = head["from"]?.string.flatMap({ MailAddress($0) }),
            let to = head["to"]?.string.flatMap({ MailAddress($0) })
        {
            self = .smtp(SMTPCall(url: url, from: from, to: to, data: body))
        } else {
            return nil
        }
    }
}
