public import Core
public import Store
public import Terminal

/// `audit delivery`: one delivery with its states, its attempts and what the provider answered, and why it was decided so.
public struct DeliveryReport: Document {
    public static let schema = "clarion.audit.delivery/1"

    public struct Try: Sendable, Equatable {
        public var id: String
        public var number: Int
        public var state: AttemptState
        public var account: String
        public var startedAt: Timestamp
        public var finishedAt: Timestamp?
        public var outcome: Outcome.Class?
        public var detail, providerID: String?
        public init(_ attempt: Attempt) {
            (id, number, state, account) = (attempt.publicID, attempt.number, attempt.state, attempt.account)
            (startedAt, finishedAt, outcome) = (attempt.startedAt, attempt.finishedAt, attempt.outcome)
            (detail, providerID) = (attempt.detail, attempt.providerID)
        }
    }
    /// One row of the log that is about this delivery.
    public struct Step: Sendable, Equatable {
        public var at: Timestamp
        public var act: String
        public var words: String
        public init(at: Timestamp, act: String, words: String) { (self.at, self.act, self.words) = (at, act, words) }
    }

    public var delivery: DeliveryFact
    public var notice: OrderReport.NoticeFact?
    public var tries: [Try]
    public var steps: [Step]
    /// The words as they were sent, opened; nil when they were not asked for.
    public var content: JSON?
    /// The address is shown as it is.
    public var isRevealed = false

    public init(delivery: DeliveryFact, notice: OrderReport.NoticeFact?, tries: [Try], steps: [Step], content: JSON? = nil) {
        (self.delivery, self.notice, self.tries, self.steps, self.content) = (delivery, notice, tries, steps, content)
    }

    /// Nil when there is no such delivery.
    /// - Parameter content: open what was sent; throws when its key was destroyed.
    public static func gather(from reader: any StoreReader, delivery id: String, content: Bool = false, revealed: Bool = false) throws
        -> DeliveryReport?
    {
        guard let row = try reader.delivery(publicID: id) else { return nil }
        let fact = try reader.facts([row], revealed: revealed)[0]
        let attempts = try reader.attempts(ofDelivery: row.id).sorted { $0.number < $1.number }
        let eventAt = try reader.notice(row.notice).flatMap { notice in try notice.event.flatMap { try reader.event($0)?.time } }
        let notice = try reader.notice(row.notice).map { OrderReport.NoticeFact($0, eventAt: eventAt, deliveries: []) }
        let steps = try reader.log(ofDelivery: row.id).map { row in
            let line = TailLine(row)
            return Step(at: row.entry.at, act: line.act, words: line.words)
        }
        var report = DeliveryReport(
            delivery: fact, notice: notice, tries: attempts.map(Try.init), steps: steps,
            content: try content ? opened(row, attempts, reader) : JSON?.none)
        report.isRevealed = revealed
        return report
    }

    private static func opened(_ delivery: Delivery, _ attempts: [Attempt], _ reader: any StoreReader) throws -> JSON {
        if let attempt = attempts.last { return try reader.bytes(of: attempt.id).map { try JSON(parsing: $0.content) } ?? .null }
        guard delivery.channel == .inApp else { return .null }
        var before: Int64?
        while true {
            let page = try reader.inbox(customer: delivery.customer, unreadOnly: false, before: before, limit: 200)
            if let item = page.first(where: { $0.delivery == delivery.id }) {
                return ["title": .string(item.title), "body": .string(item.body)]
            }
            guard page.count == 200, let last = page.last, last.id != before else { return .null }
            before = last.id
        }
    }
}

// MARK: - Forms

extension DeliveryReport {
    public var members: [(String, JSON)] {
        var members: [(String, JSON)] = [
            ("order", .text(delivery.order)), ("customer", .string(delivery.customer)), ("masked", .bool(!isRevealed)),
            ("delivery", delivery.json),
        ]
        members.append(("notice", notice.map(\.json) ?? .null))
        members.append(("attempts", .array(tries.map(\.json))))
        members.append(("log", .array(steps.map { ["at": .text($0.at), "act": .string($0.act), "words": .string($0.words)] })))
        if let content { members.append(("content", content)) }
        return members
    }

    public var sheet: Sheet {
        var sheet = Sheet(["attempt", "number", "state", "account", "started_at", "finished_at", "outcome", "detail", "provider_id"])
        for attempt in tries { sheet.add((attempt.json.object ?? []).map { $0.1 }) }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        let zone = notice?.timeZone
        var out = [
            "\(look.bold(delivery.id))  \(delivery.channel.rawValue) to \(Safe.text(delivery.to.description)) \(look.dot) order \(delivery.order) \(look.dot) customer \(Safe.text(delivery.customer))",
            "State: \(delivery.state.words(look, customerZone: zone))" + (delivery.reason.map { "  (\($0.meaning))" } ?? ""),
        ]
        if let notice {
            out.append(
                "Notice: \(notice.kind.rawValue) \(notice.stage.rawValue), \(notice.reason.rawValue), \(notice.locale.rawValue), rev \(notice.revision.prefix(12))\(notice.wording.map { ", wording \($0)" } ?? ""), "
                    + "planned \(look.times.full(notice.plannedAt, customer: zone))")
        }
        out.append(
            "Mode: \(delivery.mode.rawValue), priority \(delivery.priority.rawValue), not after \(look.times.full(delivery.expires, customer: zone))"
        )
        if !tries.isEmpty { out += [""] + attempts(look, zone) }
        if !delivery.receipts.isEmpty { out += [""] + receipts(look, zone) }
        if !steps.isEmpty { out += [""] + log(look, zone) }
        if let content { out += ["", "The words they got:"] + Self.lines(of: content).map { "  " + $0 } }
        return out
    }

    private func attempts(_ look: Look, _ zone: String?) -> [String] {
        var table = Table([
            .init("TRY", isRightAligned: true), .init(look.times.label(at: delivery.plannedAt, customer: zone)),
            .init("TOOK", isRightAligned: true),
            .init("ACCOUNT", cut: .end), .init("ANSWER", cut: .end), .init("PROVIDER ID", cut: .middle, priority: 1),
        ])
        for attempt in tries {
            let answer =
                [attempt.outcome?.rawValue ?? attempt.state.rawValue, attempt.detail].compactMap(\.self).joined(separator: ": ")
                + (attempt.state == .settled ? ", settled by a repeat" : "")
            let style: Table.Cell.Style =
                switch attempt.state {
                case .accepted: .good
                case .rejected: .bad
                case .ambiguous: .warning
                case .intent, .notSent, .settled: .plain
                }
            table.add([
                .init(attempt.number), .init(look.times.preciseClock(attempt.startedAt, customer: zone)),
                .init(attempt.finishedAt.map { spoken($0 - attempt.startedAt) } ?? ""), .init(attempt.account), .init(answer, style),
                .init(attempt.providerID ?? "", .dim),
            ])
        }
        return table.lines(look)
    }

    private func receipts(_ look: Look, _ zone: String?) -> [String] {
        var table = Table([
            .init(look.times.label(at: delivery.plannedAt, customer: zone)), .init("RECEIPT"), .init("CODE", cut: .end),
            .init("ACCOUNT", cut: .end), .init("OF", cut: .middle, priority: 1),
        ])
        for receipt in delivery.receipts {
            let style: Table.Cell.Style =
                switch receipt.status {
                case .delivered, .read: .good
                case .undelivered: .bad
                case .unknown: .warning
                case .sent: .plain
                }
            table.add([
                .init(look.times.preciseClock(receipt.receivedAt, customer: zone)), .init(receipt.status.rawValue, style),
                .init(receipt.code), .init(receipt.account), .init(receipt.reference, .dim),
            ])
        }
        return table.lines(look)
    }

    private func log(_ look: Look, _ zone: String?) -> [String] {
        var table = Table([.init(look.times.label(at: delivery.plannedAt, customer: zone)), .init("LOG"), .init("WHAT", cut: .end)])
        for step in steps { table.add([.init(look.times.preciseClock(step.at, customer: zone)), .init(step.act), .init(step.words)]) }
        return table.lines(look)
    }

    /// The texts of a rendered message, in the order a person meets them; markup is only measured.
    static func lines(of content: JSON) -> [String] {
        guard let members = content.object else {
            return content.isNull ? ["nothing was rendered"] : Safe.lines(content.string ?? content.text)
        }
        var out: [String] = []
        for (name, value) in members {
            switch value {
            case .string(let text) where name == "html": out.append("html: \(counted(text.utf8.count, "byte"))")
            case .string(let text) where text.contains(where: \.isNewline): out += ["\(name):"] + Safe.lines(text).map { "  " + $0 }
            case .string(let text): out.append("\(name): \(Safe.text(text))")
            case .object: out += lines(of: value)
            default: out.append("\(name): \(Safe.text(value.text))")
            }
        }
        return out
    }
}

extension DeliveryReport.Try {
    var json: JSON {
        [
            "attempt": .string(id), "number": .integer(number), "state": .code(state), "account": .string(account),
            "started_at": .text(startedAt),
            "finished_at": .text(finishedAt), "outcome": .code(outcome), "detail": .text(detail), "provider_id": .text(providerID),
        ]
    }
}
