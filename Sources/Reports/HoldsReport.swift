public import Core
public import Store
public import Terminal

/// `hold list`: what operators hold back, newest first.
public struct HoldsReport: Document {
    public static let schema = "clarion.holds/1"
    public var holds: [HoldStanding]
    public var now: Timestamp
    public init(_ holds: [HoldStanding], now: Timestamp) { (self.holds, self.now) = (holds, now) }

    public var members: [(String, JSON)] { [("holds", .array(holds.map(\.json)))] }
    public var sheet: Sheet {
        var sheet = Sheet([
            "hold", "order", "customer", "bank", "rail", "kind", "channel", "held", "waiting", "since", "until", "who", "reason",
            "ended_at",
            "ended_by", "end_reason",
        ])
        for standing in holds {
            let (hold, sum) = (standing.hold, standing.sum)
            sheet.add([
                .string(hold.name), .text(hold.scope.order), .text(hold.scope.customer), .text(hold.scope.bank), .text(hold.scope.rail),
                .code(hold.scope.kind), .code(hold.scope.channel), .integer(sum.held), .integer(sum.waiting), .text(hold.since),
                .text(hold.until), .string(hold.who), .string(hold.reason), .text(hold.ending?.at), .text(hold.ending?.who),
                .text(hold.ending?.reason),
            ])
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        guard !holds.isEmpty else { return [look.mark(.good, "nothing is held")] }
        var table = Table([
            .init("HOLD"), .init("WHAT", cut: .end), .init("HELD", isRightAligned: true),
            .init("WAITING", priority: 2, isRightAligned: true),
            .init("SINCE", priority: 1, isRightAligned: true), .init("UNTIL"), .init("BY", priority: 1), .init("WHY", cut: .end),
        ])
        for standing in holds {
            let hold = standing.hold
            table.add([
                .init(hold.name, .bold), .init(hold.scope.words(customer: hold.scope.customer)), .init(grouped(standing.sum.held)),
                .init(grouped(standing.sum.waiting)), .init(spoken(now - hold.since)), .init(until(hold, now: now, look)), .init(hold.who),
                .init(hold.reason),
            ])
        }
        let open = holds.first { $0.hold.isInForce(at: now) }?.hold
        return table.lines(look) + (open.map { ["", "Let it go: clarion hold end \($0.name) --reason \"…\""] } ?? [])
    }
}

/// `hold show`: one hold, and what happens when it ends.
public struct HoldReport: Document {
    public static let schema = "clarion.hold/1"
    public var standing: HoldStanding
    public var now: Timestamp
    public init(_ standing: HoldStanding, now: Timestamp) { (self.standing, self.now) = (standing, now) }

    public var members: [(String, JSON)] { (standing.json.object ?? []) + [("in_force", .bool(standing.hold.isInForce(at: now)))] }
    public var sheet: Sheet {
        var sheet = Sheet(["hold", "channel", "held", "waiting"])
        for (channel, count) in sorted {
            sheet.add([.string(standing.hold.name), .code(channel), .integer(count.held), .integer(count.waiting)])
        }
        if sorted.isEmpty { sheet.add([.string(standing.hold.name), .null, .integer(0), .integer(0)]) }
        return sheet
    }
    private var sorted: [(Channel, HeldCount)] { standing.counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    public func human(_ look: Look) -> [String] {
        let hold = standing.hold
        var lines = ["\(look.bold(hold.name))  \(Safe.text(hold.scope.words(customer: hold.scope.customer)))"]
        lines.append("Since \(look.times.full(hold.since)) by \(Safe.text(hold.who)): \(Safe.text(hold.reason))")
        guard hold.isInForce(at: now) else { return lines + [ended(hold, look)] }
        lines.append("Ends: " + (hold.until.map { "\(look.times.full($0)), by itself" } ?? "when somebody ends it"))
        func list(_ count: (HeldCount) -> Int) -> String {
            let parts = sorted.compactMap { count($0.1) > 0 ? "\(grouped(count($0.1))) \($0.0.rawValue)" : nil }
            return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
        }
        return lines + [
            "Held back:        \(list(\.held))", "Waits, not due:   \(list { $0.waiting - $0.held })", "",
            "What is held keeps its time budget, and what is over or replaced meanwhile is not sent. In-app items are there in any case.",
            "When the hold ends each is decided again in that moment, and quiet hours count.",
            "Let it go: clarion hold end \(hold.name) --reason \"…\"",
        ]
    }

    private func ended(_ hold: Hold, _ look: Look) -> String {
        if let ending = hold.ending {
            return "Ended \(look.times.full(ending.at)) by \(Safe.text(ending.who)): \(Safe.text(ending.reason))"
        }
        return "Ended by itself" + (hold.until.map { " \(look.times.full($0))" } ?? "")
    }
}

private func until(_ hold: Hold, now: Timestamp, _ look: Look) -> String {
    if let ending = hold.ending { return "ended by \(ending.who)" }
    guard let until = hold.until else { return "somebody ends it" }
    return until <= now ? "ended" : look.times.dayAndClock(until)
}
