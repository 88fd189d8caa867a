import CCurl

/// A URL that libcurl has parsed: with it a call costs no parsing. libcurl reads it until the transfer ends, so the transfer keeps it.
final class ParsedURL {
    let handle: OpaquePointer

    /// Nil for one that libcurl does not take, or not without more questions: it then says why itself, with the text.
    init?(_ text: String) {
        guard let handle = curl_url() else { return nil }
        self.handle = handle
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER)
        guard curl_url_set(handle, CURLUPART_URL, text, flags) == CURLUE_OK else { return nil }
    }
    deinit { curl_url_cleanup(handle) }
}

/// The URL most calls of an account have. Parsed when it comes a second time: where each call has its own, parsing twice would cost more.
/// Loop thread only.
final class URLMemory {
    private var text = ""
    private var parsed: ParsedURL?
    private var isRefused = false

    func parsed(_ url: String) -> ParsedURL? {
        guard url == text else {
            (text, parsed, isRefused) = (url, nil, false)
            return nil
        }
        if parsed == nil, !isRefused {
            parsed = ParsedURL(url)
            isRefused = parsed == nil
        }
        return parsed
    }
}
