import Core
import Pages

/// `POST /2010-04-01/Accounts/{AccountSid}/Messages.json`, with the errors that Twilio answers at once; and `GET`, the list of what it took.
struct Twilio: HTTPStandIn {
    static let id = StandIn.twilio
    let ledger: Ledger
    private static let prefix = "/2010-04-01/Accounts/"

    func serves(_ path: String) -> Bool { path.hasPrefix(Self.prefix) }

    func judge(_ request: Incoming) -> Verdict {
        let parts = request.path.dropFirst(Self.prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1] == "Messages.json" else {
            return .answer(Self.error(404, 20404, "The requested resource \(request.path) was not found"))
        }
        guard request.method == "POST" || request.method == "GET" else { return .answer(Self.error(405, 20004, "Method not allowed")) }
        guard let login = request.basic, !login.password.isEmpty, login.user == parts[0] || login.user.hasPrefix("SK") else {
            return .answer(Self.error(401, 20003, "Authenticate"))
        }
        let account = String(parts[0])
        guard account.hasPrefix("AC"), account.utf8.count == 34 else {
            return .answer(Self.error(404, 20404, "The requested resource \(request.path) was not found"))
        }
        guard request.method == "POST" else { return .answer(list(request.query, account: account)) }
        return message(Form(request.body), account: account, secret: login.password)
    }

    /// Newest first, in pages, by recipient and by day (UTC). What was taken is in it at once.
    private func list(_ query: Form, account: String) -> Answer {
        let size = min(max(query.filled("PageSize").flatMap { Int($0) } ?? 50, 1), 1000)
        let page = max(query.filled("Page").flatMap { Int($0) } ?? 0, 0)
        let to = query.filled("To"), from = query.filled("From")
        let rows = ledger.rows().reversed().filter { row in
            let day = row.at.written(10)
            return row.provider == .twilio && row.ids["account"] == account && (to.map { $0 == row.recipient } ?? true)
                && (from.map { $0 == row.sender } ?? true) && (query.filled("DateSent").map { $0 == day } ?? true)
                && (query.filled("DateSent>").map { $0 <= day } ?? true) && (query.filled("DateSent<").map { $0 >= day } ?? true)
        }
        let shown = rows.dropFirst(page * size).prefix(size)
        let path = "\(Self.prefix)\(account)/Messages.json"
        var next = [("PageSize", String(size)), ("Page", String(page + 1))]
        for name in ["To", "From", "DateSent", "DateSent>", "DateSent<"] {
            if let value = query.filled(name) { next.append((name, value)) }
        }
        let nextPage = path + "?" + next.map { "\(formEncoded($0.0))=\(formEncoded($0.1))" }.joined(separator: "&")
        return .json(
            200,
            [
                "messages": .array(shown.map { Self.listed($0, account: account) }), "page": .integer(page), "page_size": .integer(size),
                "next_page_uri": rows.count > (page + 1) * size ? .string(nextPage) : .null,
            ])
    }

    private static func listed(_ row: Row, account: String) -> JSON {
        let (sid, date) = (sid(row.n), mailDate(row.at))
        let service = row.sender.hasPrefix("MG")
        return [
            "sid": .string(sid), "account_sid": .string(account), "status": "sent", "to": .string(row.recipient),
            "from": service ? .null : .string(row.sender), "messaging_service_sid": service ? .string(row.sender) : .null,
            "body": .string(row.text), "date_created": .string(date), "date_sent": .string(date), "error_code": .null,
            "error_message": .null, "direction": "outbound-api", "uri": .string("\(prefix)\(account)/Messages/\(sid).json"),
        ]
    }

    private func message(_ form: Form, account: String, secret: String) -> Verdict {
        guard let to = form.filled("To") else { return .answer(Self.error(400, 21604, "A 'To' phone number is required.")) }
        guard isPhoneNumber(to) else { return .answer(Self.error(400, 21211, "The 'To' number is not a valid phone number.")) }
        guard let sender = form.filled("From") ?? form.filled("MessagingServiceSid") else {
            return .answer(Self.error(400, 21603, "A 'From' phone number is required."))
        }
        guard let text = form.filled("Body") else { return .answer(Self.error(400, 21602, "Message body is required.")) }
        guard text.unicodeScalars.count <= 1600 else {
            return .answer(Self.error(400, 21617, "The concatenated message body exceeds the 1600 character limit."))
        }
        if let seconds = form["ValidityPeriod"], !(1...36_000).contains(Int(seconds) ?? 0) {
            return .answer(Self.error(400, 21619, "ValidityPeriod is out of range."))
        }
        var row = Row(.twilio, to: to, from: sender, text: text)
        row.ids["account"] = account
        if let callback = form.filled("StatusCallback") { row.ids["callback"] = callback }
        let viaService = form.filled("From") == nil
        let told = row
        return .accept(row, receipts: { Self.receipt(told, n: $0, account: account, secret: secret, fate: $1).map { [$0] } ?? [] }) { n in
            let sid = Self.sid(n)
            return .json(
                201,
                [
                    "sid": .string(sid), "account_sid": .string(account), "status": viaService ? "accepted" : "queued", "to": .string(to),
                    "from": viaService ? .null : .string(sender), "messaging_service_sid": viaService ? .string(sender) : .null,
                    "body": .string(text), "num_segments": .string(String(Segments(text).count)), "error_code": .null,
                    "error_message": .null,
                    "direction": "outbound-api", "api_version": "2010-04-01",
                    "uri": .string("\(Self.prefix)\(account)/Messages/\(sid).json"),
                ])
        }
    }

    /// `SM` and the row's number in 32 hex digits: who has the answer can find the row.
    static func sid(_ n: Int) -> String {
        let hex = String(n, radix: 16)
        return "SM" + String(repeating: "0", count: 32 - hex.utf8.count) + hex
    }

    func refusal(_ status: Int, to request: Incoming) -> Answer {
        switch status {
        case 429: Self.error(429, 20429, "Too Many Requests")
        case 401: Self.error(401, 20003, "Authenticate")
        case 503: Self.error(503, 20503, "Service Unavailable")
        case 500...599: Self.error(status, 20500, "Internal Server Error")
        default: Self.error(status, 20001, "Refused")
        }
    }

    func gone(_ request: Incoming) -> Answer { Self.error(400, 21614, "'To' number is not a valid mobile number") }

    private static func error(_ status: Int, _ code: Int, _ message: String) -> Answer {
        .json(
            status,
            [
                "code": .integer(code), "message": .string(message), "more_info": .string("https://www.twilio.com/docs/errors/\(code)"),
                "status": .integer(status),
            ])
    }
}
