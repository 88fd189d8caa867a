@testable import Core
import Testing

@Suite("events in")
struct EventReaderTests {
    static let now = time("2025-11-21T00:00:00Z")
    static let reader = EventReader(
        typePrefix: "com.example.payout.",
        rails: [
            "cn_instant", "cn_batch", "hk_fps", "us_ach", "sepa_ct", "wallet_wechat", "uk_fps", "wallet_alipay", "in_imps", "swift",
            "sepa_inst", "wallet_paypal",
            "in_neft", "us_rtp",
        ])

    private func refusal(_ bytes: [UInt8], now: Timestamp = Self.now) -> EventRefusal? {
        do {
            _ = try Self.reader.read(bytes, now: now)
            return nil
        } catch {
            return error
        }
    }
    private func accepted(_ text: String) throws -> EventReader.Accepted { try Self.reader.read(Array(text.utf8), now: Self.now) }

    /// A detected event; each change sets a member by its dotted path, or takes it away when it is nil.
    private func event(_ changes: [(String, JSON?)] = []) throws -> JSON {
        var json = try JSON(parsing: fixture("cloudevents-anomaly-detected.json"))
        for (path, value) in changes { json = setting(json, path.split(separator: ".").map(String.init)[...], value) }
        return json
    }
    private func setting(_ json: JSON, _ path: ArraySlice<String>, _ value: JSON?) -> JSON {
        guard let name = path.first else { return value ?? json }
        var members = json.object ?? []
        let at = members.firstIndex { $0.0 == name }
        if path.count == 1, value == nil {
            if let at { members.remove(at: at) }
        } else {
            let inner = setting(at.map { members[$0].1 } ?? .object([]), path.dropFirst(), value)
            if let at { members[at].1 = inner } else { members.append((name, inner)) }
        }
        return .object(members)
    }
    private func anomaly(_ accepted: EventReader.Accepted) throws -> Anomaly {
        guard case .anomaly(let anomaly) = accepted.event.body else { throw FieldProblem("body", "not an anomaly") }
        return anomaly
    }

    // MARK: Broken ones

    @Test("each of the 40 broken events", arguments: 1...40)
    func brokenEvents(_ n: Int) throws {
        let row = try #require(
            try fixtureLines("bad-events.jsonl").map { try JSON(parsing: Array($0.utf8)) }.first { $0["n"]?.integer == Int64(n) })
        let bytes = try #require(row["raw"]?.string.map { Array($0.utf8) } ?? row["raw_base64"]?.string.flatMap(Base64.decode))
        let field = try #require(row["field"]?.string)
        switch row["expect"]?.string {
        case "reject":
            let refusal = try #require(self.refusal(bytes), "row \(n) was accepted")
            #expect(refusal.problems.map(\.field) == [field], "row \(n): \(refusal)")
        case "review":
            let event = try anomaly(Self.reader.read(bytes, now: Self.now))
            #expect(event.kind != nil && event.reason != nil, "the planner compares them")
        case "mask":
            let accepted = try Self.reader.read(bytes, now: Self.now)
            #expect(contains(bytes, "note") && !contains(accepted.cleaned, "note"))
            #expect(contains(bytes, "4000056655665556") && !contains(accepted.cleaned, "4000056655665556"))
        case "clean":
            let name = try #require(try anomaly(Self.reader.read(bytes, now: Self.now)).bank.name?.description)
            #expect(!name.isEmpty && !name.contains("<") && !name.unicodeScalars.contains(where: PlainText.isHidden))
        case "fall_back":
            let customer = try anomaly(Self.reader.read(bytes, now: Self.now)).customer
            #expect(field == "data.customer.locale" ? TextLocale(matching: customer.locale) == .en : customer.timeZone != nil)
        case "skip_channel":
            let customer = try anomaly(Self.reader.read(bytes, now: Self.now)).customer
            let channel: Channel = field == "data.customer.phone" ? .sms : .mail
            guard case .unusable = customer.contact(channel) else {
                Issue.record("row \(n): the contact was taken")
                return
            }
            guard case .usable = customer.contact(.push) else {
                Issue.record("row \(n): the other channels went too")
                return
            }
        default: Issue.record("row \(n): unknown expectation")
        }
    }

    @Test(
        "every wrong field is named, by itself",
        arguments: [
            ("specversion", JSON?.none), ("specversion", "1.1"), ("specversion", 1), ("id", .none), ("id", 7), ("id", "a b"),
            ("id", .string(String(repeating: "x", count: 129))),
            ("source", ""), ("source", "a\u{202E}b"), ("source", .string(String(repeating: "x", count: 257))), ("type", .none),
            ("type", "com.example.payout.anomaly"), ("type", "com.example.payout.anomaly.detected.v2"),
            ("type", "com.example.payout.incident.resolved"),
            ("type", "payout.anomaly.detected"), ("time", .none), ("time", "2025-11-10T00:10:05"), ("receivedat", "now"),
            ("subject", .none), ("datacontenttype", "text/xml"),
            ("data", .none), ("data", nil as JSON), ("data", []), ("data.schema", .none), ("data.schema", 2), ("data.schema", "1"),
            ("data.payout_id", .none),
            ("data.payout_id", "WD1"), ("data.seq", .none), ("data.seq", 0), ("data.seq", .number("1.0")),
            ("data.seq", .number("9223372036854775808")),
            ("data.anomaly_id", .none), ("data.anomaly_id", ""), ("data.stage", .none), ("data.stage", "resolved"),
            ("data.kind", "Bank_Delay"), ("data.kind", 1),
            ("data.reason.source", .none), ("data.reason.code", .none), ("data.reason.code", ""), ("data.reason.code", "a\nb"),
            ("data.reason.code", "4242 4242 4242 4242"),
            ("data.funds_state", "gone"), ("data.occurred_at", "x"), ("data.expected_at", 5), ("data.submitted_at", "2025"),
            ("data.rail", .none), ("data.rail", "sea_mail"),
            ("data.bank.code", .none), ("data.bank.code", "A B"), ("data.bank.name", 5), ("data.account.last4", 8542),
            ("data.account.last4", "85421"),
            ("data.amount.minor", .none), ("data.amount.minor", -1), ("data.amount.minor", .number("1e3")), ("data.amount.currency", .none),
            ("data.amount.currency", "cny"),
            ("data.details", "x"), ("data.details.field", "a b"), ("data.details.deadline", "soon"),
            ("data.details.materials", "id_document"),
            ("data.details.materials", ["a b"]), ("data.details.materials", [1]), ("data.details.trace_ref", "T\nX"),
            ("data.details.first_payout_id", "<b>"),
            ("data.customer.id", .none), ("data.customer.locale", 1), ("data.customer.time_zone", 8), ("data.customer.phone", 10),
            ("data.customer.private_preview", "true"),
        ] as [(String, JSON?)])
    func namesTheField(_ path: String, _ value: JSON?) throws {
        let refusal = try #require(self.refusal(try event([(path, value)]).bytes), "\(path) was accepted")
        #expect(refusal.problems.map(\.field) == [path], "\(refusal)")
    }

    @Test func gathersAllProblems() throws {
        let broken = try event([("data.seq", "1"), ("data.rail", "x"), ("data.amount.minor", -5), ("data.kind", "bank_dely"), ("id", nil)])
        let refusal = try #require(self.refusal(broken.bytes))
        #expect(Set(refusal.problems.map(\.field)) == ["data.seq", "data.rail", "data.amount.minor", "data.kind", "id"])
        #expect(refusal.description.contains("did you mean \"bank_delay\"?"))
    }

    @Test("a refusal never quotes the input")
    func refusalsAreSafe() throws {
        let secret = "4242424242424242-secret"
        for path in [
            "data.kind", "data.amount.currency", "data.rail", "data.account.last4", "data.reason.code", "time", "type", "id",
            "data.details.field",
        ] {
            let refusal = self.refusal(try event([(path, .string(secret + "\n<b>"))]).bytes)
            #expect(refusal?.description.contains("4242") == false, "\(path)")
        }
    }

    @Test func limits() throws {
        #expect(refusal([UInt8](repeating: 0x20, count: 65537))?.problems.first?.problem == "larger than 65536 bytes")
        let early = try event([("time", "2025-11-21T23:59:59Z")]).bytes, late = try event([("time", "2025-11-22T00:00:00.001Z")]).bytes
        #expect(refusal(early) == nil && refusal(late)?.problems.map(\.field) == ["time"])
        let text = String(repeating: "x", count: 1001)
        #expect(refusal(try event([("data.details.a", ["deep": [.string(text)]])]).bytes)?.problems.map(\.field) == ["data.details.a.deep"])
        #expect(refusal(try event([("data.bank.name", .string(text))]).bytes)?.problems.map(\.field) == ["data.bank.name"])
        #expect(refusal(try event([("data.details.materials", .array((0..<17).map { .string("m\($0)") }))]).bytes) != nil)
    }

    // MARK: Good ones

    private func check(_ lines: [String]) throws {
        for line in lines {
            let accepted: EventReader.Accepted
            do {
                accepted = try Self.reader.read(Array(line.utf8), now: Self.now)
            } catch {
                Issue.record("\(error): \(line.prefix(120))")
                continue
            }
            let again = try Self.reader.read(accepted.cleaned, now: Self.now)
            #expect(again.cleaned == accepted.cleaned)
            #expect(
                again.event.id == accepted.event.id && again.event.time == accepted.event.time
                    && again.event.receivedAt == accepted.event.receivedAt)
            for dropped in ["\"bin\"", "\"channel\"", "baseline_s", "payouts_so_far", "datacontenttype"] {
                #expect(!contains(accepted.cleaned, dropped))
            }
            guard let sent = try JSON(parsing: line)["data"]?["customer"] else { continue }
            for name in ["phone", "mail", "push_token", "locale", "time_zone"] {
                let kept = try JSON(parsing: accepted.cleaned)["data"]?["customer"]?[name]?.string
                #expect(kept == sent[name]?.string, "\(name) of \(accepted.event.id)")
            }
            let stored = try JSON(parsing: accepted.cleaned)["data"]
            #expect(
                try stored?["payout_id"] == JSON(parsing: line)["data"]?["payout_id"]
                    && stored?["details"]?["trace_ref"] == JSON(parsing: line)["data"]?["details"]?["trace_ref"])
        }
    }

    @Test("400 events of every kind, stage, step, rail, list and language; the contacts come through unchanged")
    func sample() throws {
        let lines = try fixtureLines("events-sample.jsonl")
        #expect(lines.count == 400)
        try check(lines)
        var kinds: Set<Kind> = [], steps: Set<String> = [], types: Set<String> = []
        for line in lines {
            let event = try accepted(line).event
            types.insert(event.type)
            guard case .anomaly(let anomaly) = event.body else { continue }
            if let kind = anomaly.kind { kinds.insert(kind) }
            if let step = anomaly.step { steps.insert(step) }
        }
        #expect(kinds == Set(Kind.allCases) && steps.count == 11)
        #expect(
            types == ["anomaly.detected", "anomaly.updated", "anomaly.resolved", "incident.opened", "incident.updated", "incident.closed"])
    }

    @Test("65 telephone numbers that pass the card check are not cut")
    func phonesThatLookLikeCards() throws {
        var phones: Set<String> = []
        for line in try fixtureLines("events-sample.jsonl") {
            guard let phone = try JSON(parsing: line)["data"]?["customer"]?["phone"]?.string, !CardRule.isClean(phone) else { continue }
            #expect(contains(try accepted(line).cleaned, "\"phone\":\"\(phone)\""))
            phones.insert(phone)
        }
        #expect(phones.count == 65)
    }

    @Test("a longer file, named by CLARION_EVENTS_FILE, when there is one")
    func longerFile() throws {
        if let lines = try linesOfFile(inVariable: "CLARION_EVENTS_FILE") { try check(lines) }
    }

    @Test func readsEveryField() throws {
        let accepted = try Self.reader.read(try event(), now: Self.now)
        let event = accepted.event, anomaly = try anomaly(accepted)
        #expect(event.id == "ev-326c03d6876bf6aa" && event.source == "/channels/unionpay" && event.type == "anomaly.detected")
        #expect(event.time == time("2025-11-10T00:10:05.099Z") && event.receivedAt == time("2025-11-10T00:10:05.878Z"))
        #expect(event.order?.description == "WD251110001241" && event.customer == "CU101396")
        #expect(anomaly.seq == 1 && anomaly.id == "an-2f232d4e34b6" && anomaly.stage == .detected && anomaly.kind == .accountInfoError)
        #expect(
            anomaly.reason == ReasonRef(source: "unionpay_network", code: "R6") && anomaly.funds == .returning && anomaly.expectedAt == nil)
        #expect(
            anomaly.rail == "cn_instant" && anomaly.bank == Bank(code: "HXB", name: PlainText("华夏银行")) && anomaly.tail4 == Tail4("8542"))
        #expect(anomaly.amount == Currency("CNY").map { Money(minor: 144_656, currency: $0) } && anomaly.details.field == "account_number")
        #expect(anomaly.submittedAt == time("2025-11-10T00:09:34.792Z") && !anomaly.isWallet && !anomaly.customer.privatePreview)
        #expect(anomaly.customer.locale == "zh-Hans" && anomaly.customer.timeZone == "Asia/Shanghai")
    }

    @Test func readsEveryDetail() throws {
        let details: JSON = [
            "materials": ["id_document", "selfie_check"], "deadline": "2025-11-15T00:00:00Z", "variant": "materials", "trace_ref": "TR-1",
            "plain_reason": "closed",
            "fee": "refunded", "wallet": "paypal", "first_payout_id": "WD0",
            "limit": ["minor": 5000, "currency": "EUR", "period": "day", "owner": "bank"],
            "amount_rule": ["rule": "minimum", "minor": 100, "currency": "EUR"],
            "window": ["from": "2025-11-10T00:00:00Z", "until": "2025-11-11T00:00:00Z"],
            "note": "free text", "incident_id": "IN1",
        ]
        let first = try Self.reader.read(try event([("data.details", details)]), now: Self.now)
        for accepted in [first, try Self.reader.read(first.cleaned, now: Self.now)] {
            let read = try anomaly(accepted).details
            #expect(
                read.materials == ["id_document", "selfie_check"] && read.deadline == time("2025-11-15T00:00:00Z")
                    && read.variant == "materials")
            #expect(
                read.traceRef == "TR-1" && read.plainReason == "closed" && read.fee == "refunded" && read.wallet == "paypal"
                    && read.firstOrder == OrderNumber("WD0"))
            #expect(
                read.limit?.amount?.minor == 5000 && read.limit?.period == "day" && read.limit?.owner == "bank" && read.limit?.count == nil)
            #expect(read.amountRule?.rule == "minimum" && read.amountRule?.amount?.minor == 100)
            #expect(read.hasWindow && read.windowUntil == time("2025-11-11T00:00:00Z"))
        }
        #expect(!contains(first.cleaned, "free text") && !contains(first.cleaned, "IN1"))
    }

    @Test("nothing that is not used is stored, wherever it stands")
    func dropsTheRest() throws {
        let planted: JSON = "planted 4242 4242 4242 4242"
        let places = [
            "note", "traceparent", "data.note", "data.channel", "data.reason.message", "data.bank.address", "data.account.holder",
            "data.account.bin", "data.amount.text",
            "data.details.note", "data.details.limit.note", "data.details.amount_rule.note", "data.details.window.note",
            "data.customer.name", "data.customer.address",
            "data.since", "data.incident_id", "data.account.type",
        ]
        var changes: [(String, JSON?)] = [
            ("data.details.limit", ["count": 3, "period": "day_count", "owner": "bank"]), ("data.details.amount_rule", ["rule": "scale"]),
            ("data.details.window", [:]),
        ]
        changes += places.map { ($0, JSON?.some(planted)) }
        changes.append(("data.customer.phone", .string("call +86 138 planted 4242424242424242")))
        let accepted = try Self.reader.read(try event(changes), now: Self.now)
        #expect(!contains(accepted.cleaned, "planted") && !contains(accepted.cleaned, "4242"))
        guard case .unusable = try anomaly(Self.reader.read(accepted.cleaned, now: Self.now)).customer.phone else {
            Issue.record("a phone that cannot be used reads back as none")
            return
        }
    }

    @Test func bankNamesAreCleanAndWithoutCards() throws {
        for (sent, kept) in [
            ("<b>Bank</b>\u{202E}\r\nof X", "Bank of X"), ("Bank 4242424242424242", "Bank ****4242"),
            ("B 4242\u{200B}4242\u{200B}42424242", "B ****4242"),
            (String(repeating: "x", count: 50) + "4242424242424242", String(repeating: "x", count: 50) + "****4242"),
        ] {
            let accepted = try Self.reader.read(try event([("data.bank.name", .string(sent))]), now: Self.now)
            #expect(try anomaly(accepted).bank.name?.description == kept)
            #expect(contains(accepted.cleaned, "\"name\":\"\(kept)\""))
        }
    }

    // MARK: Content

    @Test func contentIgnoresWhatDoesNotMatter() throws {
        let json = try event()
        let content = try Self.reader.read(json, now: Self.now).content
        func reversed(_ json: JSON) -> JSON {
            switch json {
            case .object(let members): .object(members.reversed().map { ($0.0, reversed($0.1)) })
            case .array(let items): .array(items.map(reversed))
            default: json
            }
        }
        #expect(try Self.reader.read(reversed(json), now: Self.now).content == content)
        for (path, value) in [
            ("receivedat", "2025-11-19T00:00:00Z" as JSON), ("traceparent", "00-1"), ("id", "ev-other"), ("source", "/other"),
            ("specversion", "1.0"),
        ] as [(String, JSON)] {
            #expect(try Self.reader.read(try event([(path, value)]), now: Self.now).content == content, "\(path)")
        }
        for (path, value) in [
            ("time", "2025-11-10T00:10:05.098Z" as JSON), ("data.seq", 2), ("data.customer.name", "x"), ("data.channel", "other"),
            ("data.details.note", "n"),
        ] as [(String, JSON)] {
            #expect(try Self.reader.read(try event([(path, value)]), now: Self.now).content != content, "\(path)")
        }
    }

    // MARK: The samples

    @Test func sampleFiles() throws {
        for (name, type) in [
            ("anomaly-detected", "anomaly.detected"), ("anomaly-updated", "anomaly.updated"), ("anomaly-resolved", "anomaly.resolved"),
            ("incident-opened", "incident.opened"),
        ] {
            let accepted = try Self.reader.read(try fixture("cloudevents-\(name).json"), now: Self.now)
            #expect(accepted.event.type == type)
            #expect(try Self.reader.read(accepted.cleaned, now: Self.now).cleaned == accepted.cleaned)
        }
        guard case .incident(let news) = try Self.reader.read(try fixture("cloudevents-incident-opened.json"), now: Self.now).event.body
        else {
            Issue.record("not an incident")
            return
        }
        #expect(
            news.id == "IN20251111-01" && news.stage == .opened && news.bank == "ICBC" && news.rail == "cn_instant"
                && news.since == time("2025-11-11T12:04:00Z") && news.until == nil)
        let batch = try #require(try JSON(parsing: fixture("cloudevents-batch.json")).array)
        for json in batch { _ = try Self.reader.read(json, now: Self.now) }
        #expect(batch.count == 2)
    }

    @Test("random damage to good events: refused with a field, or accepted and stable", arguments: [51, 52] as [UInt64])
    func survivesDamage(seed: UInt64) throws {
        var rng = SplitMix64(seed: seed)
        let paths = [
            "id", "type", "subject", "time", "data", "data.seq", "data.kind", "data.reason", "data.bank", "data.bank.name", "data.account",
            "data.amount", "data.details",
            "data.details.limit", "data.details.window", "data.customer", "data.customer.phone", "data.customer.locale", "data.expected_at",
            "data.funds_state",
        ]
        let values: [JSON?] = [
            nil, .null, true, 0, -1, .number("1e999"), "", "x", "4242 4242 4242 4242", "<b>\u{202E}\r\n", [], [[]], [:],
            ["minor": 1, "currency": "EUR"], ["code": "X", "source": "y"],
        ]
        for _ in 0..<1500 {
            var changes: [(String, JSON?)] = []
            for _ in 0..<Int.random(in: 1...3, using: &rng) {
                changes.append((paths.randomElement(using: &rng)!, values.randomElement(using: &rng)!))
            }
            let json = try event(changes)
            let accepted: EventReader.Accepted
            do {
                accepted = try Self.reader.read(json.bytes, now: Self.now)
            } catch {
                #expect(!error.problems.isEmpty, "seed \(seed)")
                continue
            }
            #expect(try Self.reader.read(accepted.cleaned, now: Self.now).cleaned == accepted.cleaned, "seed \(seed)")
        }
    }
}
