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
        return call.moved(https: ProviderCall.cut(base.https).place, smtp: ProviderCall.cut(base.smtp).place)
    }
}

extension ProviderCall {
    fileprivate func moved(https: String, smtp: String) -> ProviderCall {
        switch self {
        case .http(var call):
            call.url = https + Self.cut(call.url).rest
            return .http(call)
        case .smtp(var call):
            call.url = smtp + Self.cut(call.url).rest
            return .smtp(call)
        }
    }

    /// `https://host:port` and what follows it, which may be long: some gateways take the text in the query.
    fileprivate static func cut(_ url: String) -> (place: String, rest: Substring) {
        let bytes = url.utf8
        guard let colon = bytes.firstIndex(of: 0x3A), url[colon...].hasPrefix("://") else { return ("", url[...]) }
        let start = url.index(colon, offsetBy: 3)
        let end = bytes[start...].firstIndex { $0 == 0x2F || $0 == 0x3F } ?? url.endIndex
        return (String(url[..<end]), url[end...])
    }
}
