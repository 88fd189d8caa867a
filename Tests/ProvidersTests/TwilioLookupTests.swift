import Core
import Providers
import Testing

/// Was it taken? What Twilio's list of messages proves, and what it leaves in doubt.
@Suite struct TwilioLookupTests {
    /// 2023-11-14T22:13:20Z.
    private static let sentAt = Sample.planted

    private func inquiry(_ twilio: any Provider, known: Set<String> = []) throws -> Inquiry {
        let call = try twilio.call(for: Sample.message(.sms, text: "A withdrawal & more."), key: Sample.key)
        return Inquiry(attempt: "att_01J9ZK", call: call, sentAt: Self.sentAt, known: known)
    }

    private func item(_ changes: [(String, JSON)] = []) -> JSON {
        let item: JSON = [
            "sid": "SM1", "to": "+15558675310", "from": "+15017122661", "messaging_service_sid": .null, "body": "A withdrawal & more.",
            "status": "queued", "error_code": .null, "direction": "outbound-api", "date_created": "Tue, 14 Nov 2023 22:13:20 +0000",
        ]
        return .object((item.object ?? []).map { name, value in (name, changes.first { $0.0 == name }?.1 ?? value) })
    }

    private func page(_ items: [JSON], next: JSON = .null) -> ProviderReply {
        Sample.json(200, (["messages": .array(items), "next_page_uri": next] as JSON).text)
    }

    @Test("the list of the number, without the secret, and not by day") func question() throws {
        let twilio = try Sample.make(Twilio.self)
        let call = try #require(twilio.question(try inquiry(twilio))?.http)
        #expect(call.method == "GET" && call.body.isEmpty)
        #expect(
            call.url
                == "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json?To=%2B15558675310&PageSize=40"
        )
        #expect(call.header("authorization") == nil)
        #expect(twilio.guarantee == .queryable(horizon: .seconds(120)) && !twilio.guarantee.mayRepeat)
        let blind = try Sample.make(Twilio.self, changing: ["lookup_seconds": .number(0)])
        #expect(blind.guarantee == .blind)
        #expect(blind.question(try inquiry(blind)) == nil)
        for seconds in [-1, 1, 29, 3601] {
            #expect(throws: Problems.self) { try Sample.make(Twilio.self, changing: ["lookup_seconds": .number(seconds)]) }
        }
    }

    @Test(
        "it is there, and what became of it",
        arguments: [
            ("queued", JSON.null, ReceiptStatus.sent), ("delivered", .null, .delivered), ("undelivered", 30001, .undelivered),
            ("teleported", .null, .sent),
        ])
    func found(word: String, code: JSON, status: ReceiptStatus) throws {
        let twilio = try Sample.make(Twilio.self)
        let old = item([("sid", "SM0"), ("body", "older"), ("date_created", "Tue, 14 Nov 2023 20:13:20 +0000")])
        let finding = twilio.finding(in: [page([item([("status", .string(word)), ("error_code", code)]), old])], to: try inquiry(twilio))
        guard case .taken(let receipt) = finding else {
            Issue.record("\(finding)")
            return
        }
        #expect(receipt.reference == "att_01J9ZK" && receipt.status == status && receipt.messageID == "SM1")
        #expect(receipt.blame == (status == .undelivered ? .route : nil))
    }

    @Test("a messaging service's message is found by the service") func service() throws {
        let twilio = try Sample.make(Twilio.self, changing: ["from": nil, "messaging_service_sid": .text("MG01")])
        let listed = item([("from", .null), ("messaging_service_sid", "MG01")])
        guard case .taken = twilio.finding(in: [page([listed])], to: try inquiry(twilio)) else {
            Issue.record("not found")
            return
        }
        #expect(twilio.finding(in: [page([item()])], to: try inquiry(twilio)).isUnclear)
    }

    @Test("it is not there: nothing is, or only what is another's, or long before") func missing() throws {
        let twilio = try Sample.make(Twilio.self)
        let inquiry = try inquiry(twilio, known: ["SM2"])
        let others = [
            item([("sid", "SM2")]), item([("body", "older"), ("date_created", "Tue, 14 Nov 2023 22:03:19 +0000")]),
            item([("direction", "inbound")]), item([("to", "+15558675311")]),
        ]
        #expect(twilio.finding(in: [page([])], to: inquiry) == .notFound)
        #expect(twilio.finding(in: [page(others)], to: inquiry) == .notFound)
    }

    @Test(
        "what may be it, altered by the way or a clock, is a doubt",
        arguments: [
            [("body", "Sent from your Twilio trial account - A withdrawal & more.")], [("body", "")], [("from", "+15017122662")],
            [("date_created", "Tue, 14 Nov 2023 22:13:19 +0000")], [("date_created", "Tue, 14 Nov 2023 22:04:00 +0000")],
            [("date_created", "Mon, 13 Nov 2023 22:13:20 +0000")], [("date_created", "yesterday")],
            [("date_created", "Tue, 14 Nov 2023 23:13:20 +0100")], [("date_created", .null)],
            [("sid", .null)], [("body", .null)], [("to", 7)],
        ] as [[(String, JSON)]])
    func doubtful(_ changes: [(String, JSON)]) throws {
        let twilio = try Sample.make(Twilio.self)
        #expect(twilio.finding(in: [page([item(changes)])], to: try inquiry(twilio)).isUnclear)
    }

    @Test("two with these words are a doubt, as is any other answer") func unclear() throws {
        let twilio = try Sample.make(Twilio.self)
        let inquiry = try inquiry(twilio)
        #expect(twilio.finding(in: [page([item(), item([("sid", "SM2")])])], to: inquiry).isUnclear)
        #expect(twilio.finding(in: [], to: inquiry).isUnclear)
        for reply in [
            Sample.json(200, "{}"), Sample.json(200, "x"), Sample.json(200, "{\"messages\":[7]}"), Sample.json(429, "{\"messages\":[]}"),
            Sample.json(404, "{\"code\":20404}"), Sample.json(206, "{\"messages\":[]}"),
        ] {
            #expect(twilio.finding(in: [reply], to: inquiry).isUnclear)
        }
    }

    @Test("a list is read to its end, on the account's own pages, and not for ever") func pages() throws {
        let twilio = try Sample.make(Twilio.self)
        let inquiry = try inquiry(twilio)
        let path = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json"
        let first = page([], next: .string(path + "?PageSize=40&Page=1&PageToken=PASM1"))
        guard case .more(let call) = twilio.finding(in: [first], to: inquiry) else {
            Issue.record("the list goes on")
            return
        }
        #expect(call.http?.url == "https://api.twilio.com" + path + "?PageSize=40&Page=1&PageToken=PASM1" && call.http?.method == "GET")
        #expect(twilio.finding(in: [first, page([])], to: inquiry) == .notFound)
        guard case .taken = twilio.finding(in: [first, page([item()])], to: inquiry) else {
            Issue.record("on the second page")
            return
        }
        #expect(twilio.finding(in: Array(repeating: first, count: Inquiry.pageLimit), to: inquiry).isUnclear)
        for next in ["https://evil.example" + path + "?x", "/2010-04-01/Accounts/AC1/Messages.json?x", path, "//evil.example?x", "?x", " "]
        {
            #expect(twilio.finding(in: [page([], next: .string(next))], to: inquiry).isUnclear, "\(next)")
        }
    }
}

extension Inquiry.Finding {
    fileprivate var isUnclear: Bool { if case .unclear = self { true } else { false } }
}
