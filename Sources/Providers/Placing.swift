public import Core

/// In capture mode the ports of the sandbox may be others after a restart, and a stored call is sent again after one. So a call is stored
/// with `sandbox` for the sandbox's address, digest and all, and gets the real one on its way out. In the other modes nothing is changed: a
/// repeat goes where the first went, since no other place would know its key.
extension AccountSettings {
    /// As it is stored.
    public func unplaced(_ call: ProviderCall) -> ProviderCall {
        endpointOverride == nil ? call : call.moved(https: "https://sandbox", smtp: "smtp://sandbox")
    }

    /// As it is sent.
    public func placed(_ call: ProviderCall) -> ProviderCall {
        guard let base = endpointOverride else { return call }
        func place(_ url: String) -> String { String(url[..<ProviderCall.end(ofPlaceIn: url)]) }
        return switch call {
        case .http: call.moved(https: place(base.https), smtp: "")
        case .smtp: call.moved(https: "", smtp: place(base.smtp))
        }
    }
}

extension ProviderCall {
    fileprivate func moved(https: String, smtp: String) -> ProviderCall {
        switch self {
        case .http(var call):
            call.url = https + call.url[Self.end(ofPlaceIn: call.url)...]
            return .http(call)
        case .smtp(var call):
            call.url = smtp + call.url[Self.end(ofPlaceIn: call.url)...]
            return .smtp(call)
        }
    }

    /// Where `https://host:port` ends. What follows may be long: some gateways take the text in the query.
    fileprivate static func end(ofPlaceIn url: String) -> String.Index {
        var copy = url
        let count = copy.withUTF8 { bytes in
            guard let colon = bytes.firstIndex(of: 0x3A), bytes[colon...].starts(with: "://".utf8) else { return 0 }
            return bytes[(colon + 3)...].firstIndex { $0 == 0x2F || $0 == 0x3F } ?? bytes.count
        }
        return url.utf8.index(url.startIndex, offsetBy: count)
    }
}
