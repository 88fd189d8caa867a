public import Core

/// Was it taken? `GET …/Messages.json?To=…`, newest first. Source: twilio.com/docs/messaging/api/message-resource, "Read multiple Message resources".
///
/// Not narrowed by `DateSent`: a message that waits in Twilio's queue has no such date and would be missed. So the list has to be read to its
/// end, at most `Inquiry.pageLimit` pages of it, before anything is called missing. How soon a message is in the list is documented nowhere:
/// that is the account's `lookup_seconds`.
extension Twilio {
    /// A reply is read up to 64 KiB, and a message of 1,600 characters weighs some 6 KiB.
    private static let pageSize = 40
    /// Twilio's clock and ours may differ so much, and a message may come to be so long after its attempt.
    private static let skew = Duration.minutes(10)
    private static let accept = fixedHeaders(["accept": "application/json"])

    public func question(_ inquiry: Inquiry) -> ProviderCall? {
        guard guarantee.horizon != nil, let sent = Sent(inquiry.call) else { return nil }
        return list(PercentEncoding.form([("To", sent.to), ("PageSize", String(Self.pageSize))]))
    }

    private func list(_ query: [UInt8]) -> ProviderCall {
        .http(HTTPCall(method: "GET", url: "\(url)?" + String(decoding: query, as: UTF8.self), headers: Self.accept, body: []))
    }

    public func finding(in pages: [ProviderReply], to inquiry: Inquiry) -> Inquiry.Finding {
        guard let sent = Sent(inquiry.call), let last = pages.last else { return .unclear("not a message of Twilio's") }
        var ours: [Listed] = []
        for page in pages {
            guard page.status == 200, let items = page.json?["messages"]?.array else { return .unclear("no list in the reply") }
            for item in items {
                guard let listed = Listed(item) else { return .unclear("a message in the list cannot be read") }
                switch Self.kinship(of: listed, with: sent, inquiry) {
                case .same: ours.append(listed)
                case .perhaps: return .unclear("another message to the same number, which is nobody's")
                case .none: break
                }
            }
        }
        guard ours.count <= 1 else { return .unclear("more than one message with these words") }
        if let one = ours.first { return .taken(one.receipt(named: inquiry.attempt)) }
        guard let next = last.json?["next_page_uri"]?.string, !PlantedBug.readsHalfTheList.isActive else { return .notFound }
        guard pages.count < Inquiry.pageLimit else { return .unclear("the list is too long") }
        return self.next(next).map { .more($0) } ?? .unclear("the list goes on elsewhere")
    }

    private enum Kinship { case same, perhaps, none }

    /// The same only with the same recipient, sender and words, and not before the attempt. What else may be the message, altered on its way or
    /// by a clock, is a doubt.
    private static func kinship(of listed: Listed, with sent: Sent, _ inquiry: Inquiry) -> Kinship {
        guard listed.isOutbound, !inquiry.known.contains(listed.sid), listed.to == sent.to else { return .none }
        // Dates are in whole seconds.
        let isAfter = listed.created.seconds >= inquiry.sentAt.seconds
        let isSame = listed.body == sent.body || PlantedBug.findsOtherWords.isActive
        // With the same words from before: ours, if the clocks differ by more than anybody thinks.
        if isSame, listed.sender(sent.sender.name) == sent.sender.value { return isAfter ? .same : .perhaps }
        let isNear = listed.created > inquiry.sentAt - skew && listed.created < inquiry.sentAt + skew
        return isNear ? .perhaps : .none
    }

    /// `/2010-04-01/Accounts/AC…/Messages.json?…` is a path of the account's own list, or nothing.
    private func next(_ path: String) -> ProviderCall? {
        guard let mark = path.firstIndex(of: "?"), path.hasPrefix("/"), path.isVisibleASCII, path.utf8.count <= 2048,
            url.hasSuffix(path[..<mark])
        else { return nil }
        return list(Array(path[path.index(after: mark)...].utf8))
    }

    /// What was sent, read back from the form.
    private struct Sent {
        var to, body: String
        var sender: (name: String, value: String)

        init?(_ call: ProviderCall) {
            guard case .http(let http) = call, let form = FormDecoding.pairs(http.body) else { return nil }
            func field(_ name: String) -> String? { form.first { $0.0 == name }?.1 }
            guard let to = field("To"), let body = field("Body") else { return nil }
            (self.to, self.body) = (to, body)
            if let from = field("From") {
                sender = ("from", from)
            } else if let service = field("MessagingServiceSid") {
                sender = ("messaging_service_sid", service)
            } else {
                return nil
            }
        }
    }

    /// One message of the list.
    private struct Listed {
        var sid, to, body: String
        var created: Timestamp
        private let json: JSON

        init?(_ json: JSON) {
            guard let sid = json["sid"]?.string, Identifier.isValid(sid, limit: 64), let to = json["to"]?.string,
                let body = json["body"]?.string, let created = json["date_created"]?.string.flatMap({ Timestamp(mailDate: $0) })
            else { return nil }
            (self.sid, self.to, self.body, self.created, self.json) = (sid, to, body, created, json)
        }

        var isOutbound: Bool { json["direction"]?.string?.hasPrefix("outbound") ?? true }
        func sender(_ name: String) -> String? { json[name]?.string }

        /// A status that no table knows is still one of a message that is there.
        func receipt(named attempt: String) -> Receipt {
            let word = json["status"]?.string ?? ""
            let code = json["error_code"]?.integer.map(String.init) ?? ""
            let status = Twilio.statuses[word] ?? .sent
            return Receipt(
                reference: attempt, status: status, code: [word, code], messageID: sid,
                blame: status == .undelivered ? Twilio.blames[code] : nil, recipient: Sensitive(to))
        }
    }
}

extension Timestamp {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Thu, 24 Aug 2023 05:01:45 +0000` (RFC 5322 3.3), in UTC and in no other zone.
    init?(mailDate text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[0].hasSuffix(","), let month = Self.months.firstIndex(of: String(parts[2])), parts[5] == "+0000"
        else { return nil }
        func padded(_ text: some StringProtocol) -> String { text.utf8.count == 1 ? "0\(text)" : String(text) }
        self.init(rfc3339: "\(parts[3])-\(padded(String(month + 1)))-\(padded(parts[1]))T\(parts[4])Z")
    }
}
