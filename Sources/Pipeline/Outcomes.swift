import Config
import Core
import Store

/// T4: writes what came of an attempt, and all that follows from it.
enum Outcomes {
    /// A waiting delivery that will not be repeated although an attempt may have been taken: listed, and a person is asked.
    /// False when there is no such attempt, or the delivery does not wait any more.
    static func leaveOpen(_ delivery: Delivery, now: Timestamp, _ writer: any StoreWriter) throws -> Bool {
        guard !PlantedBug.cancelsDoubt.isActive, delivery.state == .retryWait,
            try writer.standing(ofDelivery: delivery.id)?.mayBeThere ?? false,
            try writer.settle(delivery.id, as: .ambiguous, reason: .ambiguous, nextAt: nil, at: now)
        else { return false }
        try askPeople(delivery, now: now, writer)
        if let last = try writer.attempts(ofDelivery: delivery.id).last {
            try Doubt.limit(delivery, after: last.id, to: now + Doubt.patience(with: delivery.priority), writer)
        }
        return true
    }

    /// - Parameters:
    ///   - account: that of the attempt; nil when it is gone.
    ///   - isRemembered: whether an address that is refused for good is marked, so that the next notice leaves it out.
    static func file(
        _ outcome: Outcome, _ verdict: Verdict, attempt: AttemptID, delivery: Delivery, on account: Account?, isRemembered: Bool = false,
        now: Timestamp, _ writer: any StoreWriter
    ) throws {
        var verdict = verdict
        let hope = verdict.delivery == .ambiguous ? Doubt.hope(for: delivery, on: account) : nil
        if verdict.delivery == .ambiguous, hope == nil { verdict.delivery = .unknown }
        var providerID: String?
        if case .accepted(let id) = outcome { providerID = id.isEmpty ? nil : id }
        let detail = outcome.detail?.description ?? ""
        let result = AttemptResult(state: verdict.attempt, outcome: outcome.class, detail: detail, providerID: providerID)
        guard
            try writer.finish(
                attempt, as: result, delivery: verdict.delivery, reason: verdict.reason, nextAt: verdict.nextAt,
                log: record(verdict, result, number: delivery.tries), order: delivery.order, at: now)
        else { return }
        switch verdict.delivery {
        case .dead:
            try fileDeadLetter(delivery, stage: .send, reason: verdict.reason ?? .providerRefused, detail: detail, now: now, writer)
            try Failover.ended(delivery, at: now, writer)
        case .ambiguous, .unknown: try askPeople(delivery, now: now, writer)
        default: break
        }
        if verdict.attempt == .ambiguous { try Doubt.watch(delivery, at: now, writer) }
        if let hope { try Doubt.limit(delivery, after: attempt, to: now + hope, writer) }
        if isRemembered, !PlantedBug.forgetsDeadAddresses.isActive, case .badRecipient(let refusal) = outcome {
            try AddressMarks.file(refusal, of: delivery, at: now, writer)
        }
        if verdict.delivery == .sent, delivery.tries > 1 {
            try settleAttempts(of: delivery, by: "attempt \(delivery.tries)", number: delivery.tries, now: now, writer)
        }
    }

    /// A repeat was accepted, or a receipt came: whether an earlier attempt was taken as well makes no difference any more, the recipient has
    /// one message.
    private static func settleAttempts(
        of delivery: Delivery, by what: String, number: Int? = nil, now: Timestamp, _ writer: any StoreWriter
    ) throws {
        for attempt in try writer.closeAmbiguous(ofDelivery: delivery.id) {
            var body: [(String, JSON)] = [
                ("number", .integer(attempt)), ("outcome", "settled"), ("detail", .string("by \(what)")),
            ]
            if let number { body.append(("by", .integer(number))) }
            try writer.append(
                LogEntry(
                    .outcome, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id, body: .object(body)))
        }
    }

    /// Nobody need ask any more whether a delivery was taken: its attempts are settled, and so is what people were asked.
    static func closeQuestions(of delivery: Delivery, answeredBy what: String, now: Timestamp, _ writer: any StoreWriter) throws {
        try settleAttempts(of: delivery, by: what, now: now, writer)
        for item in try writer.openQuestions(ofDelivery: delivery)
        where try writer.close(review: item.id, note: "answered by \(what)", at: now) {
            try writer.append(
                LogEntry(
                    .review, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id,
                    body: ["cause": "ambiguous", "closed": true, "detail": .string("answered by \(what)"), "id": .integer(item.id)]))
        }
    }

    /// What the log says of it.
    private static func record(_ verdict: Verdict, _ result: AttemptResult, number: Int) -> LogBody {
        LogBody { log in
            if !result.detail.isEmpty { log.member("detail", result.detail) }
            log.member("next_at", verdict.nextAt)
            log.member("number", Int64(number))
            log.member("outcome", result.outcome.rawValue)
            log.member("provider_id", result.providerID)
            log.member("reason", verdict.reason?.rawValue)
            log.member("state", verdict.delivery.rawValue)
        }
    }

    static func fileDeadLetter(
        _ delivery: Delivery, stage: DeadLetter.Stage, reason: ReasonCode, detail: String, now: Timestamp, _ writer: any StoreWriter
    ) throws {
        if PlantedBug.dropsDeadLetters.isActive { return }
        _ = try writer.insert(
            DeadLetter(
                stage: stage, reason: reason.rawValue, detail: detail, source: delivery.account ?? delivery.channel.rawValue, size: 0,
                digest: [],
                delivery: delivery.id, at: now))
        try writer.append(
            LogEntry(
                .deadLetter, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id,
                body: ["stage": .string(stage.rawValue), "reason": .string(reason.rawValue), "detail": .string(detail)]))
    }

    private static func askPeople(_ delivery: Delivery, now: Timestamp, _ writer: any StoreWriter) throws {
        if PlantedBug.hidesDoubt.isActive { return }
        let item = ReviewItem(
            cause: .ambiguous, order: delivery.order, episode: delivery.episode, kind: nil,
            detail: "\(delivery.publicID) on \(delivery.channel.rawValue): taken or not, nobody can know", openedAt: now)
        let id = try writer.insert(item)
        try writer.append(
            LogEntry(
                .review, at: now, order: delivery.order, delivery: delivery.id,
                body: ["cause": "ambiguous", "detail": .string(item.detail), "id": .integer(id)]))
    }
}
