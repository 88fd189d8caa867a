public import Core
public import Terminal

/// What one event led to: its decision, those that timers took later for it, and how the deliveries went.
public struct Story: Sendable {
    public struct Told: Sendable, Equatable {
        public var delivery: DeliveryFact
        /// When a provider took it; in-app: when it was written.
        public var takenAt: Timestamp?
        public init(delivery: DeliveryFact, takenAt: Timestamp?) { (self.delivery, self.takenAt) = (delivery, takenAt) }
    }
    public enum Verdict: String, Sendable { case yes, waiting, onPurpose = "on_purpose", couldNot = "could_not" }

    public var event: OrderReport.EventFact
    /// Oldest first.
    public var decisions: [DecisionRecord]
    public var told: [Told]
    public init(event: OrderReport.EventFact, decisions: [DecisionRecord], told: [Told]) {
        (self.event, self.decisions, self.told) = (event, decisions, told)
    }

    public var verdict: Verdict {
        if told.contains(where: { $0.delivery.state.code.isTold }) { return .yes }
        if told.contains(where: { $0.delivery.state.code.isWaiting }) || event.disposition == "pending" || event.disposition == "received" {
            return .waiting
        }
        return why?.group == .couldNot ? .couldNot : .onPurpose
    }

    /// The code that decided: the newest of the disposition, the decision and the deliveries.
    public var why: ReasonCode? {
        if told.contains(where: { $0.delivery.state.code.isTold }) {
            return decisions.lazy.compactMap { $0.notice?.reason }.first ?? decisions.last?.dedupe
        }
        if let reason = event.reason { return reason }
        if let reason = told.lazy.compactMap(\.delivery.reason).first { return reason }
        for decision in decisions.reversed() {
            if let reason = decision.dispositionReason ?? decision.reason { return reason }
            if let notice = decision.notice, !notice.channels.contains(where: \.isSent) {
                return notice.channels.lazy.compactMap(\.reason).first ?? notice.reason
            }
            if let dedupe = decision.dedupe { return dedupe }
        }
        return event.disposition == "stale" ? .staleEvent : nil
    }

    /// The numbered steps, in the order in which they are decided.
    public func steps(_ look: Look) -> [(name: String, words: String)] {
        let first = decisions.first ?? DecisionRecord(at: event.receivedAt)
        var steps = [("event", eventWords(first, look)), ("once?", onceWords(first))]
        if let words = codeWords(first) { steps.append(("code", words)) }
        if let words = holdWords(first, look) { steps.append(("hold", words)) }
        if let words = stormWords(first) { steps.append(("storm", words)) }
        for decision in decisions {
            if let timer = decision.timer { steps.append(("timer", timerWords(timer, decision, look))) }
            guard let notice = decision.notice else { continue }
            steps.append(("channels", channelWords(notice)))
            steps.append(("timing", timingWords(notice, decided: decision.at, look)))
            if decision.timer != "fallback" {
                let wording = notice.wording.map { ", wording \($0)" } ?? ""
                steps.append(("words", "\(notice.kind) \(notice.stage)\(wording), \(notice.locale), rev \(notice.revision.prefix(12))"))
            }
        }
        return steps.map { (name: $0.0, words: Safe.text($0.1)) }
    }

    private func eventWords(_ first: DecisionRecord, _ look: Look) -> String {
        let zone = first.notice?.zone
        return "\(first.type ?? event.type) \(event.id) from \(event.source) at \(look.times.preciseClock(event.time, customer: zone)) "
            + look.times.label(at: event.time, customer: zone) + (first.seq.map { ", seq \($0)" } ?? "")
    }

    private func onceWords(_ first: DecisionRecord) -> String {
        if event.disposition == "stale" {
            return "too late: \(first.appliedSeq.map { "seq \($0)" } ?? "a newer event") of this order was applied before"
        }
        switch event.reason ?? first.reason {
        case .sameNews: return "no: the same anomaly, stage and seq came before under another id"
        case .duplicate: return "no: the same event was received before"
        default: break
        }
        guard let dedupe = first.dedupe else { return "first time this event was seen" }
        return "\(dedupe.isTold ? "yes" : "no"): \(dedupe.rawValue), \(dedupe.meaning)"
    }

    private func codeWords(_ first: DecisionRecord) -> String? {
        guard first.code != nil || first.kind != nil else { return nil }
        var words = [first.code, first.kind ?? "no anomaly"].compactMap(\.self).joined(separator: " means ")
        if let priority = first.priority { words += ", priority \(priority)" }
        if let rule = first.raisedBy { words += ", raised by rule \"\(rule)\"" }
        if let review = first.review { words += ", review item: \(review)" }
        if let old = first.supersedes { words += ", replaces \(old)" }
        if let sharper = first.sharper { words += ", a sharper \(sharper) is open" }
        if let outcome = first.outcome { words += ", ended: \(outcome)" }
        return words
    }

    private func holdWords(_ first: DecisionRecord, _ look: Look) -> String? {
        guard let until = first.holdUntil else { return nil }
        let ended = decisions.contains { $0.timer == "hold_end" }
        let words =
            "waited until \(look.times.clock(until, customer: zone)) \(look.times.label(at: until, customer: zone)), because this kind often heals by itself"
        if ended { return words + "; it did not" }
        return event.disposition == "pending" ? words.replacing("waited", with: "waits") : words
    }

    private func stormWords(_ first: DecisionRecord) -> String? {
        if let incident = first.opensIncident { return "opens incident \(incident)" }
        guard let incident = first.incident else { return nil }
        return "part of incident \(incident)" + (first.toldWith.map { ", told with order \($0)" } ?? "")
    }

    private func timerWords(_ timer: String, _ decision: DecisionRecord, _ look: Look) -> String {
        "\(timer)\(decision.step.map { " \($0)" } ?? "") at \(look.times.clock(decision.at, customer: zone))" + outcome(decision)
    }

    private func outcome(_ decision: DecisionRecord) -> String {
        if decision.notice != nil { return "" }
        if let asked = decision.asked { return ": \(asked.replacing("_", with: " ")) asked, see clarion review list" }
        return ": nothing to do" + (decision.reached.map { ", taken by \($0)" } ?? decision.reason.map { ", \($0.rawValue)" } ?? "")
    }

    private func channelWords(_ notice: DecisionRecord.NoticeWords) -> String {
        let sent = notice.channels.filter(\.isSent).map { $0.channel.rawValue + ($0.to.map { $0 == "inbox" ? "" : " \($0)" } ?? "") }
        let dropped = notice.channels.filter { !$0.isSent }.map { "\($0.channel.rawValue) no: \($0.reason?.rawValue ?? "dropped")" }
        return ([sent.isEmpty ? "none" : sent.joined(separator: ", ")] + dropped).joined(separator: "; ")
    }

    private func timingWords(_ notice: DecisionRecord.NoticeWords, decided: Timestamp, _ look: Look) -> String {
        let late = notice.channels.filter { $0.isSent && ($0.at ?? decided) > decided }
        guard !late.isEmpty else { return "at once; quiet hours of \(notice.zone) did not apply" }
        return late.map { fate in
            "\(fate.channel.rawValue) held to \(look.times.clock(fate.at ?? decided, customer: notice.zone)) "
                + look.times.label(at: fate.at ?? decided, customer: notice.zone) + (fate.reason.map { ": \($0.rawValue)" } ?? "")
        }.joined(separator: "; ") + " (customer is in \(notice.zone))"
    }

    var zone: String? { decisions.lazy.compactMap { $0.notice?.zone }.first }
}
