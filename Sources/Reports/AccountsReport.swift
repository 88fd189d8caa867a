public import Core
public import Terminal

/// `provider list`: the accounts, and which of them get messages.
public struct AccountsReport: Document {
    public static let schema = "clarion.providers/1"
    public struct Line: Sendable, Equatable {
        public var name, provider: String
        public var channel: Channel
        /// What ends doubt on it: docs/delivery.md.
        public var guarantee: String
        public var weight: Int
        public var rate: Int?
        /// Nil: nothing was ever wrong with it.
        public var standing: AccountStanding?
        public init(
            name: String, provider: String, channel: Channel, guarantee: String, weight: Int, rate: Int?, standing: AccountStanding?
        ) {
            (self.name, self.provider, self.channel, self.guarantee) = (name, provider, channel, guarantee)
            (self.weight, self.rate, self.standing) = (weight, rate, standing)
        }
    }
    public var lines: [Line]
    public var now: Timestamp
    public init(_ lines: [Line], now: Timestamp) { (self.lines, self.now) = (lines, now) }

    public var members: [(String, JSON)] { [("providers", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) }))] }
    public var sheet: Sheet {
        var sheet = Sheet([
            "account", "provider", "channel", "class", "weight", "rate", "state", "since", "until", "openings", "paused_by", "reason",
            "last_failure", "trust_percent", "window",
        ])
        for line in lines {
            let standing = line.standing
            sheet.add([
                .string(line.name), .string(line.provider), .code(line.channel), .string(line.guarantee), .integer(line.weight),
                line.rate.map { .integer($0) } ?? .null, .code(state(line)), .text(standing?.changedAt), .text(until(line)),
                standing?.opening.map { .integer($0.count) } ?? .null, .text(standing?.pause?.who), .text(standing?.pause?.reason),
                .text(standing.flatMap { $0.lastFailure.isEmpty ? nil : $0.lastFailure }), .integer(trust(line)),
                standing?.measure.window.map { .integer(Int($0.size)) } ?? .null,
            ])
        }
        return sheet
    }

    /// Share of its weight that it gets, in percent.
    private func trust(_ line: Line) -> Int { line.standing.map { Int(($0.measure.trust * 100).rounded()) } ?? 100 }

    /// Whoever was asked to wait and has waited gets messages again.
    private func state(_ line: Line) -> AccountStanding.State {
        guard let standing = line.standing else { return .closed }
        return standing.state == .throttled && standing.heldUntil.map({ $0 <= now }) ?? false ? .closed : standing.state
    }
    private func until(_ line: Line) -> Timestamp? {
        switch state(line) {
        case .open: line.standing?.opening?.until
        case .throttled: line.standing?.heldUntil
        case .closed, .paused: nil
        }
    }

    public func human(_ look: Look) -> [String] {
        guard !lines.isEmpty else { return [look.mark(.warning, "no account is configured: nothing but in-app notices can be delivered")] }
        var table = Table([
            .init("ACCOUNT"), .init("CHANNEL"), .init("PROVIDER"), .init("CLASS", priority: 1), .init("WEIGHT", isRightAligned: true),
            .init("RATE", priority: 2, isRightAligned: true), .init("STATE"), .init("LAST FAILURE", cut: .end),
        ])
        for line in lines {
            table.add([
                .init(line.name, .bold), .init(line.channel.rawValue), .init(line.provider), .init(line.guarantee), .init(line.weight),
                .init(line.rate.map { "\($0)/s" } ?? look.dash), .init(words(line, look)),
                .init(line.standing.flatMap { $0.lastFailure.isEmpty ? nil : $0.lastFailure } ?? look.dash),
            ])
        }
        return table.lines(look) + next
    }

    private func words(_ line: Line, _ look: Look) -> String {
        switch state(line) {
        case .closed where trust(line) < 100: "in use, at \(trust(line)) % of its weight"
        case .closed: "in use"
        case .open where until(line).map({ $0 <= now }) ?? false: "failing: one at a time"
        case .open: "failing: not before \(clock(line, look))"
        case .throttled: "asked to wait until \(clock(line, look))"
        case .paused: "paused by \(line.standing?.pause?.who ?? look.dash): \(line.standing?.pause?.reason ?? "")"
        }
    }

    private func clock(_ line: Line, _ look: Look) -> String { until(line).map { look.times.clock($0) } ?? look.dash }

    private var next: [String] {
        if let paused = lines.first(where: { state($0) == .paused }) {
            return ["", "To use it again: clarion provider resume \(paused.name) --reason \"…\""]
        }
        return lines.contains { state($0) == .open } ? ["", "What happened to it: clarion tail --act account,outcome"] : []
    }
}
