/// Reads CloudEvents 1.0 JSON into `Event`. One strict path for queue, file and HTTP.
public struct EventReader: Sendable {
    /// What the event types of the producers begin with, e.g. `com.example.payout.`
    public var typePrefix: String
    /// Rails that the catalogue knows. Others are refused.
    public var rails: Set<String>

    /// Bytes of one event at most.
    public static let sizeLimit = 65536
    /// Characters of one free-text value at most.
    public static let textLimit = 1000

    public init(typePrefix: String, rails: Set<String>) { (self.typePrefix, self.rails) = (typePrefix, rails) }

    public struct Accepted: Sendable {
        public var event: Event
        /// Canonical JSON of `type`, `subject`, `time` and `data` as sent: two events with the same hash of this have the same content.
        public var content: [UInt8]
        /// `Event.json`: only what Clarion uses, cards cut from free text. This is what is stored; it reads back to the same `Event`.
        public var cleaned: [UInt8]
    }

    /// - Parameter now: an event of more than a day later is refused.
    public func read(_ bytes: [UInt8], now: Timestamp) throws(EventRefusal) -> Accepted {
        guard bytes.count <= Self.sizeLimit else { throw EventRefusal([FieldProblem("", "larger than \(Self.sizeLimit) bytes")]) }
        return try scan(bytes) { tape in
            read(tape, now: now).map { event in
                Accepted(
                    event: event, content: tape.canonicalBytes(of: ["data", "subject", "time", "type"], in: 0),
                    cleaned: event.bytes(typePrefix: typePrefix))
            }
        }
    }

    /// The event of what is stored: `Accepted.cleaned`.
    public func event(of stored: [UInt8]) throws(EventRefusal) -> Event {
        try scan(stored) { read($0, now: Timestamp(milliseconds: .max / 2)) }
    }

    private func scan<Value>(
        _ bytes: [UInt8], _ read: (JSONTape) -> Result<Value, EventRefusal>
    ) throws(EventRefusal) -> Value {
        let found: Result<Value, EventRefusal>
        do {
            found = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONProblem) in try JSONTape.read(bytes, read) }
        } catch {
            throw EventRefusal([error.isOfMember ? FieldProblem(error.path, error.problem) : FieldProblem("", error.description)])
        }
        return try found.get()
    }

    public func read(_ bytes: some Collection<UInt8>, now: Timestamp) throws(EventRefusal) -> Accepted {
        try read(Array(bytes), now: now)
    }

    public func read(_ json: JSON, now: Timestamp) throws(EventRefusal) -> Accepted { try read(json.bytes, now: now) }

    private func read(_ tape: JSONTape, now: Timestamp) -> Result<Event, EventRefusal> {
        guard tape.isObject(0) else { return .failure(EventRefusal([FieldProblem("", "expected one JSON object")])) }
        let fields = EventFields(tape)
        let event = envelope(fields, now: now)
        guard fields.problems.isEmpty, let event else { return .failure(EventRefusal(fields.problems)) }
        return .success(event)
    }

    // MARK: Envelope

    private func envelope(_ fields: EventFields, now: Timestamp) -> Event? {
        if let version = fields.string("specversion"), version != "1.0" { fields.refuse("specversion", "expected \"1.0\"") }
        let id = fields.reference("id", limit: 128)
        let source = fields.string("source")
        if let source, source.isEmpty || source.utf8.count > 256 || PlainText.hasHidden(source) {
            fields.refuse("source", "expected 1 to 256 visible characters")
        } else if let source, !CardRule.isClean(source) {
            fields.refuse("source", "looks like a card number")
        }
        let type = fields.string("type")
        let time = fields.time("time")
        if let time, time > now + .days(1) { fields.refuse("time", "more than a day in the future") }
        let received = fields.optionalTime("receivedat")
        let isTest = fields.optionalBool("test") ?? false
        let subject = fields.reference("subject", limit: 64)
        if let content = fields.text("datacontenttype"), content != "application/json",
            !content.lowercased().hasPrefix("application/json")
        {
            fields.refuse("datacontenttype", "expected application/json")
        }
        guard !fields.isMissing("data") else {
            fields.refuse("data", "missing")
            return nil
        }
        let data = fields.inside("data")
        guard data.isThere else {
            fields.refuse("data", "expected an object")
            return nil
        }
        guard let type else { return nil }
        guard type.hasPrefix(typePrefix) else {
            fields.refuse("type", "expected a type that begins with \"\(typePrefix)\"")
            return nil
        }
        guard let topic = topic(of: type) else {
            fields.refuse(
                "type", "not one of anomaly.detected, anomaly.updated, anomaly.resolved, incident.opened, incident.updated, incident.closed"
            )
            return nil
        }
        let body: Event.Body?
        switch topic.stage {
        case .anomaly(let stage): body = anomaly(data, stage: stage, subject: subject).map(Event.Body.anomaly)
        case .incident(let stage):
            body = incident(data, stage: stage, subject: subject, time: time).map(Event.Body.incident)
        }
        guard let id, let source, let time, let body else { return nil }
        return Event(id: id, source: source, type: topic.word, time: time, receivedAt: received, isTest: isTest, body: body)
    }

    private enum Stage {
        case anomaly(Anomaly.Stage)
        case incident(IncidentNews.Stage)
    }
    private static let topics: [(word: String, stage: Stage)] =
        Anomaly.Stage.allCases.map { ("anomaly." + $0.rawValue, .anomaly($0)) }
        + IncidentNews.Stage.allCases.map { ("incident." + $0.rawValue, .incident($0)) }

    /// What a type with our prefix is about.
    private func topic(of type: String) -> (word: String, stage: Stage)? {
        var type = type
        return type.withUTF8 { bytes in
            let word = UnsafeBufferPointer(rebasing: bytes.dropFirst(typePrefix.utf8.count))
            return Self.topics.first { topic in
                var known = topic.word
                return known.withUTF8 { $0.count == word.count && $0.elementsEqual(word) }
            }
        }
    }

    // MARK: Anomalies

    private func anomaly(_ fields: EventFields, stage: Anomaly.Stage, subject: String?) -> Anomaly? {
        if let schema = fields.integer("schema"), schema != 1 { fields.refuse("schema", "expected 1") }
        let order = fields.reference("payout_id", limit: 64)
        if let order, let subject, order != subject { fields.refuse("payout_id", "differs from subject") }
        let seq = fields.integer("seq")
        if let seq, seq < 1 { fields.refuse("seq", "expected 1 or more") }
        let id = fields.reference("anomaly_id", limit: 64)
        if let word = fields.string("stage"), word != stage.rawValue { fields.refuse("stage", "differs from type") }
        let kind = fields.optionalWord("kind", as: Kind.self)
        let reason = reason(fields)
        var resolution: Resolution?
        if stage == .resolved {
            resolution = fields.word("outcome", as: Resolution.self)
        }
        let step = fields.optionalReference("step", limit: 64)
        let funds = fields.optionalWord("funds_state", as: FundsState.self)
        let rail = fields.string("rail")
        if let rail, !rails.contains(rail) { fields.refuse("rail", "not a rail of the catalogue") }
        let bank = fields.inside("bank")
        let bankCode = bank.reference("code", limit: 32)
        // A name that is more than one is left out: its code says which bank it is.
        let bankName = bank.optionalText("name").map { PlainText(fromOutside: $0) }.flatMap {
            ContactRule.isClean($0.description) ? $0 : nil
        }
        var tail: Tail4?
        let account = fields.inside("account")
        if account.has("last4") {
            let text = account.string("last4")
            tail = text.flatMap(Tail4.init)
            if text != nil, tail == nil { account.refuse("last4", "expected exactly four digits") }
        }
        let isWallet = account.text("type") == "wallet"
        let amount = fields.optionalInside("amount").flatMap(money)
        let occurred = fields.optionalTime("occurred_at")
        let expected = fields.optionalTime("expected_at")
        let submitted = fields.optionalTime("submitted_at")
        let details = details(fields)
        let customer = customer(fields)
        guard let order = order.flatMap({ OrderNumber($0) }), let seq, let id, let rail, let bankCode, let customer else { return nil }
        return Anomaly(
            order: order, seq: seq, id: id, stage: stage, kind: kind, reason: reason, step: step, resolution: resolution, funds: funds,
            occurredAt: occurred, expectedAt: expected, submittedAt: submitted, rail: rail, bank: Bank(code: bankCode, name: bankName),
            tail4: tail, isWallet: isWallet, amount: amount, details: details, customer: customer)
    }

    // MARK: Incidents

    private func incident(_ fields: EventFields, stage: IncidentNews.Stage, subject: String?, time: Timestamp?) -> IncidentNews? {
        if let schema = fields.integer("schema"), schema != 1 { fields.refuse("schema", "expected 1") }
        let id = fields.reference("incident_id", limit: 64)
        if let id, let subject, id != subject { fields.refuse("incident_id", "differs from subject") }
        let bank = fields.inside("bank").reference("code", limit: 32)
        let rail = fields.string("rail")
        if let rail, !rails.contains(rail) { fields.refuse("rail", "not a rail of the catalogue") }
        _ = fields.optionalWord("kind", as: Kind.self)
        let since = fields.has("since") ? fields.time("since") : time
        let until = fields.optionalTime("until")
        guard let id, let bank, let rail, let since else { return nil }
        return IncidentNews(id: id, stage: stage, bank: bank, rail: rail, since: since, until: until)
    }
}
