import Core
import Pages

/// `GET` or `POST /cgi-bin/sendsms`, answering in Kannel's words. Like the real one it takes an absent `text` for an empty message.
struct Kannel: HTTPStandIn {
    static let id = StandIn.kannel

    func serves(_ path: String) -> Bool { path == "/cgi-bin/sendsms" }

    func judge(_ request: Incoming) -> Verdict {
        guard request.method == "GET" || request.method == "POST" else { return .answer(.text(405, "Method not allowed")) }
        /// A parameter of the query, or its `X-Kannel-…` header in the POST form.
        func value(_ parameter: String, _ header: String) -> String? {
            request.query.filled(parameter) ?? (request.method == "POST" ? request.header("x-kannel-\(header)") : nil)
        }
        guard value("username", "username") != nil, value("password", "password") != nil else {
            return .answer(.text(403, "Authorization failed for sendsms"))
        }
        guard let to = value("to", "to") else { return .answer(.text(400, "Empty receiver number not allowed, rejected")) }
        guard to.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2B }) else {
            return .answer(.text(400, "Number(s) has/have been denied by white- and/or black-lists."))
        }
        let coding = value("coding", "coding")
        guard ["0", "1", "2", nil].contains(coding) else { return .answer(.text(400, "Coding field misformed, rejected")) }
        let callback = value("dlr-url", "dlr-url")
        if let callback, !callback.hasPrefix("http://"), !callback.hasPrefix("https://") {
            return .answer(.text(400, "DLR-URL field misformed, rejected"))
        }
        let text = request.query["text"] ?? (request.method == "POST" ? String(decoding: request.body, as: UTF8.self) : "")
        let shown = coding == "2" ? text : Segments.foldedToGSM(text)
        var row = Row(.kannel, to: to, from: value("from", "from") ?? "default", text: shown)
        if let callback { row.ids["callback"] = callback }
        if let mask = value("dlr-mask", "dlr-mask") { row.ids["dlr_mask"] = mask }
        row.at = request.now
        let told = row
        return .accept(row, receipts: { _, fate in [8, fate == .delivered ? 1 : 2].compactMap { Self.receipt(told, event: $0) } }) { _ in
            .text(202, "0: Accepted for delivery")
        }
    }

    func refusal(_ status: Int, to request: Incoming) -> Answer {
        switch status {
        case 403: .text(403, "Authorization failed for sendsms")
        case 503: .text(503, "Temporal failure, try again later.")
        default: .text(status, "Refused")
        }
    }

    func gone(_ request: Incoming) -> Answer { .text(400, "Number(s) has/have been denied by white- and/or black-lists.") }
}
