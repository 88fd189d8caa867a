import Core
import Testing

@testable import Pipeline

/// When an account is tried, and how much it gets. Pure values on made-up time.
@Suite struct HealthTests {
    private let now = World.noon
    private let failed = Outcome.notSent(OutcomeDetail(code: "curl-7", words: "connect"))

    // MARK: Breaker

    @Test("five failures in a row open it; a success between starts the row again") func inRow() {
        var breaker = Breaker()
        for isWell in [false, false, false, false, true, false, false, false, false] { #expect(!note(&breaker, isWell, at: now)) }
        #expect(breaker.isClosed)
        #expect(note(&breaker, false, at: now))
        #expect(!breaker.isClosed)
    }

    @Test("half of twenty within half a minute open it, of fewer or older ones nothing is concluded") func share() {
        var breaker = Breaker()
        for n in 0..<18 { #expect(!note(&breaker, n % 2 == 0, at: now)) }
        #expect(!note(&breaker, true, at: now))
        #expect(note(&breaker, false, at: now))

        breaker = Breaker()
        for n in 0..<18 { #expect(!note(&breaker, n % 2 == 0, at: now)) }
        #expect(!note(&breaker, true, at: now + .seconds(40)))
        #expect(!note(&breaker, false, at: now + .seconds(40)))
    }

    @Test("pauses double from half a minute to ten, spread by a tenth; one success ends them") func pauses() throws {
        var (breaker, moment) = (Breaker(), now)
        for _ in 0..<5 { _ = note(&breaker, false, at: moment) }
        for expected in [30, 60, 120, 240, 480, 600, 600] as [Int64] {
            guard case .open(let since, let until) = breaker.state else { throw Unexpected(words: "closed") }
            let pause = (until - since).milliseconds
            #expect(since == moment && pause >= expected * 900 && pause <= expected * 1100)
            moment = until
            #expect(note(&breaker, false, at: moment))
        }
        #expect(note(&breaker, true, at: moment))
        #expect(breaker == Breaker())
    }

    @Test("an attempt from before the opening says nothing about now, and one that did not wait makes no pause longer") func late() {
        var breaker = Breaker()
        for _ in 0..<5 { _ = note(&breaker, false, at: now) }
        let opened = breaker
        let isChanged = breaker.note(isWell: true, started: now - .seconds(1), now: now + .seconds(2), salt: 1)
        #expect(!isChanged)
        #expect(!note(&breaker, false, at: now + .seconds(2)))
        #expect(breaker == opened)
    }

    private func note(_ breaker: inout Breaker, _ isWell: Bool, at moment: Timestamp) -> Bool {
        breaker.note(isWell: isWell, started: moment, now: moment, salt: 1)
    }

    @Test("when the time goes on later, a pause lasts as long as before") func postponed() throws {
        var breaker = Breaker()
        for _ in 0..<5 { _ = note(&breaker, false, at: now) }
        guard case .open(let since, let until) = breaker.state else { throw Unexpected(words: "closed") }
        breaker.postpone(by: .hours(1))
        #expect(breaker.state == .open(since: since + .hours(1), until: until + .hours(1)))
        var health = AccountHealth(most: 4, rate: nil, salt: 1)
        _ = health.take(.normal, now: now)
        _ = health.note(.throttled(OutcomeDetail(words: ""), notBefore: .seconds(60), scope: .account), .normal, started: now, now: now)
        health.postpone(by: .hours(1))
        let admission = health.admission(.high, isLast: true, now: now + .hours(1) + .seconds(59))
        #expect(admission == .closed(until: now + .hours(1) + .seconds(60), .providerPaused))
    }

    // MARK: Window

    @Test("failures take from it, never the last place; after a pause it starts with two and grows to all of it") func window() {
        var window = Window(most: 64)
        for _ in 0..<8 { window.shrink() }
        #expect((62...63).contains(window.limit))
        for _ in 0..<10_000 { window.shrink() }
        #expect(window.limit == 1)
        window.startAgain()
        #expect(window.limit == 2)
        for _ in 0..<30 { window.grow() }
        #expect(window.limit == 32, "fast up to half")
        for _ in 0..<32 { window.grow() }
        #expect((32...33).contains(window.limit), "slow from there")
        for _ in 0..<3000 { window.grow() }
        #expect(window.limit == 64)
    }

    @Test("a quarter is kept for what is high, a twentieth for what is low") func lanes() {
        let window = Window(most: 40)
        #expect(window.admits(.normal, open: 27, low: 0, high: 0) && !window.admits(.normal, open: 28, low: 0, high: 0))
        #expect(window.admits(.high, open: 37, low: 0, high: 10) && !window.admits(.high, open: 38, low: 0, high: 10))
        #expect(window.admits(.high, open: 38, low: 2, high: 10))
        #expect(window.admits(.low, open: 39, low: 1, high: 0) && !window.admits(.low, open: 39, low: 2, high: 0))
        #expect(window.admits(.low, open: 29, low: 29, high: 0) && !window.admits(.low, open: 30, low: 30, high: 0))
        #expect(!window.admits(.low, open: 40, low: 0, high: 0))
        for priority in Priority.allCases { #expect(Window(most: 1).admits(priority, open: 0, low: 0, high: 0)) }
    }

    // MARK: Rate

    @Test("a rate lets so many through a second, keeps a fifth for what is high, and says when to ask again") func rate() {
        var bucket = TokenBucket(rate: 10)
        for _ in 0..<8 { #expect(bucket.take(isHigh: false, now: now) == nil) }
        #expect(bucket.take(isHigh: false, now: now)! > now)
        for _ in 0..<2 { #expect(bucket.take(isHigh: true, now: now) == nil) }
        let next = bucket.take(isHigh: true, now: now)!
        #expect(next > now + .milliseconds(99) && next < now + .milliseconds(105))
        #expect(bucket.take(isHigh: true, now: next) == nil)
        bucket.putBack()
        #expect(bucket.take(isHigh: true, now: next) == nil)
    }

    @Test("a clock that is set back stops a rate for a moment, not for hours") func rateBack() {
        var bucket = TokenBucket(rate: 1)
        #expect(bucket.take(isHigh: true, now: now) == nil)
        let back = now - .hours(5)
        #expect(bucket.take(isHigh: true, now: back)! <= back + .seconds(2))
        #expect(bucket.take(isHigh: true, now: back + .seconds(2)) == nil)
    }

    // MARK: Together

    @Test("what opens an account, and what does not: a refused recipient or message is the provider at work, no room is ours") func counts()
    {
        for outcome in [
            Outcome.badRecipient(OutcomeDetail(status: 400)), .badRequest(OutcomeDetail(status: 400)),
            .notSent(OutcomeDetail(code: "curl-0", words: "busy")),
        ] {
            var health = AccountHealth(most: 100, rate: nil, salt: 1)
            for _ in 0..<50 { #expect(!run(outcome, &health)) }
            #expect(health.admission(.low, isLast: false, now: now) == .free)
        }
        for outcome in [
            failed, .transient(OutcomeDetail(status: 503), notBefore: nil), .authConfig(OutcomeDetail(status: 401)),
            .ambiguous(OutcomeDetail(words: "timeout")),
        ] {
            var health = AccountHealth(most: 100, rate: nil, salt: 1)
            let changes = (0..<5).map { _ in run(outcome, &health) }
            #expect(changes == [false, false, false, false, true])
            guard case .closed(let until, .providerUnreachable) = health.admission(.normal, isLast: true, now: now) else {
                Issue.record("open after \(outcome)")
                continue
            }
            #expect(health.admission(.normal, isLast: false, now: until) == .free, "then one may try")
            #expect(health.take(.normal, now: until) == nil)
            #expect(health.admission(.normal, isLast: true, now: until) == .full, "and one only")
        }
    }

    @Test("what is high goes to the last account in spite of everything, one at a time") func trickle() {
        var health = AccountHealth(most: 100, rate: nil, salt: 1)
        for _ in 0..<5 { _ = run(failed, &health) }
        #expect(health.admission(.high, isLast: true, now: now) == .free)
        #expect(health.take(.high, now: now) == nil)
        #expect(health.admission(.high, isLast: true, now: now) == .full, "a second one comes when the first is back")
        let isChanged = health.note(.accepted(id: "1"), .high, started: now, now: now)
        #expect(isChanged, "what it finds out counts")
        #expect(health.admission(.normal, isLast: false, now: now) == .free)
    }

    @Test("what is high does not wait for bulk that hangs: not behind the breaker that it opened, and not in the window that it shrank")
    func hanging() {
        var health = AccountHealth(most: 100, rate: nil, salt: 1)
        for _ in 0..<75 { _ = health.take(.low, now: now) }
        for _ in 0..<5 { _ = health.note(failed, .low, started: now, now: now) }
        #expect(!health.breaker.isClosed && health.open == 70)
        #expect(health.admission(.high, isLast: true, now: now) == .free)
        _ = health.take(.high, now: now)
        let isClosed = health.note(.accepted(id: "1"), .high, started: now, now: now)
        #expect(isClosed, "it closes the breaker")
        #expect(health.window.limit == 2)
        #expect(health.admission(.high, isLast: true, now: now) == .free)
        #expect(health.admission(.normal, isLast: true, now: now) == .full && health.admission(.low, isLast: true, now: now) == .full)
        _ = health.take(.high, now: now)
        #expect(health.admission(.high, isLast: true, now: now) == .full, "its share of a small window, no more")
    }

    @Test(
        "a provider that asks for time gets it, within reason",
        arguments: [(nil, 1), (Duration.seconds(0), 1), (.seconds(-5), 1), (.seconds(90), 90), (.seconds(1_000_000_000), 3600)])
    func retryAfter(asked: Duration?, waits: Int) {
        var health = AccountHealth(most: 100, rate: nil, salt: 1)
        #expect(run(.throttled(OutcomeDetail(status: 429), notBefore: asked, scope: .account), &health))
        #expect(health.admission(.high, isLast: true, now: now) == .closed(until: now + .seconds(waits), .providerPaused))
        #expect(health.admission(.high, isLast: true, now: now + .seconds(waits)) == .free)
        #expect(!run(.throttled(OutcomeDetail(status: 429), notBefore: asked, scope: .account), &health), "the next ones change nothing")
        var other = AccountHealth(most: 100, rate: nil, salt: 1)
        #expect(!run(.throttled(OutcomeDetail(status: 429), notBefore: asked, scope: .recipient), &other))
        #expect(other.admission(.low, isLast: true, now: now) == .free, "one recipient's rate is not the account's")
    }

    @Test("trust goes with failures and late receipts, comes back, and never goes altogether") func trust() {
        var health = AccountHealth(most: 100, rate: nil, salt: 1)
        _ = run(failed, &health)
        let once = health.trust
        #expect(once < 1)
        health.note(receiptInTime: false, of: now, now: now)
        #expect(health.trust < once)
        for _ in 0..<100 { health.note(receiptInTime: false, of: now, now: now) }
        #expect(health.trust == AccountHealth.leastTrust)
        for _ in 0..<100 { _ = run(.accepted(id: "1"), &health) }
        #expect(health.trust == 1)
    }

    @Test("what an account stays silent about counts against it, once, and only when it has spoken before") func silence() {
        func took(_ count: Int, at moment: Timestamp, _ health: inout AccountHealth) {
            for _ in 0..<count {
                _ = health.take(.normal, now: moment)
                _ = health.note(.accepted(id: "1"), .normal, started: moment, now: moment)
            }
        }
        let (soon, late) = (now + .seconds(60), now + Receipts.inTime + .seconds(20))
        var health = AccountHealth(most: 100, rate: nil, salt: 1, bringsReceipts: true)
        took(10, at: now, &health)
        took(1, at: late, &health)
        #expect(health.trust == 1, "perhaps it was not asked")
        // It speaks.
        health.note(receiptInTime: true, of: late, now: late + .seconds(1))
        took(5, at: late, &health)
        #expect(health.trust == 1)
        took(1, at: late + Receipts.inTime + .seconds(10), &health)
        let silent = health.trust
        #expect(silent < 0.65, "five did not come")
        took(1, at: late + Receipts.inTime + .seconds(15), &health)
        #expect(health.trust > silent, "each counts once")
        let before = health.trust
        health.note(receiptInTime: false, of: late, now: late + .hours(1))
        #expect(health.trust <= before && health.trust > before * 0.8, "what comes after all is counted already; two more did not come")

        var prompt = AccountHealth(most: 100, rate: nil, salt: 1, bringsReceipts: true)
        took(5, at: now, &prompt)
        for _ in 0..<5 { prompt.note(receiptInTime: true, of: now, now: soon) }
        took(1, at: late + .hours(1), &prompt)
        #expect(prompt.trust == 1)
        var mute = AccountHealth(most: 100, rate: nil, salt: 1)
        took(5, at: now, &mute)
        took(1, at: late + .hours(1), &mute)
        #expect(mute.trust == 1, "mail brings none")
    }

    @Test("what is kept over a restart is what it is after it") func restart() {
        var health = AccountHealth(most: 100, rate: nil, salt: 1)
        for _ in 0..<5 { _ = run(failed, &health) }
        health.set(AccountStanding.Pause(who: "op", reason: "INC-1", at: now))
        var next = AccountHealth(most: 100, rate: nil, salt: 1)
        next.restore(health.standing("a", at: now), lastRow: now, at: now)
        #expect(next.standing("a", at: now) == health.standing("a", at: now))
        #expect(next.admission(.high, isLast: true, now: now) == .closed(until: now + AccountHealth.look, .providerPaused))
        next.set(nil)
        #expect(next.admission(.low, isLast: false, now: now) == .free, "who ends a pause is believed")
    }

    @Test("a window and trust are what they were, and no window is larger than what is configured now") func restartMeasures() {
        var health = AccountHealth(most: 100, rate: nil, salt: 1)
        #expect(health.measure(at: now) == AccountStanding.Measure(), "nothing to keep")
        for _ in 0..<30 { _ = health.note(.ambiguous(OutcomeDetail(words: "")), .normal, started: now, now: now) }
        let standing = health.standing("a", at: now)
        var next = AccountHealth(most: 100, rate: nil, salt: 1)
        next.restore(standing, lastRow: now, at: now)
        #expect(next.window == health.window && next.window.limit < 100)
        #expect(next.trust == health.trust && next.trust == AccountHealth.leastTrust)
        for _ in 0..<20_000 { _ = next.note(.accepted(id: "1"), .normal, started: now, now: now) }
        #expect(next.measure(at: now) == AccountStanding.Measure(), "what is well again is as if nothing had been")
        var smaller = AccountHealth(most: 4, rate: nil, salt: 1)
        smaller.restore(standing, lastRow: now, at: now)
        #expect(smaller.window == Window(most: 4))
        var damaged = standing
        (damaged.measure.trust, damaged.measure.window) = (-1, .init(size: -5, threshold: 1e300))
        next.restore(damaged, lastRow: now, at: now)
        #expect(next.trust == AccountHealth.leastTrust && next.window.limit == 1)
    }

    @Test("two processes together keep a rate: what may have been used since it was written counts as used") func restartRate() throws {
        var health = AccountHealth(most: 100, rate: 10, salt: 1)
        for _ in 0..<4 { #expect(health.take(.high, now: now) == nil) }
        let standing = health.standing("a", at: now + .milliseconds(100))
        #expect(standing.measure.bucket == .init(tokens: 7, at: now + .milliseconds(100)))
        func taken(lastRow: Timestamp?, at moment: Timestamp, _ standing: AccountStanding? = standing, rate: Int = 10) -> Int {
            var next = AccountHealth(most: 100, rate: rate, salt: 1)
            next.restore(standing, lastRow: lastRow, at: moment)
            return (0..<50).prefix { _ in next.take(.high, now: moment) == nil }.count
        }
        let moment = now + .milliseconds(200)
        #expect(taken(lastRow: now, at: moment) == 8, "nothing was begun since")
        #expect(taken(lastRow: now, at: moment, rate: 3) == 3, "no more than is configured now")
        #expect(taken(lastRow: now + .milliseconds(100), at: moment) == 0 && taken(lastRow: moment, at: moment) == 0)
        #expect(taken(lastRow: now, at: moment, nil) == 0 && taken(lastRow: nil, at: moment, nil) == 10, "a new store has used nothing")
        var next = AccountHealth(most: 100, rate: 10, salt: 1)
        next.restore(standing, lastRow: moment, at: moment)
        let free = next.take(.high, now: moment)
        #expect(try #require(free) <= moment + .milliseconds(105))
        next.postpone(by: .hours(1))
        let later = [.hours(1), .hours(1) + .milliseconds(110)].map { next.take(.high, now: moment + $0) == nil }
        #expect(later == [false, true])
    }

    @Test("what moves all the time is to be kept once a second at most, and at the end; what stands still is not") func drift() {
        var health = AccountHealth(most: 100, rate: nil, salt: 1)
        #expect(health.drift(at: now, isLast: true) == nil)
        health.note(receiptInTime: false, of: now, now: now)
        let first = health.drift(at: now, isLast: false)
        #expect(first?.trust == health.trust)
        health.wasKept(health.measure(at: now), at: now)
        #expect(health.drift(at: now + .hours(1), isLast: false) == nil)
        health.note(receiptInTime: false, of: now, now: now)
        #expect(health.drift(at: now + .milliseconds(999), isLast: false) == nil)
        #expect(health.drift(at: now + .milliseconds(999), isLast: true) != nil)
        health.postpone(by: .hours(1))
        #expect(
            health.drift(at: now + .hours(1), isLast: false) == nil && health.drift(at: now + .hours(1) + .seconds(1), isLast: false) != nil
        )
    }

    private func run(_ outcome: Outcome, _ health: inout AccountHealth) -> Bool {
        _ = health.take(.normal, now: now)
        return health.note(outcome, .normal, started: now, now: now)
    }
}
