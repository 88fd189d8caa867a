extension Planner {
    struct Verdict {
        /// Nil: the code is informational, no anomaly.
        var kind: Kind?
    }

    /// Kind from the code, never from a guess about it. docs/planning.md.
    func classify(_ anomaly: Anomaly, known: Episode?, now: Timestamp, plan: inout Plan) -> Verdict {
        guard let reason = anomaly.reason else {
            return Verdict(kind: known?.kind ?? anomaly.kind ?? .statusUnknown)
        }
        plan.note("code", reason.source + "/" + reason.code)
        guard let rule = catalogue.code(source: reason.source, code: reason.code) else {
            review(.unmappedCode, anomaly, kind: .statusUnknown, "\(reason.source)/\(reason.code) is in no list", now: now, plan: &plan)
            var facts = Facts()
            facts.set(.order, anomaly.order)
            facts.set(.reason, PlainText("code \(reason.code) of \(reason.source) is in no list"))
            plan.findings.append(Finding(.unmappedCode, subject: "\(reason.source)/\(reason.code)", facts: facts))
            return Verdict(kind: known?.kind ?? .statusUnknown)
        }
        // "Settled", "credited": no anomaly by itself, but a known anomaly may well end with such a code.
        guard let kind = rule.kind else { return Verdict(kind: anomaly.stage == .resolved ? known?.kind : nil) }
        if let named = anomaly.kind, named != kind {
            // Whoever reads it may not be told of a restriction; if one of the two is, it is its officer's.
            let shown = [named, kind].map(\.toOthers.rawValue)
            review(
                .kindMismatch, anomaly, kind: [named, kind].first(where: \.isDiscreet) ?? .statusUnknown,
                "the event says \(shown[0]), the code says \(shown[1])", now: now, plan: &plan)
            return Verdict(kind: known?.kind ?? .statusUnknown)
        }
        return Verdict(kind: known?.kind ?? kind)
    }

    /// Whether the code of this event asked for a person: it is in no list, or means another kind than the event names.
    public func isQuestioned(_ anomaly: Anomaly) -> Bool {
        guard let reason = anomaly.reason else { return false }
        guard let rule = catalogue.code(source: reason.source, code: reason.code) else { return true }
        return rule.kind.map { kind in anomaly.kind.map { $0 != kind } ?? false } ?? false
    }

    private func review(_ cause: ReviewItem.Cause, _ anomaly: Anomaly, kind: Kind, _ detail: String, now: Timestamp, plan: inout Plan) {
        plan.reviews.append(ReviewItem(cause: cause, order: anomaly.order, kind: kind, detail: detail, openedAt: now))
        plan.note("review", cause.rawValue)
    }
}
