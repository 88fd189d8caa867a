public struct StoredTimer: Sendable {
    public enum Step: String, Sendable, CaseIterable {
        /// The hold-off of an episode ends; with an argument, its wait for the end of a burst.
        case holdEnd = "hold_end"
        /// A `then` step of the policy; `argument` is its index.
        case fallback
        /// A message of priority `high` may have been taken or not, and nobody has said since; `argument` is its delivery.
        case doubt
        /// Nothing is left that could tell by itself whether a message was taken; `argument` is the attempt that left it in doubt.
        case doubtEnd = "doubt_end"
        /// The promised time passed.
        case promise
        /// Half time, or 24 h before a deadline.
        case reminder
        /// An update that came too soon after another one may be told; `argument` is its event.
        case update
        /// Fifteen minutes after an incident closed.
        case incidentOver = "incident_over"
        /// The window of a storm that is being counted.
        case storm
        /// Somebody has to look at the episode or the incident; `argument` is the index of the kind's step.
        case escalation
        /// Whether anything of a `high` notice was delivered by now.
        case call
        /// A complaint was recorded; `argument` is its review item.
        case complaint
        /// Its answer is due soon.
        case complaintDue = "complaint_due"
        /// A person asked for a message once more; `argument` holds its delivery, and how often it was asked for.
        case resend

        /// It is due at a moment of the calendar that people were told, and not so long after something.
        public var isOnCalendar: Bool {
            switch self {
            case .promise, .reminder, .complaintDue: true
            case .holdEnd, .fallback, .doubt, .doubtEnd, .update, .incidentOver, .storm, .escalation, .call, .complaint,
                .resend:
                false
            }
        }
    }
    public enum State: String, Sendable { case armed, fired, cancelled }
    public var step: Step
    /// What it belongs to: together with step and argument its name.
    public var episode: EpisodeID
    public var notice: NoticeID
    public var incident: String
    public var argument: Int
    public var due: Timestamp
    public var state: State
    public init(
        step: Step, episode: EpisodeID = 0, notice: NoticeID = 0, incident: String = "", argument: Int = 0, due: Timestamp,
        state: State = .armed
    ) {
        (self.step, self.episode, self.notice, self.incident, self.argument) = (step, episode, notice, incident, argument)
        (self.due, self.state) = (due, state)
    }
}

/// When the next delivery and the next timer want attention; nil when there is none.
public struct NextDue: Sendable, Hashable {
    public var delivery, timer: Timestamp?
    public init(delivery: Timestamp?, timer: Timestamp?) { (self.delivery, self.timer) = (delivery, timer) }
    public var earliest: Timestamp? { [delivery, timer].compactMap { $0 }.min() }
}
