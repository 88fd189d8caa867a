public import Core
public import Store
public import Terminal

/// `template history`: every revision that was kept, whose word it has, and whom it is for.
public struct TemplateHistoryReport: Document {
    public static let schema = "clarion.templates/1"
    public var revisions: [RevisionStanding]
    public var running: RolloutStanding?
    public init(_ revisions: [RevisionStanding], running: RolloutStanding?) { (self.revisions, self.running) = (revisions, running) }

    public static func gather(from reader: any StoreReader, limit: Int, now: Timestamp) throws -> TemplateHistoryReport {
        TemplateHistoryReport(
            try RevisionStanding.all(in: reader, limit: limit), running: try RolloutStanding.running(in: reader, at: now))
    }

    public var members: [(String, JSON)] {
        [("revisions", .array(revisions.map(\.json))), ("running", running?.json ?? .null)]
    }
    public var sheet: Sheet {
        var sheet = Sheet([
            "revision", "kept_at", "state", "in_force", "submitted_by", "decided_by", "rollout", "percent", "changed_at", "reason",
        ])
        for item in revisions {
            sheet.add([
                .string(item.revision.revision), .text(item.revision.keptAt), .code(item.revision.state), .bool(item.isInForce),
                .text(item.revision.submitted?.who), .text(item.revision.decided?.who), .code(item.rollout?.state),
                item.rollout.map { .integer($0.percent) } ?? .null, .text(item.rollout?.changedAt), .text(item.rollout?.reason),
            ])
        }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        guard !revisions.isEmpty else { return [look.mark(.good, "no texts are kept yet: the first start of a worker keeps them")] }
        var table = Table([
            .init("REVISION"), .init("SINCE"), .init("FOR"), .init("APPROVAL"), .init("WHO", cut: .end),
            .init("WHY", cut: .end, priority: 1),
        ])
        for item in revisions {
            let act = item.revision.decided ?? item.revision.submitted
            table.add([
                .init(item.revision.revision, item.isInForce ? .bold : .plain),
                .init(look.times.dayAndClock(item.rollout?.changedAt ?? item.revision.keptAt)), .init(audience(item)),
                .init(item.revision.state == .kept ? look.dash : item.revision.state.rawValue),
                .init(item.rollout?.who ?? act?.who ?? look.dash), .init(item.rollout?.reason ?? act?.reason ?? look.dash),
            ])
        }
        return table.lines(look) + (running.map { compared($0, look) } ?? [])
    }

    private func audience(_ item: RevisionStanding) -> String {
        if item.isInForce { return running == nil ? "all" : "the others" }
        guard let rollout = item.rollout else { return "nobody yet" }
        switch rollout.state {
        case .running: return "\(rollout.percent) %"
        case .complete, .replaced: return "nobody now"
        case .stopped: return "stopped"
        case .rolledBack: return "taken back"
        }
    }

    private func compared(_ running: RolloutStanding, _ look: Look) -> [String] {
        var table = Table([
            .init(""), .init("NOTICES", isRightAligned: true), .init("FAILED", isRightAligned: true),
            .init("NOT MADE", isRightAligned: true), .init("COMPLAINTS", isRightAligned: true), .init("CONTACTS", isRightAligned: true),
        ])
        for (name, arm) in [("\(running.rollout.revision), new", running.trial), ("\(running.rollout.base ?? ""), before", running.base)] {
            table.add([
                .init(name, .bold), .init(grouped(arm.notices)), .init(share(arm.failed, arm.notices)),
                .init(share(arm.broken, arm.notices)), .init(share(arm.complaints, arm.orders)), .init(share(arm.contacts, arm.orders)),
            ])
        }
        let verdict =
            running.verdict.map { look.mark(.bad, "it will be stopped: \($0)") }
            ?? look.mark(.good, "nothing speaks against it; it is stopped by itself when these become worse than before")
        return [""] + table.lines(look) + ["", verdict]
    }

    /// `12 (0.4 %)`
    private func share(_ some: Int, _ all: Int) -> String {
        guard all > 0 else { return "\(some)" }
        let tenths = (some * 1000 + all / 2) / all
        return "\(some) (\(tenths / 10).\(tenths % 10) %)"
    }
}
