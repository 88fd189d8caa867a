import Config
import Core
import Crypto
import Providers
import Store
import Templates
import Transport

/// T3, inside a transaction: what is due is rendered, written down and ready to be sent. A delivery that cannot be sent is settled with its
/// reason. No byte leaves before the transaction is on the disk.
struct Dispatch: Sendable {
    let renderer: NoticeRenderer
    let accounts: Accounts
    let mode: Mode
    let morning: Morning
    let bootID: String
    let fresh: FreshDeliveries
    /// Where the attempts of this transaction are recorded.
    var flights: FlightBatch?
    /// Of this transaction: what a hold covers is not started after the hold's commit.
    var holds = HoldsInForce([], at: Timestamp(milliseconds: 0))

    /// An attempt whose intent stands.
    final class Open: Sendable {
        let attempt: AttemptID
        let delivery: Delivery
        let account: Account
        let call: ProviderCall
        let started: Timestamp
        let flight: FlightSlot?
        init(attempt: AttemptID, delivery: Delivery, account: Account, call: ProviderCall, started: Timestamp, flight: FlightSlot?) {
            (self.attempt, self.delivery, self.account, self.call) = (attempt, delivery, account, call)
            (self.started, self.flight) = (started, flight)
        }
    }

    /// An attempt that is made and not yet written down.
    final class Intent {
        private(set) var attempt: NewAttempt
        let log: LogBody
        private(set) var flight: FlightSlot?
        /// As it is once the intent stands.
        let delivery: Delivery
        let account: Account
        let call: ProviderCall

        init(attempt: NewAttempt, log: LogBody, delivery: Delivery, account: Account, call: ProviderCall) {
            (self.attempt, self.log, self.delivery, self.account, self.call) = (attempt, log, delivery, account, call)
        }

        /// Before it is filed: the row names the slot, and who finds the row must find the attempt in it.
        func record(in flights: FlightBatch?) {
            flight = flights?.claim(attempt.publicID)
            attempt.recorderSlot = flight?.number ?? 0
        }

        func open(as id: AttemptID) -> Open {
            Open(attempt: id, delivery: delivery, account: account, call: call, started: attempt.startedAt, flight: flight)
        }
    }

    struct Round: Sendable {
        var open: [Open] = []
        /// Deliveries that were moved on, sent or not.
        var moved = 0
        /// More may be due than there were slots for.
        var isFull = false
        /// What is due may leave then, as far as the rates of its accounts go.
        var wake: Timestamp?
    }

    /// - Parameters:
    ///   - free: how many of each channel may be started.
    ///   - planned: what the same transaction has planned.
    func run(
        free: FreeSlots, planned: [DeliveryID: FreshDelivery] = [:], picks: Picks, now: Timestamp, _ writer: any StoreWriter
    ) throws -> Round {
        var round = Round()
        for channel in Channel.allCases where channel != .inApp {
            let (limit, others) = (free.all[channel, default: 0], free.others[channel, default: 0])
            let heads = limit > 0 ? try writer.dueHeads(on: channel, at: now, limit: limit, others: others) : []
            if heads.count >= others { round.isFull = true }
            for head in heads {
                guard let due = try due(head, planned, writer) else { continue }
                switch try intend(due, picks, now: now, writer) {
                case .open(let open):
                    round.open.append(open)
                    round.moved += 1
                case .moved: round.moved += 1
                case .full(let until):
                    round.isFull = true
                    round.wake = [round.wake, until].compactMap(\.self).min()
                }
            }
        }
        return round
    }

    /// The slots of channels on which nothing is due, and for how many events there is room beside what is.
    func idle(_ free: FreeSlots, now: Timestamp, _ writer: any StoreWriter) throws -> (channels: [Channel: Int], room: Int) {
        var (channels, room) = (free.others, Int.max)
        for (channel, slots) in free.all {
            let others = free.others[channel, default: 0]
            let due = try writer.dueHeads(on: channel, at: now, limit: slots, others: others).count
            guard due > 0 else { continue }
            channels[channel] = nil
            // One that is about full is slow: the others do not wait for it.
            if others >= Slots.few { room = min(room, max(0, others - due)) }
        }
        return (channels, room)
    }

    private struct Due {
        var delivery: Delivery
        var notice: Notice?
    }

    /// What was planned in this process, with what may have changed since; else what is stored.
    private func due(_ head: DueHead, _ planned: [DeliveryID: FreshDelivery], _ writer: any StoreWriter) throws -> Due? {
        guard let known = planned[head.id] ?? fresh.take(head.id) else {
            return try writer.delivery(head.id).map { Due(delivery: $0, notice: nil) }
        }
        var delivery = known.delivery
        (delivery.state, delivery.reason, delivery.nextAt) = (head.state, head.reason, head.nextAt)
        (delivery.expires, delivery.tries, delivery.account) = (head.expires, head.tries, head.account)
        return Due(delivery: delivery, notice: known.filed.notice)
    }

    private enum Intended {
        case open(Open)
        /// Ended, or waits for later.
        case moved
        /// Stays due.
        case full(until: Timestamp?)
    }

    private func intend(_ due: Due, _ picks: Picks, now: Timestamp, _ writer: any StoreWriter) throws -> Intended {
        let delivery = due.delivery
        func end(_ state: DeliveryState, _ reason: ReasonCode) throws -> Intended {
            try settle(delivery, state, reason, now: now, writer)
            return .moved
        }
        guard delivery.mode == mode || PlantedBug.sendsInAnotherMode.isActive else { return try end(.cancelled, .modeChanged) }
        guard now <= delivery.expires || PlantedBug.sendsExpired.isActive else {
            return try end(.expired, delivery.reason == .onHold ? .onHold : .budgetUsedUp)
        }
        guard delivery.address.reveal(for: .comparing) != .inbox else { return try end(.blocked, .noAddress) }
        let attempts = delivery.tries > 0 ? try writer.attempts(ofDelivery: delivery.id) : []
        let (mayBeThere, spent) = (attempts.contains { $0.state == .ambiguous }, Failover.spent(attempts))
        if let covering = try holds.covering(delivery, episode: { try writer.episode(delivery.episode) }) {
            try hold(delivery, covering, mayBeThere: mayBeThere, now: now, writer)
            return .moved
        }
        let stay = mayBeThere && !PlantedBug.failsOverInDoubt.isActive ? delivery.account : nil
        switch picks.choose(for: delivery, stay: stay, besides: spent, now: now) {
        case .none where !spent.isEmpty: return try end(.undelivered, .undelivered)
        case .none: return try end(.blocked, .channelNotConfigured)
        case .full(let until): return .full(until: until)
        case .closed(let until, let reason):
            try wait(delivery, until: until, reason, mayBeThere: mayBeThere, now: now, writer)
            return .moved
        case .account(let account):
            if let open = try attempt(due, on: account, after: attempts.last, now: now, writer) { return .open(open) }
            picks.putBackLast()
            return .moved
        }
    }

    /// Until an account may be tried, or its time is over. What is decided again at the end of a night still is.
    private func wait(
        _ delivery: Delivery, until: Timestamp, _ reason: ReasonCode, mayBeThere: Bool, now: Timestamp, _ writer: any StoreWriter
    ) throws {
        let reason = mayBeThere ? .ambiguous : Morning.asks(about: delivery) ? delivery.reason : reason
        _ = try writer.settle(
            delivery.id, as: delivery.state, reason: reason, nextAt: min(until, delivery.expires + .milliseconds(1)), at: now)
    }

    /// Until its holds are over: each end of one makes it due again. Its time budget runs on. Of what may be there already the reason has to stay,
    /// so no end of a hold finds it: it is looked at again by itself.
    private func hold(
        _ delivery: Delivery, _ covering: HoldsInForce.Covering, mayBeThere: Bool, now: Timestamp, _ writer: any StoreWriter
    ) throws {
        let last = delivery.expires + .milliseconds(1)
        let next = min(last, covering.until ?? last, mayBeThere ? now + .minutes(1) : last)
        let isNew = !mayBeThere && delivery.reason != .onHold
        guard
            try writer.settle(
                delivery.id, as: delivery.state, reason: mayBeThere ? .ambiguous : .onHold, nextAt: next, at: now), isNew
        else { return }
        try writer.append(.held(delivery, covering, at: now))
    }

    /// Nil when it is not sent: then that is on record.
    private func attempt(
        _ due: Due, on account: Account, after last: Attempt?, now: Timestamp, _ writer: any StoreWriter
    ) throws -> Open? {
        let delivery = due.delivery
        var sent: AttemptBytes?
        if let last, !PlantedBug.makesNewKeys.isActive {
            guard let bytes = try writer.bytes(of: last.id) else {
                try fail(delivery, .renderError, detail: "what was sent before is kept no longer", now: now, writer)
                return nil
            }
            if last.account == account.name { return try again(delivery, last, bytes, account: account, now: now, writer) }
            sent = bytes
        }
        guard let notice = try due.notice ?? writer.notice(delivery.notice) else {
            throw StoreError.integrity("delivery \(delivery.publicID) has no notice")
        }
        var moreOrders = 0
        if Morning.asks(about: delivery) {
            guard let others = try morning.decide(delivery, holds, now: now, writer) else { return nil }
            moreOrders = others
        }
        let intent: Intent
        do {
            // On another account the same words go again.
            let content = try Self.content(of: sent, delivery)
            intent = try make(delivery, notice, content, moreOrders: moreOrders, account: account, now: now, writer)
        } catch let error as RenderProblem {
            try fail(delivery, error.reason, detail: error.description, now: now, writer)
            return nil
        }
        return try begin(intent, now: now, writer)
    }

    private static func content(of sent: AttemptBytes?, _ delivery: Delivery) throws(RenderProblem) -> Content? {
        guard let sent else { return nil }
        do {
            if let content = Content(json: try JSON(parsing: sent.content)) { return content }
        } catch {
            throw RenderProblem(.renderError, detail: "what was sent of \(delivery.publicID) cannot be read back: \(error)")
        }
        throw RenderProblem(.renderError, detail: "what was sent of \(delivery.publicID) is no content")
    }

    /// For a delivery that is planned in this transaction and not yet filed. Nil when it cannot be sent at once: then it is filed as it is, and
    /// the next round decides.
    func intent(for delivery: Delivery, of notice: Notice, _ picks: Picks, now: Timestamp, _ writer: any StoreWriter) throws -> Intent? {
        guard delivery.state == .ready, delivery.nextAt.map({ $0 <= now }) ?? true, !Morning.asks(about: delivery),
            try holds.covering(delivery, episode: { try writer.episode(delivery.episode) }) == nil,
            case .account(let account) = picks.choose(for: delivery, now: now)
        else { return nil }
        do {
            return try make(delivery, notice, moreOrders: 0, account: account, now: now, writer)
        } catch is RenderProblem {
            picks.putBackLast()
            // It is filed as due, and the round of this very transaction meets the same problem and files the dead letter.
            return nil
        }
    }

    /// Renders, and makes the call.
    private func make(
        _ delivery: Delivery, _ notice: Notice, _ known: Content? = nil, moreOrders: Int, account: Account, now: Timestamp,
        _ writer: any StoreWriter
    ) throws -> Intent {
        let place = PlantedBug.makesNewKeys.isActive ? "try \(delivery.tries)" : account.name
        let key = IdempotencyKey(writer.idempotencyKey(delivery: delivery.publicID, account: place))
        let name = writer.attemptName(delivery.tries + 1, ofDelivery: delivery.id)
        let content: Content
        var otherRevision: String?
        if let known {
            content = known
        } else {
            let rendered = try renderer.render(notice, on: delivery.channel, moreOrders: moreOrders, kept: writer)
            (content, otherRevision) = (rendered.content, rendered.otherRevision)
        }
        let call = try call(for: delivery, notice, content, account: account, key: key, attempt: name)
        let bytes = AttemptBytes(content: content.bytes, call: call.storedBytes)
        #if DEBUG
            CrashPoint.pass(.rendered)
        #endif
        var parts: Int?
        if case .sms(let text) = content { parts = SMSMeasure(text).parts }
        return intent(delivery, account, key.description, name, call, bytes, parts: parts, otherRevision: otherRevision, now: now)
    }

    private func call(
        for delivery: Delivery, _ notice: Notice, _ content: Content, account: Account, key: IdempotencyKey, attempt: String
    ) throws(RenderProblem) -> ProviderCall {
        let message = Message(
            delivery: delivery.publicID, attempt: attempt, address: delivery.address, content: content, locale: notice.locale,
            priority: delivery.priority, kind: notice.kind.toOthers, stage: notice.stage.toOthers(of: notice.kind),
            collapseKey: key.description, order: delivery.order,
            link: delivery.channel == .push && notice.audience == .customer ? renderer.link(of: notice.kind, order: delivery.order) : nil,
            plannedAt: delivery.plannedAt, expires: delivery.expires)
        do throws(CallProblem) {
            return account.settings.unplaced(try account.provider.call(for: message, key: key))
        } catch {
            throw RenderProblem(error.reason, detail: error.words)
        }
    }

    /// The bytes and key of the last attempt on this account: a retry never renders again.
    private func again(
        _ delivery: Delivery, _ last: Attempt, _ bytes: AttemptBytes, account: Account, now: Timestamp, _ writer: any StoreWriter
    ) throws -> Open? {
        guard let call = ProviderCall(stored: bytes.call) else {
            throw StoreError.integrity("the bytes of \(delivery.publicID) cannot be read back")
        }
        let name = writer.attemptName(delivery.tries + 1, ofDelivery: delivery.id)
        return try begin(intent(delivery, account, last.idempotencyKey, name, call, bytes, parts: last.parts, now: now), now: now, writer)
    }

    /// Nil when the delivery no longer waits.
    private func begin(_ intent: Intent, now: Timestamp, _ writer: any StoreWriter) throws -> Open? {
        intent.record(in: flights)
        guard let id = try writer.begin(intent.attempt, log: intent.log, at: now) else {
            if let flight = intent.flight { flights?.drop(flight) }
            return nil
        }
        return intent.open(as: id)
    }

    private func intent(
        _ delivery: Delivery, _ account: Account, _ key: String, _ name: String, _ call: ProviderCall, _ bytes: AttemptBytes,
        parts: Int?, otherRevision: String? = nil, now: Timestamp
    ) -> Intent {
        let number = delivery.tries + 1
        let digest = SHA256.hash(data: bytes.call).withUnsafeBytes { Array($0) }
        let attempt = NewAttempt(
            publicID: name, delivery: delivery.id, number: number, order: delivery.order, customer: delivery.customer,
            account: account.name, idempotencyKey: key, digest: digest, bytes: bytes, startedAt: now,
            deadline: now + account.transport.timeout, bootID: bootID, parts: parts)
        let log = LogBody { log in
            log.member("account", account.name)
            log.member("attempt", name)
            log.member("digest", Hex.text(digest))
            log.member("key", key)
            log.member("number", Int64(number))
            log.member("template_revision", otherRevision)
        }
        var started = delivery
        (started.state, started.account, started.tries, started.nextAt) = (.inflight, account.name, number, nil)
        return Intent(attempt: attempt, log: log, delivery: started, account: account, call: call)
    }

    // MARK: Settling without a send

    private func settle(
        _ delivery: Delivery, _ state: DeliveryState, _ reason: ReasonCode, now: Timestamp, _ writer: any StoreWriter
    ) throws {
        guard try !Outcomes.leaveOpen(delivery, now: now, writer),
            try writer.settle(delivery.id, as: state, reason: reason, nextAt: nil, at: now)
        else { return }
        try writer.append(.cancelled(delivery, reason, at: now))
        try Failover.ended(delivery, at: now, writer)
    }

    private func fail(
        _ delivery: Delivery, _ reason: ReasonCode, detail: String, now: Timestamp, _ writer: any StoreWriter
    ) throws {
        guard try !Outcomes.leaveOpen(delivery, now: now, writer),
            try writer.settle(delivery.id, as: .dead, reason: reason, nextAt: nil, at: now)
        else { return }
        try Outcomes.fileDeadLetter(delivery, stage: .render, reason: reason, detail: detail, now: now, writer)
        try Failover.ended(delivery, at: now, writer)
    }
}

extension LogEntry {
    /// A delivery that was due waits for the end of a hold.
    static func held(_ delivery: Delivery, _ covering: HoldsInForce.Covering, at now: Timestamp) -> LogEntry {
        var body: [(String, JSON)] = [
            ("channel", .string(delivery.channel.rawValue)), ("delivery", .string(delivery.publicID)),
            ("hold", .string(covering.hold.name)), ("reason", .string(ReasonCode.onHold.rawValue)),
        ]
        if let until = covering.until { body.append(("until", .string(until.description))) }
        return LogEntry(.held, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id, body: .object(body))
    }

    /// A waiting delivery ended without a send.
    static func cancelled(_ delivery: Delivery, _ reason: ReasonCode, with other: Delivery? = nil, at now: Timestamp) -> LogEntry {
        var body: [(String, JSON)] = [
            ("channel", .string(delivery.channel.rawValue)), ("delivery", .string(delivery.publicID)), ("reason", .string(reason.rawValue)),
        ]
        if let other { body.append(("told_with", .string(other.order.description))) }
        return LogEntry(.cancelled, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id, body: .object(body))
    }
}
