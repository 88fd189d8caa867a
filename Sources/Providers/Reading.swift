import Core

// What all providers read from a message and from a reply.

extension Message {
    /// The text and number of an SMS. Line feeds stay, other control characters and empty texts are refused: some gateways send an empty
    /// message when the text is missing.
    func sms() throws(CallProblem) -> (to: String, text: String) {
        guard case .sms(let text) = content, case .phone(let phone) = address.reveal(for: .wire) else {
            throw CallProblem(.renderError, "not an SMS to a telephone number")
        }
        return (phone.e164, try checked(text))
    }

    func push() throws(CallProblem) -> (token: String, title: String, body: String) {
        guard case .push(let title, let body) = content, case .device(let token) = address.reveal(for: .wire) else {
            throw CallProblem(.renderError, "not a push message to a device")
        }
        return (token.text, try checked(title), try checked(body))
    }

    func mail() throws(CallProblem) -> (to: MailAddress, subject: String, text: String, html: String) {
        guard case .mail(let subject, let text, let html) = content, case .mail(let address) = address.reveal(for: .wire) else {
            throw CallProblem(.renderError, "not a mail to a mail address")
        }
        guard HeaderValue(subject) != nil else { throw CallProblem(.renderError, "the subject holds a control character") }
        return (address, try checked(subject), try checked(text), try checked(html))
    }

    private func checked(_ text: String) throws(CallProblem) -> String {
        guard !text.isEmpty else { throw CallProblem(.renderError, "the text is empty") }
        var text = text
        guard text.withUTF8(Self.isClean) else { throw CallProblem(.renderError, "the text holds a control or direction character") }
        return text
    }

    /// No control character (C0, U+007F, C1) but tabs and line ends, and no embedding or override character (U+202A to U+202E), which turn a
    /// line of text round; marks and isolates are harmless. By the bytes: a mail is thousands of them.
    private static func isClean(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count {
            if at + 8 <= bytes.count {
                let eight = bytes.eight(at: at)
                let doubtful = eight.marks(below: 0x20) | eight.marks(0x7F) | eight.marks(0xC2) | eight.marks(0xE2)
                if doubtful.isEmpty {
                    at &+= 8
                    continue
                }
                at += doubtful.first
            }
            switch bytes[at] {
            case 0x09, 0x0A, 0x0D: at += 1
            case 0x00...0x1F, 0x7F: return false
            case 0xC2 where (0x80...0x9F).contains(bytes[at + 1]): return false
            case 0xE2 where bytes[at + 1] == 0x80 && (0xAA...0xAE).contains(bytes[at + 2]): return false
            default: at += 1
            }
        }
        return true
    }

    /// Whole seconds from the plan to the end of its use, within a provider's limits. Not from now: a repeat has the same bytes.
    func lifetime(in range: ClosedRange<Int64>) -> Int64 {
        let seconds = expires.seconds - plannedAt.seconds
        return min(max(seconds, range.lowerBound), range.upperBound)
    }

    /// The collapse key, checked against the limit of both push services: 64 bytes of printable ASCII.
    func checkedCollapseKey() throws(CallProblem) -> String {
        guard !collapseKey.isEmpty, collapseKey.utf8.count <= 64, collapseKey.isVisibleASCII else {
            throw CallProblem(.renderError, "the collapse key is not 1 to 64 printable ASCII characters")
        }
        return collapseKey
    }
}

extension ProviderReply {
    var isSuccess: Bool { (200...299).contains(status) }

    /// The body as JSON, nil when it is not: how a reply is broken makes no difference to what it amounts to.
    var json: JSON? {
        do { return try JSON(parsing: body) } catch { return nil }
    }

    /// The first 4 KiB as text, for the services that answer in words. Bytes that are not UTF-8 become U+FFFD.
    var text: String { String(decoding: body.prefix(4096), as: UTF8.self) }

    /// The outcome when a reply's code is in no table.
    func unknown(_ code: String = "") -> Outcome { Outcome(unknownReply: status, code: code, retryAfter: retryAfter) }

    /// The outcome of a class that a provider's table names. Never for `accepted` and `not_sent`: no table says those.
    func outcome(
        _ class: Outcome.Class, _ code: String = "", words: String = "", scope: Outcome.ThrottleScope = .account,
        notBefore: Duration? = nil, blame: Blame = .address, since: Timestamp? = nil
    ) -> Outcome {
        let detail = OutcomeDetail(status: status, code: code, words: words, blame: blame, since: since)
        return switch `class` {
        case .transient: .transient(detail, notBefore: retryAfter ?? notBefore)
        case .throttled: .throttled(detail, notBefore: retryAfter ?? notBefore, scope: scope)
        case .badRecipient: .badRecipient(detail)
        case .badRequest: .badRequest(detail)
        case .authConfig: .authConfig(detail)
        case .ambiguous, .accepted, .notSent: .ambiguous(detail)
        }
    }

    /// 2xx, but nothing in it that proves acceptance.
    func unproven(_ words: String) -> Outcome { .ambiguous(OutcomeDetail(status: status, words: words)) }
}

extension JSON {
    /// `data.messages.0.id` as steps.
    static func steps(_ path: String) -> [String] { path.split(separator: ".").map(String.init) }

    /// The text or number at a path; a whole number as a step is an index into a list.
    func scalar(at path: [String]) -> String? {
        var here = self
        for step in path {
            if let items = here.array {
                guard let n = Int(step), items.indices.contains(n) else { return nil }
                here = items[n]
            } else {
                guard let next = here[step] else { return nil }
                here = next
            }
        }
        if case .number(let text) = here { return text }
        return here.string
    }
}

extension String {
    /// What can be kept as a provider's id of a message: 1 to 256 printable ASCII characters without spaces.
    var isReference: Bool { !isEmpty && utf8.count <= 256 && isVisibleASCII }

    /// No control character, no space, nothing beyond ASCII.
    var isVisibleASCII: Bool { isASCII(from: 0x21) && !utf8.contains(0x7F) }

    /// Whether every byte is from `first` to 0x7F.
    func isASCII(from first: UInt8 = 0) -> Bool {
        var text = self
        return text.withUTF8 { bytes in
            var at = 0
            while at + 8 <= bytes.count {
                let eight = bytes.eight(at: at)
                guard eight.isASCII, !eight.holds(below: first) else { return false }
                at += 8
            }
            return bytes[at...].allSatisfy { $0 >= first && $0 < 0x80 }
        }
    }
}

extension HTTPCall {
    /// The call with one more header at the end.
    func adding(_ name: String, _ value: String) -> ProviderCall {
        guard let value = HeaderValue(value) else { return .http(self) }
        var call = self
        call.headers.append((name, value))
        return .http(call)
    }
}

typealias HeaderList = [(name: String, value: HeaderValue)]

/// A value that cannot stand in a header is the message's fault.
func header(_ name: String, _ text: String) throws(CallProblem) -> (name: String, value: HeaderValue) {
    guard text.isASCII(), let value = HeaderValue(text) else {
        throw CallProblem(.renderError, "something else than printable ASCII in the header \(name)")
    }
    return (name, value)
}

/// Header lists are written as pairs of text.
func headers(_ pairs: [(String, String)]) throws(CallProblem) -> HeaderList {
    var list: HeaderList = []
    list.reserveCapacity(pairs.count + 1)
    for (name, text) in pairs { list.append(try header(name, text)) }
    return list
}

/// Headers of ours that are the same in every call.
func fixedHeaders(_ pairs: KeyValuePairs<String, StaticString>) -> HeaderList {
    pairs.compactMap { pair in HeaderValue(pair.value.description).map { (pair.key, $0) } }
}

let formHeaders = fixedHeaders(["content-type": "application/x-www-form-urlencoded"])
