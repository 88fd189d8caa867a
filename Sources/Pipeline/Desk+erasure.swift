import Core
import Store

extension Desk {
    /// T9: what is known of a customer is destroyed, and nothing more is sent to them of what began before. The log keeps codes, times and their
    /// pseudonym.
    ///
    /// - Parameter evenIfOpen: also while something of theirs goes on. Of its end they hear only what a later event brings by itself.
    public func erase(customer: String, evenIfOpen: Bool, who: String, reason: String) async throws -> Answer {
        let answer = try await store.write { writer -> Answer in
            let now = clock.now()
            guard let name = try writer.pseudonym(ofCustomer: customer), name != customer else { return .notFound }
            let open = try writer.openEpisodes(ofCustomer: customer)
            guard open.isEmpty || evenIfOpen else {
                let orders = open.prefix(3).map(\.order.description).joined(separator: ", ")
                let more = open.count > 3 ? " and \(open.count - 3) more" : ""
                return .refused("\(orders)\(more): not over yet, and what waits for them would be dropped")
            }
            let ended = try end(open, of: customer, at: now, writer)
            guard try writer.erase(customer: customer, at: now) != nil else { return .notFound }
            forgets()
            var body = Self.body("customer erase \(name)", who: who, reason: reason).object ?? []
            body += [("customer", .string(name)), ("ended", .integer(ended))]
            try writer.append(LogEntry(.erasure, at: now, body: .object(body)))
            let untold = ended == 1 ? "; an episode of theirs ends untold" : ended > 1 ? "; \(ended) episodes of theirs end untold" : ""
            return .done("\(name) is erased\(untold)")
        }
        if case .done = answer { changed() }
        return answer
    }

    /// From now on the data keys are wrapped with another master key; each that is there already is, by and by.
    public func rotated(to key: String, who: String, reason: String) async throws {
        let now = clock.now()
        try await store.write { writer in
            var body = Self.body("keys rotate", who: who, reason: reason).object ?? []
            body.append(("key", .string(key)))
            try writer.append(LogEntry(.keys, at: now, body: .object(body)))
        }
    }

    /// Returns how many episodes ended that were not over.
    private func end(_ open: [Episode], of customer: String, at now: Timestamp, _ writer: any StoreWriter) throws -> Int {
        guard !PlantedBug.sendsErased.isActive else { return 0 }
        var ids = Set(open.map(\.id))
        for state in [DeliveryState.ready, .retryWait, .inflight] {
            var query = DeliveryQuery(limit: .max)
            (query.customer, query.state) = (customer, state)
            ids.formUnion(try writer.deliveries(matching: query).map(\.episode))
        }
        for id in ids.sorted() { try EpisodeEnd.carryOut(id, reason: .erased, now: now, writer) }
        for var episode in open {
            (episode.status, episode.version) = (.superseded, episode.version + 1)
            _ = try writer.save(episode)
        }
        return open.count
    }
}
