import Core
import Reports
import Terminal
import Testing

/// What `attempts list` says of doubt.
struct AttemptsReportTests {
    private func line(_ state: AttemptState, _ delivery: DeliveryState, _ change: (inout Attempt, inout Delivery) -> Void = { _, _ in })
        -> AttemptsReport.Line
    {
        var attempt = Attempt(
            id: 1, publicID: "att_1", delivery: 1, number: 1, state: state, account: "sms-a", idempotencyKey: "k", digest: [],
            startedAt: Sample.noon - .minutes(2), deadline: Sample.noon, bootID: "b")
        var of = Sample.delivery(.sms, delivery)
        change(&attempt, &of)
        return AttemptsReport.Line(attempt, of)
    }

    @Test func words() {
        let report = AttemptsReport(
            [
                line(.ambiguous, .ambiguous) { attempt, _ in attempt.detail = "curl-52 empty_reply" },
                line(.ambiguous, .retryWait) { _, delivery in delivery.nextAt = Sample.noon + .seconds(5) }, line(.intent, .inflight),
                line(.ambiguous, .unknown) { _, _ in },
            ], isCut: true, now: Sample.noon)
        let lines = report.human(.sample())
        #expect(lines[1].contains("curl-52 empty_reply") && lines[1].contains("still being found out"))
        #expect(lines[2].contains("goes again at 12:00:05") && lines[3].contains("on the wire") && lines[4].contains("waits for a person"))
        #expect(lines.contains("There are more: --limit N"))
        #expect(lines.last?.hasPrefix("Asked the provider? clarion attempts settle att_1 --taken") == true)
        #expect(AttemptsReport([], now: Sample.noon).human(.sample()) == ["✓ nothing is in doubt"])
    }
}
