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
    }
    let beats: [Beat]
    /// The order number the screen proposes to explain.
    let showcase: OrderNumber?

    /// Six invented people whose phones, mailboxes and inboxes the demo's page shows.
    static let people = [
        SamplePerson(
            id: "CU900001", locale: "zh-Hans", .cn, phone: "+8610000000011", mail: "li.lei@example.com", device: "test-device-li-lei"),
        SamplePerson(
            id: "CU900002", locale: "zh-Hant", .hk, phone: "+85200000012", mail: "chan.tm@example.com", device: "test-device-chan"),
        SamplePerson(id: "CU900003", locale: "en", .gb, phone: "+447700900013", mail: "amelia@example.com", device: "test-device-amelia"),
        SamplePerson(
            id: "CU900004", locale: "en", .us, phone: "+12025550114", mail: "noah@example.com", device: "test-device-noah",
            privatePreview: true),
        SamplePerson(id: "CU900005", locale: "zh-Hans", .cn, phone: nil, mail: "wang.fang@example.com", device: nil),
        SamplePerson(id: "CU900006", locale: "en", .eu, phone: "+490000000016", mail: nil, device: nil),
    ]

    init(now: Timestamp, _ samples: EventSamples) {
        var samples = samples
        var beats: [Beat] = []
        let people = Self.people
        func tell(_ story: EventSamples.Story, _ words: String, _ events: [JSON], fault: (Fault, StandIn)? = nil) {
            beats.append(Beat(words: "\(story.order)  \(words)", events: events, fault: fault))
        }

        var (hold, held) = samples.detected(.riskHold, of: people[0], code: "RISK_RULE_HIT", at: now)
        showcase = hold.order
        tell(hold, "a risk check holds a payout: SMS, push and inbox at once, in Chinese", [held])
        tell(hold, "the same event again: nobody is told twice", [held])

        let slow = samples.detected(.bankDelay, of: people[2], after: .minutes(150), at: now - .minutes(30))
        tell(slow.story, "a bank is late: mail and inbox, in English", [slow.event])

        var (quick, late) = samples.detected(.bankDelay, of: people[1], after: .seconds(40), at: now)
        tell(quick, "late, and arrived inside its hold-off: never told", [late, samples.resolved(&quick, as: .arrived, at: now)])

        var (wrong, detail) = samples.detected(.accountInfoError, of: people[1], at: now - .minutes(1))
        tell(wrong, "wrong account details, traditional Chinese", [detail])

        let quiet = samples.detected(.limitExceeded, of: people[3], at: now)
        tell(quiet.story, "a customer who wants nothing on the lock screen: neutral push", [quiet.event])

        let unreachable = samples.detected(.identityRequired, of: people[4], at: now)
        tell(unreachable.story, "no phone, no device: inbox only, staff are told", [unreachable.event])

        let unknown = samples.detected(.statusUnknown, of: people[2], code: "BRAND_NEW_CODE", at: now - .minutes(20))
        tell(unknown.story, "a code that is in no list: never guessed, a person looks", [unknown.event])

        beats.append(Beat(words: "a broken line: a dead letter that names the field", broken: #"{"specversion":"1.0","id":""}"#))

        let retried = samples.detected(.riskHold, of: people[2], code: "RISK_MATERIALS_NEEDED", at: now)
        tell(
            retried.story, "the SMS provider answers 503: tried again, told once", [retried.event],
            fault: (Fault(.status(503), times: 1), .twilio))

        let lost = samples.detected(.notArrived, of: people[5], at: now - .minutes(40))
        tell(
            lost.story, "it takes an SMS and hangs up: listed for people, never sent twice, and settled by its receipt", [lost.event],
            fault: (Fault(.dropAfterAccept, times: 1), .twilio))

        let storm = (0..<24).map { n in
            samples.detected(
                .bankDelay, of: people[[0, 4][n % 2]], bank: "ICBC", after: .minutes(19), at: now - .seconds(Int64(60 - n))
            ).event
        }
        beats.append(
            Beat(words: "a storm: 24 payouts to one bank turn late; each customer gets one message for all of them", events: storm))

        tell(wrong, "the money is back: one closing notice", [samples.resolved(&wrong, as: .refunded, at: now)])
        tell(hold, "released and arrived: one closing notice", [samples.resolved(&hold, as: .arrived, at: now)])
        self.beats = beats
    }
}
