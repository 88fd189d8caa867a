extension Planner {
    /// Whether a message that waited for the end of the night has become untrue or unwanted, and why; nil when it may leave.
    ///
    /// - Parameters:
    ///   - isReplaced: a newer notice of the episode goes to this channel.
    ///   - isIncidentOver: the incident it was told with is closed.
    public func outdated(
        _ notice: Notice, on channel: Channel, episode: Episode, record: CustomerRecord?, isReplaced: Bool, isIncidentOver: Bool,
        now: Timestamp
    ) -> ReasonCode? {
        if isReplaced { return .superseded }
        if !notice.stage.isClosing {
            if episode.status != .open { return .quietHoursExpired }
            if let deadline = episode.deadline, deadline <= now { return .quietHoursExpired }
            if notice.stage == .materialsReminder, episode.step?.hasSuffix("_received") ?? false { return .quietHoursExpired }
            if notice.kind == .channelOutage, isIncidentOver { return .quietHoursExpired }
        }
        switch record?.contacts[channel]?.standing {
        case .dead: return .addressDead
        case .unverified: return .addressUnverified
        case .verified, nil: break
        }
        if let record, record.optedOut.contains(channel), !channelPlan(episode).locked.contains(channel) { return .optedOut }
        return nil
    }

    /// From the beginning of the quiet hours to the last departure after them, by the clock.
    public var nightLength: Duration {
        let (from, to) = (policy.quietHours.from, policy.quietHours.to)
        return .minutes(to > from ? to - from : to + 1440 - from) + policy.quietHours.spread
    }
}
