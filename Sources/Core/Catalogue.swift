/// What is known of every kind, code, bank and rail: data under `config/`, read once, never guessed.
public struct Catalogue: Sendable {
    /// Every kind has its rule; the reader refuses a file without one.
    public var kinds: [Kind: KindRule] { didSet { rules = Self.rules(kinds) } }
    /// The same by ordinal: a rule is asked for many times for each event.
    private var rules: [KindRule?]
    /// Source → code → rule, in the spelling of the provider: `05` is not `5`.
    public var codes: [String: [String: CodeRule]]
    /// Bank code → rail → arrival percentiles.
    public var baselines: [String: [String: Baseline]]
    /// What a rail's hold-off is where a bank has no line of its own.
    public var rails: [String: Duration]
    /// By whose clock the banks of a rail work; a rail that is not here works by ours.
    public var zones: [String: String]
    /// Whose holidays the banks of a rail keep, unless `bankCountries` names the bank: ISO 3166 countries.
    public var countries: [String: String]
    public var bankCountries: [String: String]
    /// How amounts are shown, by rail, or `any`, and currency; exactly, where nothing stands here.
    public var amounts: [String: [String: AmountRule]]
    /// By country.
    public var holidays: [String: Holidays]

    public init(
        kinds: [Kind: KindRule], codes: [String: [String: CodeRule]], baselines: [String: [String: Baseline]], rails: [String: Duration],
        zones: [String: String] = [:], countries: [String: String] = [:], bankCountries: [String: String] = [:],
        holidays: [String: Holidays] = [:], amounts: [String: [String: AmountRule]] = [:]
    ) {
        self.amounts = amounts
        (self.kinds, self.codes, self.baselines, self.rails, self.zones) = (kinds, codes, baselines, rails, zones)
        (self.countries, self.bankCountries, self.holidays) = (countries, bankCountries, holidays)
        rules = Self.rules(kinds)
    }

    private static func rules(_ kinds: [Kind: KindRule]) -> [KindRule?] { Kind.allCases.map { kinds[$0] } }

    public subscript(_ kind: Kind) -> KindRule {
        guard let rule = rules[Int(kind.ordinal)] else { preconditionFailure("the catalogue has no rule for \(kind.rawValue)") }
        return rule
    }
    /// An amount as customers of a rail are told it.
    public func shown(_ amount: Money, on rail: String) -> Money {
        guard !amounts.isEmpty, let rule = amounts[rail]?[amount.currency.code] ?? amounts[Self.anyRail]?[amount.currency.code] else {
            return amount
        }
        return rule.shown(amount)
    }
    public static let anyRail = "any"

    public func code(source: String, code: String) -> CodeRule? { codes[source]?[code] }
}

public struct CodeRule: Sendable, Hashable {
    /// Nil for codes that are no anomaly (`none` in the data): recorded only.
    public var kind: Kind?
    public var isTransient: Bool
    public var action: String
    public init(kind: Kind?, isTransient: Bool, action: String) { (self.kind, self.isTransient, self.action) = (kind, isTransient, action) }
}

/// Seconds from submission to credit of one bank on one rail.
public struct Baseline: Sendable, Hashable {
    public var p50, p95, p99: Int
    public init(p50: Int, p95: Int, p99: Int) { (self.p50, self.p95, self.p99) = (p50, p95, p99) }
    /// docs/planning.md, hold-offs.
    public var holdOff: Duration { .seconds(max(p99, p95 + 600)) }
}

public struct KindRule: Sendable, Hashable {
    public enum HoldOff: Sendable, Hashable {
        /// From the event's time; zero is at once.
        case fixed(Duration)
        /// From `submitted_at`, by the baseline of bank and rail.
        case baseline
    }
    public enum QuietHours: String, Sendable, CaseIterable {
        case `defer`
        case deferSMS = "defer_sms"
        case deferUnlessDeadline = "defer_unless_deadline"
        case breakThrough = "break_through"
    }
    public enum Review: String, Sendable, CaseIterable {
        case no, yes
        /// When the customer's material arrives.
        case materials
        /// When the mistake is ours.
        case mismatch
        /// One per incident.
        case incident
    }
    public var kind: Kind
    public var priority: Priority
    /// A higher one replaces a lower one of the same order; 0 replaces nothing. docs/planning.md has the ranks.
    public var rank: Int
    public var holdOff: HoldOff
    public var quietHours: QuietHours
    public var review: Review
    public var funds: FundsState
    public var action: String
    /// Buttons, the first is the one a mail shows.
    public var links: [String]
    public var steps: [String]
    public var materials: [String]
    /// In an incident of its bank and rail it becomes the incident's one notice per customer.
    public var mergesIntoIncident: Bool
    /// The time promised when the event promises none, from now, rounded up to the full hour.
    public var promise: Duration
    /// Who of the staff is asked, and when; in the order in which they are numbered.
    public var escalation: [EscalationStep]

    public init(
        kind: Kind, priority: Priority, rank: Int, holdOff: HoldOff, quietHours: QuietHours, review: Review, funds: FundsState,
        action: String,
        links: [String], steps: [String], materials: [String], mergesIntoIncident: Bool, promise: Duration,
        escalation: [EscalationStep] = []
    ) {
        (self.kind, self.priority, self.rank, self.holdOff, self.quietHours, self.review) = (
            kind, priority, rank, holdOff, quietHours, review
        )
        (self.funds, self.action, self.links, self.steps, self.materials) = (funds, action, links, steps, materials)
        (self.mergesIntoIncident, self.promise, self.escalation) = (mergesIntoIncident, promise, escalation)
    }
}
