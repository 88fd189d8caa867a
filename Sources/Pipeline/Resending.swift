import Core
import Store

/// Whether a message may be sent once more: only what is still true, and what is known not to be in doubt.
enum Resending {
    /// Why it may not; nil: it may. Asked when a person asks, and again when it is planned.
    static func objection(to delivery: Delivery, evenIfInDoubt: Bool, at now: Timestamp, _ reader: any StoreReader) throws -> String? {
        guard delivery.channel != .inApp else { return "it lies in the app, and stays there" }
        guard delivery.episode != 0, let notice = try reader.notice(delivery.notice), notice.audience == .customer else {
            return "it was for staff"
        }
        switch delivery.state {
        case .ready, .retryWait, .inflight: return "it is \(delivery.state.rawValue): it goes by itself"
        case .ambiguous, .unknown:
            guard evenIfInDoubt else {
                return "whether it was taken is in doubt: find out (clarion attempts settle), or say --even-if-in-doubt"
            }
        case .sent, .delivered, .undelivered, .cancelled, .expired, .dead, .blocked: break
        }
        guard let episode = try reader.episode(delivery.episode) else { return "its matter is gone" }
        if episode.status != .open, !(notice.stage.isClosing && episode.status == .resolved) {
            return "it is no longer true: its matter is \(episode.status.rawValue)" + (episode.resolution.map { " (\($0.rawValue))" } ?? "")
        }
        if let newer = try newer(than: notice, of: delivery, reader) { return newer }
        guard !notice.facts.values.isEmpty else { return "its words are kept no longer" }
        for field in [Field.eta, .deadline] {
            guard case .instant(let moment)? = notice.facts[field], moment <= now else { continue }
            return "it is no longer true: the time it names (\(field.rawValue) \(moment)) has passed"
        }
        return nil
    }

    /// What was planned for the same matter after it. A repeat that was kept back tells nothing.
    private static func newer(than notice: Notice, of delivery: Delivery, _ reader: any StoreReader) throws -> String? {
        let later = try reader.deliveries(ofEpisode: delivery.episode).filter { $0.notice > notice.id }
        for other in later {
            guard let newer = try reader.notice(other.notice), newer.audience == .customer else { continue }
            guard newer.reason == .resent else {
                return "a newer notice of the matter was planned at \(newer.plannedAt): \(other.publicID), \(newer.stage.rawValue)"
            }
            if other.channel == delivery.channel, other.state != .blocked { return "it was sent once more before, as \(other.publicID)" }
        }
        return nil
    }

    /// The one of an order that is meant when none is named: of its newest notice the first channel outside the app that was to be used.
    static func delivery(ofOrder order: OrderNumber, on channel: Channel?, _ reader: any StoreReader) throws -> Delivery? {
        for notice in try reader.notices(ofOrder: order).reversed() where notice.audience == .customer {
            let ways = try reader.deliveries(ofNotice: notice.id).filter { $0.channel != .inApp && (channel ?? $0.channel) == $0.channel }
            if let way = ways.filter({ $0.state != .blocked }).min(by: { $0.channel < $1.channel }) ?? (channel == nil ? nil : ways.first) {
                return way
            }
        }
        return nil
    }

    /// A timer's name says which delivery it is about, and how often it was asked for.
    static func timer(for delivery: Delivery, at now: Timestamp, _ reader: any StoreReader) throws -> StoredTimer {
        let before = try reader.timers(ofEpisode: delivery.episode).count { $0.step == .resend && self.delivery(of: $0) == delivery.id }
        return StoredTimer(
            step: .resend, episode: delivery.episode, notice: delivery.notice, argument: Int(delivery.id) << 8 | min(before, 255), due: now)
    }
    static func delivery(of timer: StoredTimer) -> DeliveryID { DeliveryID(timer.argument >> 8) }
}

extension TimerStage {
    /// A person asked for a message once more. What has become untrue since is not sent; the decision says so.
    func resend(_ timer: StoredTimer, now: Timestamp, _ store: any StoreWriter) throws {
        guard let delivery = try store.delivery(Resending.delivery(of: timer)), let notice = try store.notice(delivery.notice),
            let episode = try store.episode(delivery.episode)
        else { return }
        var plan = Plan()
        // Whether a doubt was accepted was asked when the timer was armed.
        if let objection = try Resending.objection(to: delivery, evenIfInDoubt: true, at: now, store) {
            plan.note("resends", .integer(notice.id))
            plan.note("refused", .string(objection))
        } else {
            let contact = try opening(of: episode, store).customer
            let snapshot = try SnapshotReader(planner: planner).snapshot(for: episode, contact: contact, in: store, now: now)
            plan = planner.resend(notice, on: delivery.channel, episode: episode, contact: contact, snapshot: snapshot, now: now)
        }
        let cause = PlanWriter.Cause(event: nil, order: episode.order, customer: episode.customer, timer: timer.step, marks: [])
        try writer.carryOut(plan, cause: cause, now: now, store)
    }
}
