import Core

/// Reads the settings of one account and gathers every mistake; `finish` throws them together.
///
/// The reading functions return a harmless value after a mistake, so that the next one is found as well.
struct AccountReader {
    let account: AccountSettings
    var problems: [Problem]

    init(_ account: AccountSettings, keys: [SettingKey]) {
        self.account = account
        problems = account.mistakes(against: keys)
    }

    mutating func fail(_ key: String, _ words: String, hint: String? = nil) {
        problems.append(account.problem(key, words, hint: hint))
    }

    func finish() throws(Problems) {
        if !problems.isEmpty { throw Problems(problems) }
    }

    /// A text that can stand in a header and a URL path: control characters are a mistake. Empty when missing.
    mutating func text(_ key: String) -> String {
        guard let text = account.text(key) else { return "" }
        if text.isEmpty { fail(key, "is empty") }
        if HeaderValue(text) == nil { fail(key, "holds a control character") }
        return text
    }

    /// An identifier of the provider's: letters, digits and `- _ . /`.
    mutating func identifier(_ key: String, _ shape: String, limit: Int = 128, where fits: (String) -> Bool = { _ in true }) -> String {
        guard let text = account.text(key) else { return "" }
        if !Identifier.isValid(text, limit: limit) || !fits(text) { fail(key, "expected \(shape)") }
        return text
    }

    mutating func number(_ key: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        guard let number = account.number(key) else { return standard }
        if !range.contains(number) { fail(key, "expected a number from \(range.lowerBound) to \(range.upperBound)") }
        return number
    }

    /// The content of a secret file without the white space around it. The words of a mistake never quote it.
    mutating func secret(_ key: String, isSingleLine: Bool = true) -> Sensitive<String>? {
        guard let secret = account.secret(key) else { return nil }
        let raw = secret.reveal(for: .signing)
        let text = String(String.UnicodeScalarView(raw.unicodeScalars.trimmed))
        if text.isEmpty { fail(key, "the file is empty") }
        if isSingleLine, HeaderValue(text) == nil { fail(key, "the file must hold one line") }
        return Sensitive(text)
    }

    /// The real endpoint, or in capture mode the sandbox's with the same path.
    ///
    /// Plain text is refused outside the loopback interface unless the account says `allow_plain: true`: the account's secret is in it.
    mutating func endpoint(_ key: String, default standard: String? = nil, schemes: [String]) -> Endpoint {
        let nowhere = Endpoint("https://invalid")!
        guard let text = account.text(key) ?? standard else { return nowhere }
        guard let endpoint = Endpoint(text), schemes.contains(endpoint.scheme) else {
            fail(key, "expected \(schemes.map { $0 + "://" }.joined(separator: " or ")) and a host, without user info and fragment")
            return nowhere
        }
        if endpoint.scheme == "http", !endpoint.isLoopback, account.flag("allow_plain") != true {
            fail(key, "http:// sends the password in the clear", hint: "use https://, or set allow_plain: true inside a trusted network")
        }
        return captured(endpoint, key)
    }

    /// The endpoint as it is, or below the sandbox in capture mode.
    mutating func captured(_ endpoint: Endpoint, _ key: String) -> Endpoint {
        guard let override = account.endpointOverride else { return endpoint }
        let base = endpoint.scheme.hasPrefix("smtp") ? override.smtp : override.https
        guard let sandbox = Endpoint(base) else {
            fail(key, "the sandbox's URL cannot be read")
            return endpoint
        }
        return endpoint.moved(to: sandbox)
    }
}

extension String.UnicodeScalarView {
    var trimmed: SubSequence {
        guard let first = firstIndex(where: { !$0.properties.isWhitespace }), let last = lastIndex(where: { !$0.properties.isWhitespace })
        else { return self[startIndex..<startIndex] }
        return self[first...last]
    }
}

/// The `allow_plain` key, shared by the providers that may be reached inside a trusted network.
let allowPlainKey = SettingKey("allow_plain", .flag, "allow a connection without TLS to a host that is not this machine")
