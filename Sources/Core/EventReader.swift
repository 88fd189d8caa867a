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
    public func read(_ bytes: some Collection<UInt8>, now: Timestamp) throws(EventRefusal) -> Accepted {
        guard bytes.count <= Self.sizeLimit else { throw EventRefusal([FieldProblem("", "larger than \(Self.sizeLimit) bytes")]) }
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw EventRefusal([error.isOfMember ? FieldProblem(error.path, error.problem) : FieldProblem("", error.description)])
        }
        return try read(json, now: now)
    }

    public func read(_ json: JSON, now: Timestamp) throws(EventRefusal) -> Accepted {
        guard json.object != nil else { throw EventRefusal([FieldProblem("", "expected one JSON object")]) }
        var fields = FieldReader(json)
        let event = envelope(&fields, now: now)
        guard fields.problems.isEmpty, let event else { throw EventRefusal(fields.problems) }
        let parts = ["type", "subject", "time", "data"].compactMap { name in json[name].map { (name, $0) } }
        return Accepted(event: event, content: JSON.object(parts).canonicalBytes, cleaned: event.json(typePrefix: typePrefix).bytes)
    }

    // MARK: Envelope

    private func envelope(_ fields: inout FieldReader, now: Timestamp) -> Event? {
        if let version = fields.string("specversion"), version != "1.0" { fields.refuse("specversion", "expected \"1.0\"") }
        let id = fields.reference("id", limit: 128)
        let source = fields.string("source")
        if let source, source.isEmpty || source.utf8.count > 256 || source.unicodeScalars.contains(where: PlainText.isHidden) {
            fields.refuse("source", "expected 1 to 256 visible characters")
        } else if let source, !CardRule.isClean(source) {
            fields.refuse("source", "looks like a card number")
        }
        let type = fields.string("type")
        let time = fields.time("time")
        if let time, time > now + .days(1) { fields.refuse("time", "more than a day in the future") }
        let received = fields.optionalTime("receivedat")
        let subject = fields.reference("subject", limit: 64)
        if let content = fields.root["datacontenttype"]?.string, !content.lowercased().hasPrefix("application/json") {
            fields.refuse("datacontenttype", "expected application/json")
        }
        guard fields.root["data"] != nil else {
            fields.refuse("data", "missing")
            return nil
        }
        guard fields.root["data"]?.object != nil else {
            fields.refuse("data", "expected an object")
            return nil
        }
        guard let type else { return nil }
        guard type.hasPrefix(typePrefix) else {
            fields.refuse("type", "expected a type that begins with \"\(typePrefix)\"")
            return nil
        }
        let word = String(type.dropFirst(typePrefix.count))
        let parts = word.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        var body: Event.Body?
        if parts.count == 2, parts[0] == "anomaly", let stage = Anomaly.Stage(rawValue: parts[1]) {
            body = anomaly(&fields, stage: stage, subject: subject).map(Event.Body.anomaly)
        } else if parts.count == 2, parts[0] == "incident", let stage = IncidentNews.Stage(rawValue: parts[1]) {
            body = incident(&fields, stage: stage, subject: subject, time: time).map(Event.Body.incident)
        } else {
            fields.refuse(
                "type", "not one of anomaly.detected, anomaly.updated, anomaly.resolved, incident.opened, incident.updated, incident.closed"
            )
        }
        guard let id, let source, let time, let body else { return nil }
        return Event(id: id, source: source, type: word, time: time, receivedAt: received, body: body)
    }

    // MARK: Anomalies

    private func anomaly(_ fields: inout FieldReader, stage: Anomaly.Stage, subject: String?) -> Anomaly? {
        if let schema = fields.integer("data.schema"), schema != 1 { fields.refuse("data.schema", "expected 1") }
        let order = fields.reference("data.payout_id", limit: 64)
        if let order, let subject, order != subject { fields.refuse("data.payout_id", "differs from subject") }
        let seq = fields.integer("data.seq")
        if let seq, seq < 1 { fields.refuse("data.seq", "expected 1 or more") }
        let id = fields.reference("data.anomaly_id", limit: 64)
        if let word = fields.string("data.stage"), word != stage.rawValue { fields.refuse("data.stage", "differs from type") }
        let kind = fields.optionalWord("data.kind", as: Kind.self)
        let reason = reason(&fields)
        var resolution: Resolution?
        if stage == .resolved {
            resolution = fields.word("data.outcome", as: Resolution.self)
        }
        let step = fields.optionalReference("data.step", limit: 64)
        let funds = fields.optionalWord("data.funds_state", as: FundsState.self)
        let rail = fields.string("data.rail")
        if let rail, !rails.contains(rail) { fields.refuse("data.rail", "not a rail of the catalogue") }
        let bankCode = fields.reference("data.bank.code", limit: 32)
        let bankName = fields.optionalText("data.bank.name").map { PlainText(fromOutside: $0) }
        var tail: Tail4?
        if fields.has("data.account.last4") {
            let text = fields.string("data.account.last4")
            tail = text.flatMap(Tail4.init)
            if text != nil, tail == nil { fields.refuse("data.account.last4", "expected exactly four digits") }
        }
        let isWallet = fields.root.at("data.account.type")?.string == "wallet"
        let amount = fields.has("data.amount") ? money(&fields, "data.amount") : nil
        let occurred = fields.optionalTime("data.occurred_at")
        let expected = fields.optionalTime("data.expected_at")
        let submitted = fields.optionalTime("data.submitted_at")
        let details = details(&fields)
        let customer = customer(&fields)
        guard let order = order.flatMap({ OrderNumber($0) }), let seq, let id, let rail, let bankCode, let customer else { return nil }
        return Anomaly(
            order: order, seq: seq, id: id, stage: stage, kind: kind, reason: reason, step: step, resolution: resolution, funds: funds,
            occurredAt: occurred, expectedAt: expected, submittedAt: submitted, rail: rail, bank: Bank(code: bankCode, name: bankName),
            tail4: tail, isWallet: isWallet, amount: amount, details: details, customer: customer)
    }

    private func reason(_ fields: inout FieldReader) -> ReasonRef? {
        guard fields.has("data.reason") else { return nil }
        guard let source = fields.reference("data.reason.source", limit: 64), let code = fields.string("data.reason.code") else {
            return nil
        }
        guard !code.isEmpty, code.utf8.count <= 128, !code.unicodeScalars.contains(where: PlainText.isHidden) else {
            fields.refuse("data.reason.code", "expected 1 to 128 visible characters")
            return nil
        }
        guard CardRule.isClean(code) else {
            fields.refuse("data.reason.code", "looks like a card number")
            return nil
        }
        return ReasonRef(source: source, code: code)
    }

    private func money(_ fields: inout FieldReader, _ path: String) -> Money? {
        let minor = fields.integer(path + ".minor")
        if let minor, minor < 0 { fields.refuse(path + ".minor", "is negative") }
        guard let code = fields.string(path + ".currency") else { return nil }
        guard let currency = Currency(code) else {
            fields.refuse(path + ".currency", "not an ISO 4217 code")
            return nil
        }
        return minor.map { Money(minor: $0, currency: currency) }
    }

    private func details(_ fields: inout FieldReader) -> Details {
        var details = Details()
        guard fields.has("data.details") else { return details }
        guard let object = fields.root.at("data.details") else { return details }
        guard object.object != nil else {
            fields.refuse("data.details", "expected an object")
            return details
        }
        fields.limitTexts(object, "data.details")
        details.field = fields.optionalReference("data.details.field", limit: 64)
        details.materials = fields.optionalReferences("data.details.materials", limit: 64)
        details.deadline = fields.optionalTime("data.details.deadline")
        details.variant = fields.optionalReference("data.details.variant", limit: 64)
        details.traceRef = fields.optionalReference("data.details.trace_ref", limit: 64)
        details.plainReason = fields.optionalReference("data.details.plain_reason", limit: 64)
        details.fee = fields.optionalReference("data.details.fee", limit: 64)
        details.wallet = fields.optionalReference("data.details.wallet", limit: 64)
        details.firstOrder = fields.optionalReference("data.details.first_payout_id", limit: 64).flatMap { OrderNumber($0) }
        if fields.has("data.details.limit") {
            let path = "data.details.limit"
            let amount = fields.has(path + ".minor") ? money(&fields, path) : nil
            let count = fields.has(path + ".count") ? fields.integer(path + ".count") : nil
            if let period = fields.reference(path + ".period", limit: 32), let owner = fields.reference(path + ".owner", limit: 32) {
                details.limit = Details.Limit(amount: amount, count: count.map { Int(clamping: $0) }, period: period, owner: owner)
            }
        }
        if fields.has("data.details.amount_rule"), let rule = fields.reference("data.details.amount_rule.rule", limit: 32) {
            let amount = fields.has("data.details.amount_rule.minor") ? money(&fields, "data.details.amount_rule") : nil
            details.amountRule = Details.AmountRule(rule: rule, amount: amount)
        }
        if fields.has("data.details.window") {
            details.hasWindow = true
            details.windowUntil = fields.optionalTime("data.details.window.until")
        }
        return details
    }

    private func customer(_ fields: inout FieldReader) -> CustomerRef? {
        let id = fields.reference("data.customer.id", limit: 64)
        let locale = fields.optionalText("data.customer.locale").map { PlainText(fromOutside: $0).description } ?? "en"
        let zone = fields.optionalText("data.customer.time_zone").map { PlainText(fromOutside: $0).description }
        func contact(_ name: String, _ channel: Channel) -> CustomerRef.Contact {
            guard let text = fields.optionalText("data.customer." + name) else { return .none }
            return Address(channel: channel, text: text).map { .usable(Sensitive($0)) } ?? .unusable
        }
        let phone = contact("phone", .sms), mail = contact("mail", .mail), device = contact("push_token", .push)
        let preview = fields.optionalBool("data.customer.private_preview") ?? false
        return id.map {
            CustomerRef(id: $0, locale: locale, timeZone: zone, phone: phone, mail: mail, device: device, privatePreview: preview)
        }
    }

    // MARK: Incidents

    private func incident(_ fields: inout FieldReader, stage: IncidentNews.Stage, subject: String?, time: Timestamp?) -> IncidentNews? {
        if let schema = fields.integer("data.schema"), schema != 1 { fields.refuse("data.schema", "expected 1") }
        let id = fields.reference("data.incident_id", limit: 64)
        if let id, let subject, id != subject { fields.refuse("data.incident_id", "differs from subject") }
        let bank = fields.reference("data.bank.code", limit: 32)
        let rail = fields.string("data.rail")
        if let rail, !rails.contains(rail) { fields.refuse("data.rail", "not a rail of the catalogue") }
        _ = fields.optionalWord("data.kind", as: Kind.self)
        let since = fields.has("data.since") ? fields.time("data.since") : time
        let until = fields.optionalTime("data.until")
        guard let id, let bank, let rail, let since else { return nil }
        return IncidentNews(id: id, stage: stage, bank: bank, rail: rail, since: since, until: until)
    }
}

extension JSON {
    /// The value at a dotted path of members.
    func at(_ path: String) -> JSON? {
        var value = self
        for name in path.split(separator: ".") {
            guard let next = value[String(name)] else { return nil }
            value = next
        }
        return value
    }
}

/// Reads fields by path and gathers what is wrong with them.
private struct FieldReader {
    let root: JSON
    var problems: [FieldProblem] = []

    init(_ root: JSON) { self.root = root }

    mutating func refuse(_ path: String, _ problem: String) { problems.append(FieldProblem(path, problem)) }

    /// Present and not null.
    func has(_ path: String) -> Bool { root.at(path).map { !$0.isNull } ?? false }

    mutating func string(_ path: String) -> String? {
        guard has(path) else {
            refuse(path, "missing")
            return nil
        }
        guard let text = root.at(path)?.string else {
            refuse(path, "expected a string")
            return nil
        }
        return text
    }

    mutating func reference(_ path: String, limit: Int) -> String? {
        guard let text = string(path) else { return nil }
        guard Identifier.isValid(text, limit: limit) else {
            refuse(path, text.isEmpty ? "is empty" : "expected 1 to \(limit) characters of A-Z a-z 0-9 - _ . /")
            return nil
        }
        return text
    }

    mutating func optionalReference(_ path: String, limit: Int) -> String? { has(path) ? reference(path, limit: limit) : nil }

    mutating func optionalReferences(_ path: String, limit: Int) -> [String] {
        guard has(path) else { return [] }
        guard let items = root.at(path)?.array, items.count <= 16 else {
            refuse(path, "expected a list of at most 16 names")
            return []
        }
        let names = items.compactMap(\.string).filter { Identifier.isValid($0, limit: limit) }
        if names.count != items.count { refuse(path, "expected names of A-Z a-z 0-9 - _ . /") }
        return names
    }

    /// A text of any characters and bounded length; wrong types are refused.
    mutating func optionalText(_ path: String) -> String? {
        guard has(path) else { return nil }
        guard let text = root.at(path)?.string else {
            refuse(path, "expected a string")
            return nil
        }
        guard text.count <= EventReader.textLimit else {
            refuse(path, "longer than \(EventReader.textLimit) characters")
            return nil
        }
        return text
    }

    mutating func integer(_ path: String) -> Int64? {
        guard has(path) else {
            refuse(path, "missing")
            return nil
        }
        guard let value = root.at(path)?.integer else {
            refuse(path, "expected a whole number of at most 64 bits")
            return nil
        }
        return value
    }

    mutating func time(_ path: String) -> Timestamp? {
        guard let text = string(path) else { return nil }
        guard let moment = Timestamp(rfc3339: text) else {
            refuse(path, "expected an RFC 3339 time, like 2025-11-12T03:30:00Z")
            return nil
        }
        return moment
    }

    mutating func optionalBool(_ path: String) -> Bool? {
        guard has(path) else { return nil }
        let value = root.at(path)?.bool
        if value == nil { refuse(path, "expected true or false") }
        return value
    }

    mutating func optionalTime(_ path: String) -> Timestamp? { has(path) ? time(path) : nil }

    mutating func word<Word: RawRepresentable & CaseIterable>(_ path: String, as type: Word.Type) -> Word? where Word.RawValue == String {
        guard let text = string(path) else { return nil }
        guard let word = Word(rawValue: text) else {
            let hint = nearest(to: text, among: Word.allCases.map(\.rawValue)).map { " (did you mean \"\($0)\"?)" } ?? ""
            refuse(path, "not one of the known words" + hint)
            return nil
        }
        return word
    }

    mutating func optionalWord<Word: RawRepresentable & CaseIterable>(_ path: String, as type: Word.Type) -> Word?
    where Word.RawValue == String {
        has(path) ? word(path, as: type) : nil
    }

    /// No text anywhere below may be longer than the limit.
    mutating func limitTexts(_ value: JSON, _ path: String) {
        switch value {
        case .string(let text):
            if text.count > EventReader.textLimit { refuse(path, "longer than \(EventReader.textLimit) characters") }
        case .array(let items):
            for item in items { limitTexts(item, path) }
        case .object(let members):
            for (name, member) in members { limitTexts(member, path + "." + FieldProblem.shown(name)) }
        case .null, .bool, .number:
            break
        }
    }
}
