public import Core
import Store

/// Complaints: no event brings them, people do. Each is an item on the review list, and timers ask the officer. A customer is told nothing by it.
extension Desk {
    public func complain(about order: OrderNumber, who: String, reason: String) async throws -> Answer {
        let now = clock.now()
        let answer = try await store.write { writer -> Answer in
            guard try writer.order(order) != nil else { return .notFound }
            let id = try writer.insert(
                ReviewItem(
                    cause: .complaint, order: order, kind: nil, detail: "a customer complains", openedAt: now, note: CardRule.cut(reason)))
            _ = try writer.arm(StoredTimer(step: .complaint, argument: Int(id), due: now))
            // What was said is sealed with the item: the log is for ever, and it may hold a name.
            try writer.append(
                LogEntry(
                    .operator, at: now, order: order,
                    body: Self.body("complaint add \(id)", who: who, reason: "kept with the item")))
            return .done("complaint \(id) about \(order) goes to the complaint officer")
        }
        if case .done = answer { changed() }
        return answer
    }

    public func end(complaint id: Int64, who: String, reason: String) async throws -> Answer {
        let now = clock.now()
        return try await store.write { writer in
            guard let item = try writer.review(id), item.cause == .complaint else { return .notFound }
            guard try Self.end(item, reason: CardRule.cut(reason), at: now, writer) else { return .refused("it was ended before") }
            try writer.append(
                LogEntry(
                    .operator, at: now, order: item.order,
                    body: Self.body("complaint end \(id)", who: who, reason: "kept with the item")))
            return .done("complaint \(id) is over")
        }
    }

    /// With what the officer was asked to do. False when it was closed before.
    static func end(_ complaint: ReviewItem, reason: String, at now: Timestamp, _ writer: any StoreWriter) throws -> Bool {
        let note = (complaint.note.map { "\($0); answered: " } ?? "") + reason
        guard complaint.closedAt == nil, try writer.close(review: complaint.id, note: note, at: now) else { return false }
        for task in try writer.reviews(onlyOpen: true, limit: .max)
        where task.cause == .escalation && task.detail.hasPrefix(complaint.asComplaint) {
            _ = try writer.close(review: task.id, note: "it is over", at: now)
        }
        return true
    }
}
