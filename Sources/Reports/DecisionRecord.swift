public import Core

/// A row of the log that says why someone was told, or was not. Members that a decision does not have are nil.
public struct DecisionRecord: Sendable, Equatable {
    public struct ChannelFate: Sendable, Equatable {
        public var channel: Channel
        public var isSent: Bool
        public var reason: ReasonCode?
        public var at: Timestamp?
        public var delivery: String?
        public var to: String?
        public init(
            channel: Channel, isSent: Bool, reason: ReasonCode? = nil, at: Timestamp? = nil, delivery: String? = nil, to: String? = nil
        ) {
            (self.channel, self.isSent, self.reason, self.at, self.delivery, self.to) = (channel, isSent, reason, at, delivery, to)
        }
    }
    public struct NoticeWords: Sendable, Equatable {
        public var kind, stage, locale, zone, revision: String
        /// Which of the kind's wordings was drawn for the customer.
        public var wording: String?
        public var reason: ReasonCode?
        public var channels: [ChannelFate]
        public init(
            kind: String, stage: String, locale: String, zone: String, revision: String, reason: ReasonCode?, channels: [ChannelFate],
            wording: String? = nil
        ) {
            self.wording = wording
            (self.kind, self.stage, self.locale, self.zone, self.revision) = (kind, stage, locale, zone, revision)
            (self.reason, self.channels) = (reason, channels)
        }
    }
    public var at: Timestamp
    /// The event's row, and the notice's that a timer goes on with.
    public var event: EventSeq?
    public var noticeID: NoticeID?
    /// Public id of the event, its type without the prefix, `data.seq`.
    public var eventID, type: String?
    public var seq, appliedSeq: Int64?
    /// `hold_end`, `fallback`, `promise`, `reminder`, `incident_over`, `escalation`, `call`: a timer decided, not an event.
    public var timer: String?
    /// Who of the staff was asked, and the channel that reached the customer so that nobody had to be.
    public var asked, reached: String?
    public var code, kind, priority, raisedBy, supersedes, sharper, outcome, incident, opensIncident, toldWith, mergedWithin, review,
        step: String?
    public var holdUntil: Timestamp?
    public var reason, dedupe: ReasonCode?
    public var disposition: String?
    public var dispositionReason: ReasonCode?
    public var notice: NoticeWords?

    public init(at: Timestamp) { self.at = at }

    /// Nil for a row that is no decision. Unknown members are left out; unknown codes too.
    public init?(_ row: LogRow) {
        guard row.entry.act == .decision else { return nil }
        let body = row.entry.body
        func text(_ name: String) -> String? {
            switch body[name] {
            case .string(let text): text
            case .number(let text): text
            default: nil
            }
        }
        func reason(_ name: String) -> ReasonCode? { body[name]?.string.flatMap(ReasonCode.init) }
        (at, event, noticeID) = (row.entry.at, row.entry.event, row.entry.notice)
        (eventID, type, seq, appliedSeq) = (text("event"), text("type"), body["seq"]?.integer, body["applied_seq"]?.integer)
        (timer, code, kind, priority, raisedBy) = (text("timer"), text("code"), text("kind"), text("priority"), text("raised_by"))
        (supersedes, sharper, outcome, incident) = (text("supersedes"), text("sharper"), text("outcome"), text("incident"))
        (opensIncident, toldWith, mergedWithin) = (text("opens_incident"), text("told_with"), text("merged_within"))
        (review, step, holdUntil) = (text("review"), text("step"), text("hold_until").flatMap { Timestamp(rfc3339: $0) })
        (self.reason, dedupe) = (reason("reason"), reason("dedupe"))
        (disposition, dispositionReason) = (text("disposition"), reason("disposition_reason"))
        (asked, reached) = (text("to"), text("reached"))
        notice = body["notice"].map(NoticeWords.init)
    }
}

extension DecisionRecord.NoticeWords {
    init(_ json: JSON) {
        func text(_ name: String) -> String { json[name]?.string ?? "" }
        (kind, stage, locale, zone, revision) = (text("kind"), text("stage"), text("locale"), text("zone"), text("template_revision"))
        wording = json["wording"]?.string
        reason = json["reason"]?.string.flatMap(ReasonCode.init)
        channels = (json["channels"]?.object ?? []).compactMap { name, fate in
            guard let channel = Channel(rawValue: name) else { return nil }
            return DecisionRecord.ChannelFate(
                channel: channel, isSent: fate["fate"]?.string == "send", reason: fate["reason"]?.string.flatMap(ReasonCode.init),
                at: fate["at"]?.string.flatMap { Timestamp(rfc3339: $0) }, delivery: fate["delivery"]?.string, to: fate["to"]?.string)
        }
    }
}
