import Core
import Reports
import Terminal
import Testing

/// What `provider list` says of accounts.
struct AccountsReportTests {
    private static let now = Sample.noon

    private func line(_ name: String, _ change: (inout AccountStanding) -> Void) -> AccountsReport.Line {
        var standing = AccountStanding(account: name, changedAt: Self.now - .minutes(1))
        change(&standing)
        return AccountsReport.Line(
            name: name, provider: "twilio", channel: .sms, guarantee: "blind", weight: 1, rate: name == "sms-a" ? 20 : nil,
            standing: standing)
    }

    @Test func states() {
        let opening = AccountStanding.Opening(since: Self.now - .seconds(10), until: Self.now + .seconds(20), count: 2)
        let report = AccountsReport(
            [
                line("sms-a") {
                    $0.lastFailure = "transient: 503"
                    ($0.measure.trust, $0.measure.window) = (0.8, .init(size: 7.5, threshold: 16))
                },
                line("sms-b") { ($0.opening, $0.lastFailure) = (opening, "not_sent: curl-7") },
                line("sms-c") { $0.opening = .init(since: Self.now - .minutes(2), until: Self.now - .seconds(1), count: 1) },
                line("sms-d") { $0.heldUntil = Self.now + .minutes(1) }, line("sms-e") { $0.heldUntil = Self.now - .seconds(1) },
                line("sms-f") { ($0.pause, $0.opening) = (.init(who: "lee", reason: "INC-88", at: Self.now), opening) },
                .init(name: "sms-g", provider: "http", channel: .sms, guarantee: "keyed", weight: 0, rate: nil, standing: nil),
            ], now: Self.now)
        let lines = report.human(.sample())
        let expected = [
            "in use, at 80 % of its weight", "failing: not before 12:00:20", "failing: one at a time", "asked to wait until 12:01:00",
            "in use",
            "paused by lee: INC-88",
            "in use",
        ]
        #expect(lines.count == 10)
        for (line, words) in zip(lines.dropFirst(), expected) { #expect(line.contains(words)) }
        #expect(lines[1].contains("20/s") && lines[1].contains("transient: 503"))
        #expect(lines.last == "To use it again: clarion provider resume sms-f --reason \"…\"")
        let states = report.sheet.rows.map { $0[6].string }
        #expect(states == ["closed", "open", "open", "throttled", "closed", "paused", "closed"])
        let measures = report.sheet.rows.map { $0.suffix(2).map(\.integer) }
        #expect(measures[0] == [80, 7] && measures[1] == [100, nil] && measures[6] == [100, nil])
    }

    @Test func none() {
        #expect(
            AccountsReport([], now: Self.now).human(.sample()) == [
                "! no account is configured: nothing but in-app notices can be delivered"
            ])
    }
}
