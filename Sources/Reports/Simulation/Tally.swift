public import Core

/// What a run of the rules came to, in the figures that `rules simulate` compares and guards.
public struct Tally: Sendable {
    /// Figures that count things. The names are those of the guards, and of the rows in JSON.
    public enum Figure: String, CaseIterable, Sendable {
        case eventsThatNotify = "events-that-notify"
        case notices
        case messages
        case sms
        case smsParts = "sms-parts"
        case push, mail, voice
        case toldLater = "told-later"
        case perCustomerDay = "per-customer-day"
        case staff
        case neverTold = "never-told"
        case neverToldHigh = "never-told-high"
        case neverToldMoneyOut = "never-told-money-lost"

        /// What the row of the table says.
        public var words: String {
            switch self {
            case .eventsThatNotify: "events that notify"
            case .notices: "notices to customers"
            case .messages: "messages beside the app"
            case .sms: "SMS"
            case .smsParts: "SMS parts"
            case .push: "push"
            case .mail: "mail"
            case .voice: "voice"
            case .toldLater: "told later than"
            case .perCustomerDay: "most messages to one customer a day"
            case .staff: "messages to staff"
            case .neverTold: "never told"
            case .neverToldHigh: "never told, priority high"
            case .neverToldMoneyOut: "never told, money lost"
            }
        }
        /// More of it is worse: where it rises the change is marked.
        public var isHarm: Bool {
            switch self {
            case .toldLater, .neverTold, .neverToldHigh, .neverToldMoneyOut: true
            default: false
            }
        }
    }

    /// "Late" is later than this, from the event's time to the first that left.
    public let late: Duration
    private let prices: [String: UnitPrice]
    public private(set) var cost = Cost()
    private var counts: [Figure: Int] = [:]
    private var days: [Day: Int] = [:]
    /// Told later than each of these.
    private var later: [Duration: Int] = [:]

    private struct Day: Hashable {
        var customer: String
        var number: Int64
    }

    /// - Parameters:
    ///   - prices: of an SMS part, by account.
    ///   - others: more spans that a guard asks for.
    public init(late: Duration = .minutes(5), others: [Duration] = [], prices: [SMSPrice] = []) {
        self.late = late
        self.prices = Dictionary(prices.map { ($0.account, $0.price) }) { first, _ in first }
        for span in others + [late] { later[span] = 0 }
    }

    public subscript(figure: Figure) -> Int { figure == .toldLater ? later[late] ?? 0 : counts[figure] ?? 0 }
    public func toldLater(than span: Duration) -> Int { later[span] ?? 0 }

    /// - Parameters:
    ///   - since: what happened before is not counted.
    ///   - offset: of a zone, in seconds: a customer's day is by their own clock.
    public mutating func add(_ outcome: OrderOutcome, since: Timestamp?, offset: (String, Timestamp) -> Int) {
        counts[.eventsThatNotify, default: 0] += outcome.events.count { event in
            event.disposition == .planned && since.map { event.receivedAt >= $0 } ?? true
        }
        for told in outcome.told where since.map({ told.at >= $0 }) ?? true {
            let sent = told.sent
            guard !sent.isEmpty else { continue }
            counts[.notices, default: 0] += 1
            for way in sent where way.channel != .inApp { add(way, to: told, offset) }
        }
        for matter in outcome.matters where since.map({ matter.detectedAt >= $0 }) ?? true {
            if matter.isNeverTold {
                counts[.neverTold, default: 0] += 1
                if matter.priority == .high { counts[.neverToldHigh, default: 0] += 1 }
                if matter.isMoneyOut { counts[.neverToldMoneyOut, default: 0] += 1 }
            }
            guard let first = matter.firstTold else { continue }
            for span in later.keys where first - matter.detectedAt > span { later[span, default: 0] += 1 }
        }
    }

    private mutating func add(_ way: OrderOutcome.Way, to told: OrderOutcome.Told, _ offset: (String, Timestamp) -> Int) {
        counts[.messages, default: 0] += 1
        switch way.channel {
        case .sms:
            counts[.sms, default: 0] += 1
            counts[.smsParts, default: 0] += way.parts
            if let price = way.account.flatMap({ prices[$0] }) { cost.add(way.parts, at: price) }
        case .push: counts[.push, default: 0] += 1
        case .mail: counts[.mail, default: 0] += 1
        case .voice: counts[.voice, default: 0] += 1
        case .inApp: return
        }
        let number = (way.at.milliseconds / 1000 + Int64(offset(told.zone, way.at))) / 86_400
        let day = Day(customer: told.customer, number: number)
        days[day, default: 0] += 1
        counts[.perCustomerDay] = max(counts[.perCustomerDay] ?? 0, days[day] ?? 0)
    }

    /// Messages that went to our own people.
    public mutating func add(staff count: Int) { counts[.staff, default: 0] += count }

    /// Days of which nothing more will be added.
    public mutating func forget(daysBefore moment: Timestamp) {
        let last = moment.milliseconds / 86_400_000 - 1
        days = days.filter { $0.key.number >= last }
    }
}
