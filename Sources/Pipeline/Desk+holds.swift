public import Core
import Store

/// Holds: an operator keeps some messages from leaving. The store is the truth, and T3 asks it in its own transaction, so from a hold's commit on
/// no attempt of what it covers is started. What is on the wire then finishes; in-app items are there as ever.
extension Desk {
    /// More at a time would make every attempt slow.
    public static let mostHolds = 1000

    /// - Parameter span: it ends by itself after that; nil: a person ends it.
    public func hold(_ scope: HoldScope, for span: Duration?, who: String, reason: String) async throws -> Answer {
        let (who, reason) = (CardRule.cut(who), CardRule.cut(reason))
        return try await store.write { writer in
            let now = clock.now()
            var hold = Hold(scope: scope, who: who, reason: reason, since: now, until: span.map { now + $0 })
            let standing = try writer.holdsNotEnded().filter { $0.isInForce(at: now) }
            if let same = standing.first(where: { $0.scope == scope && $0.until == nil }) {
                return .refused("\(same.name) holds the same, by \(same.who): \(same.reason)")
            }
            guard standing.count < Self.mostHolds else { return .refused("there are \(standing.count) holds: end some first") }
            hold.id = try writer.insert(hold)
            let waiting = try writer.waiting(in: scope).values.reduce(0) { $0 + $1.waiting }
            try writer.append(try Self.entry("add", of: hold, who: hold.who, reason: hold.reason, at: now, writer))
            return .done("\(hold.name) holds \(scope.words(customer: scope.customer)): \(waiting) waiting now")
        }
    }

    /// What it held is due again, and is decided again in that moment; what another hold covers stays.
    public func end(hold id: Int64, who: String, reason: String) async throws -> Answer {
        let now = clock.now()
        let (who, reason) = (CardRule.cut(who), CardRule.cut(reason))
        let answer = try await store.write { writer -> Answer in
            guard let hold = try writer.hold(id) else { return .notFound }
            guard hold.isInForce(at: now) else {
                return .refused(hold.ending.map { "it was ended by \($0.who)" } ?? "it ended by itself at \(hold.until ?? now)")
            }
            guard try writer.end(hold: id, Hold.Ending(at: now, who: who, reason: reason)) else { return .refused("it was ended before") }
            try writer.append(try Self.entry("end", of: hold, who: who, reason: reason, at: now, writer))
            return .done(hold.name)
        }
        // Also of an end that was cut off: who asks again gets it done.
        let count = try await Self.finishReleases(store, at: now)
        guard case .done(let name) = answer else { return answer }
        changed()
        return .done("\(name) is over: \(count) held, due again if nothing else holds them")
    }

    /// In small transactions, so that nothing else has to wait. What a process left undone here the next one does.
    @discardableResult
    static func finishReleases(_ store: any Store, at now: Timestamp) async throws -> Int {
        guard try await store.read({ try $0.isReleasing() }) else { return 0 }
        var (place, count): (DeliveryID, Int) = (0, 0)
        while true {
            let (after, limit) = (place, 500)
            guard let some = try await store.write({ try $0.releaseHeld(after: after, limit: limit, at: now) }) else { return count }
            (place, count) = (some.last, count + some.count)
        }
    }

    /// The log names no customer.
    private static func entry(
        _ verb: String, of hold: Hold, who: String, reason: String, at now: Timestamp, _ writer: any StoreWriter
    ) throws -> LogEntry {
        let name = try hold.scope.customer.flatMap { try writer.pseudonym(ofCustomer: $0) }
        let until = verb == "add" ? hold.until.map { " until \($0)" } ?? "" : ""
        let words = "hold \(verb) \(hold.name) \(hold.scope.words(customer: hold.scope.customer == nil ? nil : name ?? "?"))\(until)"
        return LogEntry(
            .operator, at: now, order: hold.scope.order,
            body: ["command": .string(words), "reason": .string(reason), "who": .string(who)])
    }
}
