public import Core
import Terminal

/// What the rules of now make of an order's events, beside what was decided of them: a part of `explain`.
public struct RecomputedReport: Sendable {
    /// Events whose body is kept no longer.
    public var gone: Int
    /// The revision of the texts in force.
    public var texts: String
    public var differences: [Comparison.Difference]
    /// What is told by the rules of now.
    public var notices: [Notice]

    public struct Notice: Sendable, Equatable {
        public var kind: Kind
        public var stage: NoticeStage
        public var reason: ReasonCode
        public var left: Timestamp
        public var channels: [Channel]
    }

    public init(decided: OrderOutcome, recomputed: OrderOutcome, gone: Int, texts: String, tolerance: Duration, isOpen: Bool) {
        (self.gone, self.texts) = (gone, texts)
        var comparison = Comparison(tolerance: tolerance, limit: .max, isOpen: isOpen)
        comparison.add(now: decided, next: recomputed)
        differences = comparison.differences
        notices = (isOpen ? recomputed : recomputed.toOthers).told.compactMap { told in
            guard let left = told.left else { return nil }
            return Notice(
                kind: told.kind, stage: told.stage, reason: told.reason, left: left, channels: told.sent.map(\.channel).sorted())
        }
    }

    var json: JSON {
        [
            "texts": .string(texts), "events_kept_no_longer": .integer(gone),
            "notices": .array(
                notices.map {
                    [
                        "kind": .code($0.kind), "stage": .code($0.stage), "reason": .code($0.reason), "left_at": .text($0.left),
                        "channels": .array($0.channels.map { .code($0) }),
                    ]
                }),
            "differences": .array(differences.map { $0.json(now: "decided", next: "recomputed") }),
        ]
    }

    func lines(_ look: Look) -> [String] {
        var out = ["By the settings as they are, texts \(texts), this order alone:"]
        if gone > 0 {
            out.append(look.mark(.warning, "\(counted(gone, "event")) of it kept no longer: what they led to is not in it"))
        }
        if notices.isEmpty { out.append("  nobody is told") }
        for notice in notices {
            let channels = notice.channels.map(\.rawValue).joined(separator: ", ")
            out.append(
                "  \(notice.kind.rawValue) \(notice.stage.rawValue)  \(channels)  \(look.times.clock(notice.left)) \(look.times.label(at: notice.left))  \(notice.reason.rawValue)"
            )
        }
        guard !differences.isEmpty else { return out + [look.mark(.good, "nothing differs from what was decided")] }
        return out + ["", "What differs from what was decided"]
            + Comparison.Difference.lines(differences, look, now: "DECIDED", next: "RECOMPUTED")
    }
}
