import App
import Config
import Core
import Pipeline
import Sandbox
import Store
import Testing

/// The machine's clock is set, back and forth, under a worker with everything real.
@Suite struct ClockTests {
    /// What becomes of the wall clock.
    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// From a right clock.
        var set: @Sendable (Timestamp) -> Timestamp = { $0 }
        /// Goes too fast, from then on.
        var percent = 0
        /// Rows of the log it leaves: the step, and that it was followed, if it was. A start sees the drift since the last mark as a step.
        var rows = 1...1

        static let all = [
            Change(testDescription: "back 1 h", set: { $0 - .hours(1) }),
            Change(testDescription: "forward 1 h", set: { $0 + .hours(1) }, rows: 2...2),
            Change(testDescription: "forward 1 day", set: { $0 + .days(1) }, rows: 2...2),
            Change(testDescription: "forward 10 years", set: { $0 + .days(3653) }, rows: 2...2),
            Change(testDescription: "1970", set: { _ in Timestamp(milliseconds: 0) }),
            Change(testDescription: "2038-01-19", set: { _ in Timestamp(rfc3339: "2038-01-19T03:14:08Z")! }, rows: 2...2),
            Change(testDescription: "10 % fast", percent: 10, rows: 1...3), Change(testDescription: "10 % slow", percent: -10, rows: 1...3),
            Change(testDescription: "a leap second", set: { $0 - .seconds(1) }, rows: 0...0),
        ]
    }

    private static func told(_ order: String = "WD1", _ anomaly: String = "an-1") -> JSON {
        Sample.limit.with { ($0.order, $0.anomaly) = (order, anomaly) }.detected()
    }

    @Test(
        "a step of the policy fires once and when its time has passed, whatever the wall clock says and across an end",
        arguments: Change.all)
    func onTime(_ change: Change) async throws {
        try await ClockWorld.with { clocks in
            try await clocks.world.take(Self.told())
            try await clocks.pass(.minutes(1), percent: change.percent)
            clocks.machine.set(change.set(clocks.machine.wall))
            try await clocks.pass(.minutes(5), percent: change.percent)
            try await clocks.restart()
            #expect(clocks.world.mailsToCustomers == 0, "nothing is due because of a step")
            // The mail after 2 h; 6 min are over. The time may be led by a hundredth.
            let took = try await clocks.passUntil(.smtp, has: 1, atMost: .hours(3), percent: change.percent) + .minutes(6)
            #expect(took >= .minutes(118) && took <= .minutes(122), "after \(took)")
            // What is too far off to be followed by itself is followed now.
            try await clocks.restart()
            try await clocks.pass(.hours(3), percent: change.percent)
            #expect(clocks.world.mailsToCustomers == 1, "once")
            let steps = try await clocks.steps()
            #expect(change.rows.contains(steps.count), "\(steps)")
            let times = try await clocks.logTimes()
            #expect(times == times.sorted(), "what is stored never goes back")
        }
    }

    @Test("a wait that a provider asked for lasts as long as it asked", arguments: [Duration.hours(1), .days(1), .zero - .hours(1)])
    func retryAfter(_ step: Duration) async throws {
        try await ClockWorld.with { clocks in
            clocks.world.sandbox.switches.set(Fault(.throttle(retryAfter: 900), times: 1), for: .twilio)
            try await clocks.world.take(Sample().detected())
            try await clocks.pass(.seconds(5))
            clocks.machine.step(step)
            try await clocks.pass(.seconds(5))
            try await clocks.restart()
            try await clocks.pass(.minutes(13))
            #expect(clocks.world.sandbox.switches.requests(to: .twilio) == 1)
            try await clocks.pass(.minutes(3))
            #expect(clocks.world.sandbox.switches.requests(to: .twilio) == 2 && clocks.world.ledger.count(of: .twilio) == 1)
            let sms = try await clocks.world.delivery("WD1", .sms)
            #expect(sms.state == .sent, "its time budget was moved as well")
        }
    }

    @Test("a day's cap is used up for the day, whatever day the wall clock shows", arguments: [false, true])
    func caps(isRebooted: Bool) async throws {
        try await ClockWorld.with { clocks in
            try await clocks.restart { ($0.policy.caps.perDay, $0.policy.caps.uncountedPerDay) = ([.push: 0, .sms: 0], 2) }
            func tell(_ n: Int) async throws -> Delivery {
                let at = clocks.now
                try await clocks.world.take(Sample().with { ($0.order, $0.anomaly, $0.at) = ("WD\(n)", "an-\(n)", at) }.detected())
                try await clocks.pass(.minutes(1))
                return try await clocks.world.delivery("WD\(n)", .sms)
            }
            for n in 1...2 { #expect(try await tell(n).state == .sent) }
            #expect(try await tell(3).reason == .dailyCap)
            clocks.machine.step(.days(1))
            #expect(try await tell(4).reason == .dailyCap, "no new day because of a step")
            clocks.machine.step(.zero - .days(3))
            #expect(try await tell(5).reason == .dailyCap, "nor an old one")
            if isRebooted { clocks.machine.reboot() }
            try await clocks.restart(boot: isRebooted ? "boot-2" : "boot-1")
            #expect(try await tell(6).reason == .dailyCap)
            let times = try await clocks.logTimes()
            #expect(times == times.sorted())
        }
    }

    @Test("the same is not told again after a step back and another boot") func repeats() async throws {
        try await ClockWorld.with { clocks in
            try await clocks.world.take(Sample().detected())
            try await clocks.pass(.minutes(1))
            let before = clocks.now
            clocks.machine.reboot()
            clocks.machine.step(.zero - .days(30))
            try await clocks.restart(boot: "boot-2")
            #expect(clocks.now >= before)
            try await clocks.world.take(Sample(seq: 2).detected(id: "again"))
            try await clocks.pass(.minutes(5))
            #expect(clocks.world.ledger.count(of: .twilio) == 1)
        }
    }

    @Test("a step that has stood for ten minutes is followed, and what waits for the morning comes in the morning") func calendar()
        async throws
    {
        let night = Timestamp(rfc3339: "2025-11-12T16:00:00Z")!
        try await ClockWorld.with([twilio, mail, apns], at: night) { clocks in
            try await clocks.world.take(Sample.limit.with { $0.at = night }.detected())
            #expect(try await clocks.world.delivery("WD1", .push).state == .ready)
            clocks.machine.step(.hours(1))
            try await clocks.pass(.minutes(9))
            #expect(clocks.now < night + .minutes(10))
            try await clocks.pass(.minutes(3))
            #expect((clocks.machine.wall - clocks.now) < .seconds(2))
            let push = try await clocks.world.delivery("WD1", .push)
            // 08:00 in Shanghai and some minutes, by the clock that is followed now.
            let morning = Timestamp(rfc3339: "2025-11-13T00:00:00Z")!
            let next = try #require(push.nextAt)
            #expect(next >= morning && next < morning + .minutes(20))
            #expect(clocks.standing.steps == 1 && !clocks.standing.isDoubtful)
        }
    }

    @Test("a step is told in the log and to who asks, with both sizes") func told() async throws {
        try await ClockWorld.with { clocks in
            try await clocks.pass(.seconds(30))
            clocks.machine.step(.seconds(90))
            try await clocks.pass(.seconds(2))
            #expect(try await clocks.steps() == [["ahead_ms": 90_000, "step_ms": 90_000]])
            #expect(clocks.standing == HybridClock.Standing(steps: 1, ahead: .seconds(90), isDoubtful: true))
            try await clocks.pass(.minutes(2))
            #expect(clocks.standing == HybridClock.Standing(steps: 1, ahead: .seconds(90), isDoubtful: false))
            clocks.machine.step(.zero - .seconds(90))
            try await clocks.pass(.seconds(2))
            #expect(try await clocks.steps().last == ["ahead_ms": 0, "step_ms": -90_000])
        }
    }

    @Test("where the clocks of a zone are changed nothing happens to the clock") func summer() async throws {
        // 01:00 UTC on 2026-03-29 in London.
        try await ClockWorld.with(at: Timestamp(rfc3339: "2026-03-29T00:59:00Z")!) { clocks in
            try await clocks.pass(.minutes(5))
            #expect(try await clocks.steps().isEmpty)
        }
    }
}
