import Core
import Proof
import Reports
import Store
import Terminal
import Testing

struct ListReportTests {
    static func row(_ act: LogEntry.Act, _ body: JSON) -> LogRow {
        LogRow(seq: 7, entry: LogEntry(act, at: Sample.noon + .milliseconds(900), order: Sample.order, body: body), hash: [])
    }

    @Test(
        arguments: [
            (
                LogEntry.Act.outcome, ["attempt": "att_1", "outcome": "accepted", "detail": "202", "provider_id": "id-9", "state": "sent"],
                "✓ accepted 202 id-9 sent"
            ),
            (
                .outcome,
                ["attempt": "att_1", "outcome": "bad_recipient", "detail": "400 21211", "state": "dead", "reason": "address_dead"],
                "✗ bad_recipient 400 21211 dead address_dead"
            ),
            (
                .outcome, ["outcome": "transient", "detail": "503", "state": "retry_wait", "next_at": "2026-11-18T12:00:05.000Z"],
                "! transient 503 retry_wait again at 2026-11-18T12:00:05.000Z"
            ),
            (
                .eventAccepted, ["id": "ev-1", "source": "/channels/adyen", "type": "anomaly.detected"],
                "· anomaly.detected ev-1 /channels/adyen"
            ),
            (.decision, ExplainTests.toldBody, "· account_unavailable opened: sms +86****17, push no: no_device, in_app inbox"),
            (
                .decision, ["kind": "bank_delay", "hold_until": "2026-11-18T12:10:00.000Z", "reason": "hold_running"],
                "· bank_delay: hold_running until 2026-11-18T12:10:00.000Z"
            ),
            (
                .receipt,
                ["account": "sms-a", "code": "undelivered 30003", "reference": "att_1", "state": "undelivered", "status": "undelivered"],
                "✗ undelivered 30003 sms-a"
            ),
            (
                .receipt, ["account": "sms-k", "code": "type-1", "reference": "att_1", "state": "delivered", "status": "read"],
                "✓ read type-1 sms-k delivered"
            ),
            (
                .receipt, ["account": "sms-a", "code": "x", "note": "no message of this name", "reference": "SM1", "status": "unknown"],
                "! unknown x sms-a no message of this name"
            ),
            (
                .review, ["cause": "ambiguous", "closed": true, "detail": "answered by a receipt", "id": 7],
                "✓ 7 ambiguous answered by a receipt"
            ),
            (.cancelled, ["delivery": "dlv_1", "channel": "sms", "reason": "superseded"], "· dlv_1 sms superseded"),
            (
                .deadLetter, ["stage": "intake", "reason": "bad_event", "detail": "data.seq: missing"],
                "✗ intake bad_event data.seq: missing"
            ),
            (
                .account, ["account": "sms-a", "state": "open", "until": "2026-11-18T12:00:30.000Z", "detail": "transient: 503"],
                "! sms-a open transient: 503 until 2026-11-18T12:00:30.000Z"
            ),
            (.account, ["account": "sms-a", "state": "closed", "who": "lee", "reason": "over"], "✓ sms-a closed lee over"),
            (.intent, ["attempt": "att_1", "number": 2, "account": "sms-a", "digest": "00ff"], "· att_1 2 sms-a"),
            (.clock, ["ahead_ms": -3_600_000, "step_ms": -3_600_250], "! stepped by -3600.2 s, now -3600.0 s ahead"),
            (.clock, ["ahead_ms": 0, "followed_ms": 90_000, "moved": 12], "! followed by 90.0 s, 12"),
        ] as [(LogEntry.Act, JSON, String)])
    func tail(_ act: LogEntry.Act, _ body: JSON, _ words: String) {
        let line = TailLine(Self.row(act, body))
        #expect(line.human(.sample()) == "12:00:00.900  WD1               \(act.rawValue.padded(to: 14))  \(words)")
    }

    @Test func tailForms() {
        let line = TailLine(Self.row(.seen, ["item": "in_1"]))
        #expect(
            line.text(as: .json, .sample()) == #"{"seq":7,"at":"2026-11-18T12:00:00.900Z","order":"WD1","act":"seen","words":"in_1"}"#
                + "\n")
        #expect(line.text(as: .plain, .sample()) == "7\t2026-11-18T12:00:00.900Z\tWD1\tseen\tin_1\n")
        #expect(line.text(as: .csv, .sample()) == "7,2026-11-18T12:00:00.900Z,WD1,seen,in_1\r\n")
    }

    @Test func accountingKeepsItsOrder() throws {
        var sums = Accounting()
        (sums.duplicate, sums.conflict, sums.rejected, sums.accepted) = (2, 1, 3, 10)
        (sums.planned, sums.stale, sums.recorded, sums.pending, sums.suppressed) = (5, 1, 1, 1, [.sameState: 1, .dailyCap: 1])
        sums.deliveries = [.inApp: [.delivered: 5], .sms: [.dead: 1, .sent: 4]]
        let report = AccountingReport(sums, read: 16, elapsed: .milliseconds(1250))
        #expect(
            try report.text(as: .json, .sample())
                == #"{"schema":"clarion.accounting/1","read":16,"duplicate":2,"conflict":1,"rejected":3,"accepted":10,"planned":5,"suppressed":{"daily_cap":1,"same_state":1},"stale":1,"recorded":1,"pending":1,"unmapped":0,"deliveries":{"sms":{"sent":4,"dead":1},"in_app":{"delivered":5}},"incidents":0,"reviews":0,"elapsed_s":1.250}"#
                + "\n")
        #expect(
            report.human(.sample()) == [
                "16 read = 2 duplicate + 1 conflict + 3 rejected + 10 accepted",
                "10 accepted = 5 planned + 2 suppressed + 1 stale + 1 recorded + 1 pending", "  suppressed: 1 daily_cap, 1 same_state",
                "  sms: 4 sent, 1 dead",
                "  in_app: 5 delivered", "0 incidents, 0 open reviews, 0 unmapped codes, 1.2 s", "✓ everything is accounted for",
            ])
        #expect(report.breaches.isEmpty)
    }

    @Test func accountingSaysWhatDoesNotAddUp() {
        var sums = Accounting()
        (sums.accepted, sums.planned) = (10, 9)
        #expect(
            AccountingReport(sums, read: 11).breaches == [
                "read 11, but duplicate + conflict + rejected + accepted = 10",
                "accepted 10, but planned + suppressed + stale + recorded + pending = 9",
            ])
    }

    @Test func searchUnderstandsItsWords() throws {
        func parse(_ text: String) throws(Fault) -> Search { try Search(text, limit: 20, now: Sample.noon, offset: { _ in 0 }) }
        let search = try parse("channel:sms,push kind:bank_delay customer:C-9930 since:2h state:refused -reason:first,resolved WD1")
        let query = search.query
        #expect(query.order == Sample.order && query[.channel].only == ["sms", "push"] && query[.kind].only == ["bank_delay"])
        #expect(query[.reason].not == ["first", "resolved"] && query[.reason].only.isEmpty)
        #expect(query.customer == "C-9930" && query.since == Sample.noon - .hours(2))
        #expect(search.states.only == ["refused"] && query[.state].only == ["dead", "undelivered"])
        #expect(try parse("!kind:risk_hold").query[.kind].not == ["risk_hold"])
        #expect(
            ["-reason:first", "-o", "--order", "-x:y", "kind:a"].map(Search.argument) == [
                "!reason:first", "-o", "--order", "-x:y", "kind:a",
            ])
        #expect(try parse("state:dead \"WD1\"").query[.state].only == ["dead"])
        #expect(try parse("dlv_0").query.delivery == "dlv_0" && parse("provider:sms-main").query[.account].only == ["sms-main"])
    }

    @Test(
        "a mistake is said with its place and the nearest word",
        arguments: [
            ("chanel:sms", "there is no word \"chanel\"", "did you mean \"channel\"?", 1, 6),
            ("kind:bank_delay  state:read,refusd", "there is no state \"refusd\"", "did you mean \"refused\"?", 29, 6),
            ("-kind:risk_hld", "there is no kind \"risk_hld\"", "did you mean \"risk_hold\"?", 7, 8),
            ("kind:bank_delay kind:risk_hold", "kind: is there twice", "kind:one,other finds both", 17, 4),
            ("since:tomorrow", "\"tomorrow\" is not a time", "2h, yesterday, 2026-11-18, or RFC 3339", 7, 8),
            ("order:", "order: needs a value", nil, 7, 1), ("WD1 \"WD1", "the quote is not closed", nil, 5, 1),
            ("-since:2h", "since: takes one value, and no minus", nil, 2, 5),
        ] as [(String, String, String?, Int, Int)])
    func searchShowsThePlace(_ text: String, _ words: String, _ hint: String?, _ column: Int, _ count: Int) throws {
        var expected = Fault(.usage, words, field: "query", hint: hint)
        expected.quoted = Fault.Quoted(text, column: column, count: count)
        #expect(throws: expected) { _ = try Search(text, limit: 20, now: Sample.noon, offset: { _ in 0 }) }
    }

    @Test func searchMarksThePlace() throws {
        do {
            _ = try Search("kind:risk_hld bank:ICBC", limit: 20, now: Sample.noon, offset: { _ in 0 })
            Issue.record("it is no kind")
        } catch {
            let lines = error.text(as: .human, .sample()).split(separator: "\n").map(String.init)
            #expect(lines.contains("  kind:risk_hld bank:ICBC") && lines.contains("       ^^^^^^^^"))
        }
    }

    @Test func deadLettersGroupByCause() {
        let group = DeadReport.Group(
            name: "d12", stage: .send, reason: "tries_used_up", detail: "503, 8 tries", channel: .sms, letters: [12, 13],
            oldest: Sample.noon - .minutes(130), stillTrue: 1)
        let report = DeadReport([group], now: Sample.noon)
        #expect(
            report.human(.sample()) == [
                "GROUP  COUNT  OLDEST  STAGE  CHANNEL  CAUSE                        STILL TRUE",
                "d12        2  2 h 10  send   sms      tries_used_up: 503, 8 tries           1", "",
                "One group: clarion dead show d12     Try again: clarion dead retry d12 --reason \"…\"",
            ])
        #expect(
            report.letters("d12") == [12, 13] && report.letters("13") == [13] && report.letters("d13") == nil && report.letters("14") == nil
        )
    }

    @Test func reviewsSayHowLongTheyWait() {
        let item = ReviewItem(
            id: 3, cause: .kindMismatch, order: Sample.order, kind: .statusUnknown, detail: "event and code differ",
            openedAt: Sample.noon - .minutes(5))
        #expect(
            ReviewReport([item], now: Sample.noon).human(.sample()) == [
                "ID   OPEN  CAUSE          ORDER  KIND            DETAIL",
                " 3  5 min  kind_mismatch  WD1    status_unknown  event and code differ", "",
                "Done with one: clarion review close 3 --reason \"…\"",
            ])
    }

    @Test func verdictOfTheChain() {
        var verdict = LogVerdict()
        (verdict.chain, verdict.rows, verdict.rowCount) = ("c0", 1...16, 16)
        #expect(
            VerifyReport(verdict, key: nil).human(.sample()) == [
                "✓ 16 records intact, 1 to 16", "! no checkpoint signs them",
                "! 16 records behind it: they fit each other, and no checkpoint signs them yet",
            ])
        (verdict.signedThrough, verdict.signedAt, verdict.checkpoints) = (15, Timestamp(rfc3339: "2026-11-18T12:00:00.000Z"), 1)
        verdict.notes = ["what came later"]
        let key = AuditPublicKey("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
        let sound = VerifyReport(verdict, key: key)
        #expect(sound.status == .success)
        #expect(
            sound.human(.sample()) == [
                "✓ 16 records intact, 1 to 16",
                "✓ signed to record 15 by 1 checkpoint, the last of 2026-11-18 12:00:00 UTC, key 21fe 31df a154 a261",
                "! 1 record behind it: they fit each other, and no checkpoint signs them yet", "! not proven: what came later",
            ])
        verdict.breaches = [Breach(.edited, 9...9, "is not what was written"), Breach(.deleted, 11...12, "are missing")]
        let broken = VerifyReport(.export, verdict, key: key)
        #expect(broken.status == .integrity)
        #expect(
            broken.human(.sample()).prefix(3) == [
                "✗ row 9: is not what was written  [edited]", "✗ rows 11 to 12: are missing  [deleted]", "✗ 2 breaches in 16 records",
            ])
        #expect(
            broken.json.text.hasPrefix(
                #"{"schema":"clarion.audit.verify/1","intact":false,"rows":16,"broken_at":9,"problem":"row 9: is not what was written","#))
        #expect(broken.sheet.ndjson.hasPrefix(#"{"sort":"edited","first":9,"last":9,"#))
    }

    @Test func latencyPercentiles() {
        #expect(StatsReport.Latency(SpanCounts()) == nil)
        var spans = SpanCounts()
        for n in 1...100 { spans.add(.milliseconds(n)) }
        let latency = StatsReport.Latency(spans)
        #expect(
            latency?.p50 == .milliseconds(50) && latency?.p95 == .milliseconds(95) && latency?.p99 == .milliseconds(99)
                && latency?.longest == .milliseconds(100))
    }

    @Test func contentIsSafeAndInOrder() {
        let content: JSON = ["subject": "提现失败\u{1B}[31m", "text": "a\nb", "html": "<p>a</p>"]
        let report = DeliveryReport(
            delivery: DeliveryFact(Sample.delivery(.mail, .sent)), notice: nil, tries: [], steps: [], content: content)
        #expect(report.human(.sample()).suffix(5) == ["  subject: 提现失败\\u{1B}[31m", "  text:", "    a", "    b", "  html: 8 bytes"])
    }
}
