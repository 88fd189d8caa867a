public import Core
public import Store
public import Terminal

/// `attempts list`: attempts without a result, and those whose result nobody can know.
public struct AttemptsReport: Document {
    public static let schema = "clarion.attempts/1"
    public struct Line: Sendable {
        public var attempt: Attempt
        public var delivery: Delivery
        public init(_ attempt: Attempt, _ delivery: Delivery) { (self.attempt, self.delivery) = (attempt, delivery) }
    }
    public var lines: [Line]
    /// There are more.
    public var isCut: Bool
    public var now: Timestamp
    public init(_ lines: [Line], isCut: Bool = false, now: Timestamp) { (self.lines, self.isCut, self.now) = (lines, isCut, now) }

    /// Oldest first.
    public static func gather(
        from reader: any StoreReader, onlyAmbiguous: Bool, limit: Int, now: Timestamp
    ) throws -> AttemptsReport {
        var found = try reader.attempts(in: .ambiguous, limit: limit + 1)
        if !onlyAmbiguous { found += try reader.attempts(in: .intent, limit: limit + 1) }
        let lines = try found.sorted { $0.startedAt < $1.startedAt }.prefix(limit).compactMap { attempt in
            try reader.delivery(attempt.delivery).map { Line(attempt, $0) }
        }
        return AttemptsReport(lines, isCut: found.count > limit, now: now)
    }

    public var members: [(String, JSON)] {
        [("attempts", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) })), ("more", .bool(isCut))]
    }
    public var sheet: Sheet {
        var sheet = Sheet([
            "attempt", "delivery", "order", "channel", "to", "account", "number", "started_at", "state", "detail", "delivery_state",
            "next_at",
        ])
        for line in lines {
            let (attempt, delivery) = (line.attempt, line.delivery)
            sheet.add([
                .string(attempt.publicID), .string(delivery.publicID), .text(delivery.order), .code(delivery.channel),
                .text(delivery.maskedAddress), .string(attempt.account), .integer(attempt.number), .text(attempt.startedAt),
                .code(attempt.state), .text(attempt.detail), .code(delivery.state), .text(delivery.nextAt),
            ])
        }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        guard !lines.isEmpty else { return [look.mark(.good, "nothing is in doubt")] }
        var table = Table([
            .init("ATTEMPT", cut: .middle), .init("ORDER", cut: .middle), .init("CHANNEL"), .init("TO", priority: 1), .init("ACCOUNT"),
            .init("STARTED", isRightAligned: true), .init("WHAT HAPPENED", cut: .end), .init("NOW", cut: .end),
        ])
        for line in lines {
            let (attempt, delivery) = (line.attempt, line.delivery)
            table.add([
                .init(attempt.publicID, .bold), .init(delivery.order.description), .init(delivery.channel.rawValue),
                .init(delivery.maskedAddress.description), .init(attempt.account), .init(spoken(now - attempt.startedAt)),
                .init(attempt.state == .intent ? "no answer yet" : attempt.detail ?? look.dash), .init(words(line, look)),
            ])
        }
        var out = table.lines(look)
        if isCut { out += ["", "There are more: --limit N"] }
        let question = lines.first { $0.attempt.state == .ambiguous && $0.delivery.state.isInDoubt }
        if let question {
            out += [
                "",
                "Asked the provider? clarion attempts settle \(question.attempt.publicID) --taken --reason \"…\"   (or --not-taken: it goes again)",
            ]
        }
        return out
    }

    private func words(_ line: Line, _ look: Look) -> String {
        switch (line.attempt.state, line.delivery.state) {
        case (.intent, _): "on the wire"
        case (_, .ambiguous): "still being found out"
        case (_, .unknown): "waits for a person"
        case (_, .retryWait): "goes again\(line.delivery.nextAt.map { " at \(look.times.clock($0))" } ?? ""), cannot be seen twice"
        case (_, let state): state.rawValue
        }
    }
}
