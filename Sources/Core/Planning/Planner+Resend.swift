extension Planner {
    /// A notice once more on one channel, because a person asked: the same facts in the same texts. What keeps any message back keeps this one back:
    /// no account, an address that is dead, a channel that was switched off, a cap, the night.
    public func resend(
        _ notice: Notice, on channel: Channel, episode: Episode, contact: CustomerRef, snapshot: Snapshot, now: Timestamp
    ) -> Plan {
        var plan = Plan()
        plan.note("kind", notice.kind.rawValue)
        plan.note("resends", .integer(notice.id))
        let decision = decide(
            channel, stage: notice.stage, episode: episode, contact: contact, zone: notice.timeZone, isCounted: notice.isCounted,
            snapshot: snapshot, now: now)
        plan.notice = NoticePlan(
            kind: notice.kind, stage: notice.stage, variant: notice.variant, priority: notice.priority, reason: .resent,
            locale: notice.locale, timeZone: notice.timeZone, privatePreview: notice.privatePreview, facts: notice.facts,
            channels: [decision], fallbacks: [], isCounted: notice.isCounted, repeats: notice)
        plan.episode = episode
        return plan
    }
}
