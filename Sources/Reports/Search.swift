public import Core
public import Terminal

/// The one search language, of `audit search`, `audit sample` and `GET /v1/audit`: words `name:value`, all of which must hold.
///
/// | word | means |
/// |---|---|
/// | `kind:risk_hold,bank_delay` | one of these |
/// | `-reason:first`, `!reason:first` | none of these |
/// | `WD251110001236`, `"WD251110001236"`, `dlv_…` | of this order; this delivery |
/// | `since:24h until:today` | planned in this span |
///
/// The names are those of `Name`. A state is a word of `StateWord`, or one of the store's own.
public struct Search: Sendable {
    public enum Name: String, ClosedWord {
        case kind, bank, rail, channel, state, reason, stage, locale, priority
        /// An account, as `clarion provider list` shows it.
        case provider
        case order, customer, delivery, since, until

        /// The words that may follow; nil: they are not a closed list.
        var known: [String]? {
            switch self {
            case .kind: Kind.allCases.map(\.rawValue)
            case .channel: Channel.allCases.map(\.rawValue)
            case .state: Set(StateWord.Code.allCases.map(\.rawValue) + DeliveryState.allCases.map(\.rawValue)).sorted()
            case .reason: ReasonCode.allCases.map(\.rawValue)
            case .stage: NoticeStage.allCases.map(\.rawValue)
            case .locale: TextLocale.allCases.map(\.rawValue)
            case .priority: Priority.allCases.map(\.rawValue)
            case .bank, .rail, .provider, .order, .customer, .delivery, .since, .until: nil
            }
        }
        var field: DeliveryFilter.Field? { self == .provider ? .account : DeliveryFilter.Field(rawValue: rawValue) }
    }
    public static let names = Name.allCases.map(\.rawValue)
    /// An argument of a command line as the parser of options may see it: `-reason:first` would be taken for `-o`. Everything else stays.
    public static func argument(_ text: String) -> String {
        guard text.hasPrefix("-"), let colon = text.firstIndex(of: ":"), names.contains(String(text[..<colon].dropFirst())) else {
            return text
        }
        return "!" + text.dropFirst()
    }

    /// The words that may follow a name; nil where there is no closed list.
    public static func known(_ name: String) -> [String]? { Name(rawValue: name)?.known }

    public var query: DeliveryFilter
    /// States by their words for people: of what the store finds, these are shown.
    public private(set) var states: DeliveryFilter.Words = .init()

    public init(limit: Int) { query = DeliveryFilter(limit: limit) }

    /// Throws a usage fault with the place of the mistake in the text, and the nearest word that is known.
    public init(_ text: String, limit: Int, now: Timestamp, offset: (Timestamp) -> Int) throws(Fault) {
        query = DeliveryFilter(limit: limit)
        var seen: Set<Name> = []
        for word in try SearchWord.all(in: text) {
            guard let name = Name(rawValue: word.name) else { throw word.fault(at: .name, "word", Self.names) }
            if !word.isNegative, !seen.insert(name).inserted {
                throw word.fault(at: .name, "\(name.rawValue): is there twice", hint: "\(name.rawValue):one,other finds both")
            }
            try set(name, word, now: now, offset: offset)
        }
        settleStates()
    }

    private mutating func set(_ name: Name, _ word: SearchWord, now: Timestamp, offset: (Timestamp) -> Int) throws(Fault) {
        for value in word.values {
            guard !value.text.isEmpty else { throw word.fault(at: .value(value), "\(name.rawValue): needs a value", hint: nil) }
            if let known = name.known, !known.contains(value.text) { throw word.fault(at: .value(value), name.rawValue, known) }
        }
        let values = word.values.map(\.text)
        if let field = name.field {
            if word.isNegative { query[field].not += values } else { query[field].only += values }
            return
        }
        guard let value = word.values.first, values.count == 1, !word.isNegative else {
            throw word.fault(at: .name, "\(name.rawValue): takes one value, and no minus", hint: nil)
        }
        switch name {
        case .order:
            guard let order = OrderNumber(value.text) else {
                throw word.fault(at: .value(value), "\"\(value.text)\" is not an order number", hint: nil)
            }
            query.order = order
        case .customer: query.customer = value.text
        case .delivery: query.delivery = value.text
        default:
            guard let moment = TimeArgument.moment(value.text, now: now, offset: offset) else {
                throw word.fault(at: .value(value), "\"\(value.text)\" is not a time", hint: "2h, yesterday, 2026-11-18, or RFC 3339")
            }
            if name == .since { query.since = moment } else { query.until = moment }
        }
    }

    /// What the store is asked for of the states, and what is left to be decided for each delivery. Both words of one thing may be mixed.
    private mutating func settleStates() {
        let asked = query[.state]
        func shown(_ words: [String]) -> [StateWord.Code] { words.compactMap(StateWord.Code.init) }
        guard !(shown(asked.only) + shown(asked.not)).isEmpty else { return }
        states = asked
        var only: [String] = []
        for word in asked.only {
            only += StateWord.Code(rawValue: word)?.stored.map(\.rawValue) ?? []
            if DeliveryState(rawValue: word) != nil { only.append(word) }
        }
        query[.state] = .init()
        query[.state].only = Array(Set(only)).sorted()
        if asked.only == [StateWord.Code.read.rawValue] { query.isRead = true }
    }

    func shows(_ found: FoundDelivery) -> Bool { shows(found.standing) }
    func shows(_ found: FoundDelivery.Standing) -> Bool {
        guard !states.isEmpty else { return true }
        let words = [StateWord.code(found).rawValue, found.state.rawValue]
        return (states.only.isEmpty || words.contains(where: states.only.contains)) && !words.contains(where: states.not.contains)
    }
}

extension StateWord.Code {
    /// The stored states that this word may stand for; which it is, the row decides.
    var stored: [DeliveryState] {
        switch self {
        case .planned, .acked: []
        case .held: [.ready, .retryWait]
        case .queued: [.ready, .retryWait]
        case .sending: [.inflight]
        case .providerAccepted: [.sent, .delivered]
        case .mtaAccepted, .deviceConfirmed, .read: [.delivered]
        case .noReport: [.ambiguous, .unknown]
        case .dropped: [.cancelled, .blocked]
        case .refused: [.undelivered, .dead]
        case .gaveUp: [.dead]
        case .expired: [.expired]
        }
    }
}
