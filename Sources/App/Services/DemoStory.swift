import Core
import Pipeline
import Sandbox

/// What happens in the demo: one of each thing that matters, failures and recovery included. Seeded; runs on the clock of the wall.
struct DemoStory: Sendable {
    struct Beat: Sendable {
        /// What to say on the screen.
        var words: String
        var events: [JSON] = []
        /// A line that is no event.
        var broken: String?
        var fault: (Fault, StandIn)?
        /// An order worth asking about.
        var order: OrderNumber?
    }
    let beats: [Beat]
    /// The order number the screen proposes to explain.
    let showcase: OrderNumber?

    init(now: Timestamp) {
        var sample = DemoEvents(seed: UInt64(bitPattern: now.milliseconds), now: now)
        var beats: [Beat] = []
        let people = DemoEvents.people

        var hold = sample.payout(of: people[0])
        let first = sample.detected(&hold, .riskHold)
        showcase = OrderNumber(hold.order)
        beats.append(Beat(words: "\(hold.order)  a risk check holds a payout: SMS, push and inbox at once, in Chinese", events: [first]))
        beats.append(Beat(words: "\(hold.order)  the same event again: nobody is told twice", events: [first]))

        var slow = sample.payout(of: people[2], submitted: .hours(3))
        beats.append(
            Beat(
                words: "\(slow.order)  a bank is late: mail and inbox, in English",
                events: [sample.detected(&slow, .bankDelay, at: .minutes(30))]))

        var quick = sample.payout(of: people[1], submitted: .seconds(40))
        let late = sample.detected(&quick, .bankDelay)
        let arrived = sample.resolved(&quick, .bankDelay, .arrived)
        beats.append(Beat(words: "\(quick.order)  late, and arrived inside its hold-off: never told", events: [late, arrived]))

        var wrong = sample.payout(of: people[1])
        beats.append(
            Beat(
                words: "\(wrong.order)  wrong account details, traditional Chinese",
                events: [sample.detected(&wrong, .accountInfoError, at: .minutes(1))]))

        var quiet = sample.payout(of: people[3])
        beats.append(
            Beat(
                words: "\(quiet.order)  a customer who wants nothing on the lock screen: neutral push",
                events: [sample.detected(&quiet, .limitExceeded)]))

        var unreachable = sample.payout(of: people[4])
        beats.append(
            Beat(
                words: "\(unreachable.order)  no phone, no device: inbox only, staff are told",
                events: [sample.detected(&unreachable, .identityRequired)]))

        var unknown = sample.payout(of: people[2])
        beats.append(
            Beat(
                words: "\(unknown.order)  a code that is in no list: never guessed, a person looks",
                events: [sample.detected(&unknown, .statusUnknown, code: "BRAND_NEW_CODE", at: .minutes(20))]))

        beats.append(Beat(words: "a broken line: a dead letter that names the field", broken: #"{"specversion":"1.0","id":""}"#))

        var retried = sample.payout(of: people[2])
        beats.append(
            Beat(
                words: "\(retried.order)  the SMS provider answers 503: tried again, told once",
                events: [sample.detected(&retried, .riskHold, code: "RISK_MATERIALS_NEEDED")],
                fault: (Fault(.status(503), times: 1), .twilio)))

        var lost = sample.payout(of: people[5])
        beats.append(
            Beat(
                words: "\(lost.order)  it takes an SMS and dies without an answer: listed as ambiguous, never sent twice",
                events: [sample.detected(&lost, .notArrived, at: .minutes(40))], fault: (Fault(.dropAfterAccept, times: 1), .twilio)))

        var storm: [JSON] = []
        for n in 0..<24 {
            var payout = sample.payout(of: people[[0, 4][n % 2]], bank: "ICBC", submitted: .minutes(20))
            storm.append(sample.detected(&payout, .bankDelay, at: .seconds(Int64(60 - n))))
        }
        beats.append(
            Beat(words: "a storm: 24 payouts to one bank turn late; each customer gets one message for all of them", events: storm))

        let end = sample.resolved(&wrong, .accountInfoError, .refunded)
        beats.append(Beat(words: "\(wrong.order)  the money is back: one closing notice", events: [end]))
        let released = sample.resolved(&hold, .riskHold, .arrived)
        beats.append(Beat(words: "\(hold.order)  released and arrived: one closing notice", events: [released]))
        self.beats = beats
    }
}
