import Core

/// `POST /2010-04-01/Accounts/{AccountSid}/Messages.json`, with the errors that Twilio answers at once.
struct Twilio: HTTPStandIn {
    static let id = StandIn.twilio
    private static let prefix = "/2010-04-01/Accounts/"

    func serves(_ path: String) -> Bool { path.hasPrefix(Self.prefix) }

    func judge(_ request: Incoming) -> Verdict {
        let parts = request.path.dropFirst(Self.prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1] == "Messages.json" else {
            return .answer(Self.error(404, 20404, "The requested resource \(request.path) was not found"))
        }
        guard request.method == "POST" else { return .answer(Self.error(405, 20004, "Method not allowed")) }
        guard let login = request.basic, !login.password.isEmpty, login.user == parts[0] || login.user.hasPrefix("SK") else {
            return .answer(Self.error(401, 20003, "Authenticate"))
        }
        let account = String(parts[0])
        guard account.hasPrefix("AC"), account.utf8.count == 34 else {
            return .answer(Self.error(404, 20404, "The requested resource \(request.path) was not found"))
        }
        return message(Form(request.body), account: account, secret: login.password)
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
