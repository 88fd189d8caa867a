public import Core
public import Store
public import Terminal

/// `explain`: for each event of an order, whether someone was told, and the steps that led there.
public struct ExplainReport: Document {
    public static let schema = "clarion.explain/1"
    public var order: OrderNumber
    /// Oldest event first.
    public var stories: [Story]
    /// What the rules of now make of it, if that was asked.
    public var recomputed: RecomputedReport?
    public init(order: OrderNumber, stories: [Story]) { (self.order, self.stories) = (order, stories) }

    /// Nil when the order was never heard of.
    /// - Parameters:
    ///   - event: only the story of the event with this id.
    ///   - channel: only deliveries of this channel.
    public static func gather(from reader: any StoreReader, order: OrderNumber, event: String? = nil, channel: Channel? = nil) throws
        -> ExplainReport?
    {
        let events = try reader.events(ofOrder: order)
        guard !events.isEmpty else { return nil }
        let rows = try reader.log(ofOrder: order)
        let notices = try reader.notices(ofOrder: order)
        let causes = Dictionary(notices.compactMap { notice in notice.event.map { (notice.id, $0) } }) { first, _ in first }
        let owners = Self.owners(of: rows, events: events, causes: causes)
        var stories: [Story] = []
        for stored in events where event == nil || stored.id == event {
            let decisions = zip(rows, owners).filter { $0.1 == stored.seq }.compactMap { DecisionRecord($0.0) }
            let mine = Set(notices.filter { $0.event == stored.seq }.map(\.id)).union(decisions.compactMap(\.noticeID))
            let deliveries = try mine.sorted().flatMap { try reader.deliveries(ofNotice: $0) }.filter {
                channel == nil || $0.channel == channel
            }
            let facts = try reader.facts(deliveries)
            let told = try zip(deliveries, facts).map { delivery, fact in Story.Told(delivery: fact, takenAt: try reader.takenAt(delivery))
            }
            stories.append(Story(event: .init(stored), decisions: decisions, told: told))
        }
        return ExplainReport(order: order, stories: stories)
    }

    /// Which event each row belongs to: its own, else that of its notice, else the newest event decided before it.
    private static func owners(of rows: [LogRow], events: [StoredEvent], causes: [NoticeID: EventSeq]) -> [EventSeq?] {
        let ids = Dictionary(events.map { ($0.id, $0.seq) }) { first, _ in first }
        var last: EventSeq?
        return rows.map { row in
            let named = row.entry.event ?? row.entry.body["event"]?.string.flatMap { ids[$0] }
            let owner = named ?? row.entry.notice.flatMap { causes[$0] } ?? last
            if row.entry.act == .decision, let named { last = named }
            return owner
        }
    }
}

extension StoreReader {
    /// When a provider accepted it; in-app items: when they were written. Nil while nobody has.
    func takenAt(_ delivery: Delivery) throws -> Timestamp? {
        if delivery.channel == .inApp { return delivery.state == .delivered ? delivery.plannedAt : nil }
        return try attempts(ofDelivery: delivery.id).first { $0.state == .accepted }?.finishedAt
    }
}

// MARK: - Forms

extension ExplainReport {
    public var members: [(String, JSON)] {
        let look = Look(screen: Screen(isTerminal: false), times: TimeFormat(.utc, zones: NoZones()))
        let told: [(String, JSON)] = [("order", .text(order)), ("masked", true), ("stories", .array(stories.map { $0.json(look) }))]
        return told + (recomputed.map { [("recomputed", $0.json)] } ?? [])
    }

    public var sheet: Sheet {
        var sheet = Sheet(["time", "event", "type", "told", "why", "disposition"])
        for story in stories {
            sheet.add([
                .text(story.event.time), .string(story.event.id), .string(story.event.type), .code(story.verdict), .code(story.why),
                .string(story.event.disposition),
            ])
        }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        var out: [String] = []
        if stories.count > 1 {
            let told = stories.count { $0.verdict == .yes }
            out += ["\(look.bold(order))  \(counted(stories.count, "event")), \(told) told, \(stories.count - told) not", ""]
        }
        for (n, story) in stories.enumerated() {
            if n > 0 { out.append("") }
            out += story.lines(look)
        }
        if let recomputed { out += [""] + recomputed.lines(look) }
        return out
    }
}

private struct NoZones: ZoneTable {
    func offset(of zone: String, at moment: Timestamp) -> Int? { nil }
}

extension Story {
    func json(_ look: Look) -> JSON {
        [
            "event": event.json, "told": .code(verdict), "why": .code(why), "meaning": .text(why?.meaning),
            "would_have_gone_out_if": verdict == .yes ? .null : .text(why?.remedy),
            "steps": .array(steps(look).map { ["step": .string($0.name), "words": .string($0.words)] }),
            "deliveries": .array(told.map { .object(($0.delivery.json.object ?? []) + [("taken_at", .text($0.takenAt))]) }),
        ]
    }

    func lines(_ look: Look) -> [String] {
        var out = ["Told? " + answer(look), ""]
        let steps = steps(look)
        let width = steps.reduce(0) { max($0, $1.name.cells) }
        for (n, step) in steps.enumerated() {
            out.append(
                "\(String(n + 1).padded(to: String(steps.count).count, rightAligned: true)) \(step.name.padded(to: width))  \(step.words)")
        }
        let states = told.map { "\($0.delivery.channel.rawValue) \($0.delivery.state.words(look, customerZone: zone))" }
        if !states.isEmpty { out.append("State\(String(repeating: " ", count: max(1, width - 1)))\(states.joined(separator: ", "))") }
        if let why { out.append("Why\(String(repeating: " ", count: width + 1))\(why.rawValue) = \(why.meaning)") }
        if verdict != .yes, let remedy = why?.remedy { out.append("Would have gone out if: \(remedy)") }
        return out
    }

    private func answer(_ look: Look) -> String {
        switch verdict {
        case .yes:
            // The first time on each channel is what the question is about; the rest stands below.
            var channels: Set<Channel> = []
            let reached = told.filter { $0.delivery.state.code.isTold && channels.insert($0.delivery.channel).inserted }.map { told in
                "\(told.delivery.channel.rawValue)\(told.takenAt.map { " \(spoken($0 - event.time))" } ?? "")"
            }
            return look.mark(.good, "YES") + ": \(Self.joined(reached)) after the event."
        case .waiting: return "NOT YET."
        case .onPurpose:
            return event.disposition == "recorded" ? "NO, nothing to tell: the event only changes what is known." : "NO, on purpose."
        case .couldNot: return look.mark(.bad, "NO") + ", it could not be sent."
        }
    }

    private static func joined(_ words: [String]) -> String {
        words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + words[words.count - 1]
    }
}
