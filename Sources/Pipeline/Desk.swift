public import Core
public import Store

/// What people do to the store: each is one transaction with a row in the log that names who and why.
public struct Desk: Sendable {
    public let store: any Store
    public let clock: any Clock
    /// Of the running worker; nil when there is none.
    let accounts: Accounts?
    /// Of the running worker: what is published is in force there at once.
    let texts: Texts?
    /// Told when there is new work.
    public let changed: @Sendable () -> Void
    /// Told when the store is not fenced any more.
    let released: @Sendable () -> Void
    /// Told inside the transaction that erases: what is in memory of anybody is read from the store again.
    let forgets: @Sendable () -> Void

    public init(
        store: any Store, clock: any Clock, accounts: Accounts? = nil, texts: Texts? = nil,
        changed: @escaping @Sendable () -> Void = {},
        released: @escaping @Sendable () -> Void = {}, forgets: @escaping @Sendable () -> Void = {}
    ) {
        (self.store, self.clock, self.accounts, self.texts) = (store, clock, accounts, texts)
        (self.changed, self.released, self.forgets) = (changed, released, forgets)
    }

    public enum Answer: Sendable, Equatable {
        case done(String)
        case notFound
        /// Nothing was changed; the words say why.
        case refused(String)
    }

    /// A dead letter goes back to the stage that gave it up, if it is still true.
    public func retry(deadLetter id: Int64, who: String, reason: String) async throws -> Answer {
        let answer = try await store.write { writer -> Answer in
            let now = clock.now()
            guard let letter = try writer.deadLetter(id) else { return .notFound }
            guard letter.state == .open else { return .refused("it was \(letter.state.rawValue) before") }
            switch letter.stage {
            case .intake:
                return .refused("the input was not kept; the producer has to send it again")
            case .plan:
                guard let event = letter.event, try writer.reopen(event: event) else { return .refused("its event is settled") }
            case .render, .send:
                guard let delivery = try letter.delivery.flatMap({ try writer.delivery($0) }) else {
                    return .refused("its delivery is gone")
                }
                if delivery.episode != 0 {
                    guard let episode = try writer.episode(delivery.episode), episode.status == .open else {
                        _ = try writer.close(deadLetter: id, as: .discarded, at: now)
                        return .refused("it is no longer true; discarded")
                    }
                }
                // Of one that an account could not deliver after all, and no other took.
                guard try !writer.receipts(ofDelivery: delivery.id).contains(where: { $0.status == .delivered || $0.status == .read })
                else {
                    _ = try writer.close(deadLetter: id, as: .discarded, at: now)
                    return .refused("a receipt says that it arrived; discarded")
                }
                guard try writer.revive(delivery.id, at: now, expires: now + .hours(1)) else { return .refused("its delivery is settled") }
            }
            _ = try writer.close(deadLetter: id, as: .retried, at: now)
            try log("dead retry \(id)", who: who, reason: reason, at: now, writer)
            return .done("dead letter \(id) goes again")
        }
        if case .done = answer { changed() }
        return answer
    }

    /// A dead letter that nobody will try again. What it is about stays as it is, and so does the letter: it can be restored.
    public func discard(deadLetter id: Int64, who: String, reason: String) async throws -> Answer {
        let now = clock.now()
        return try await store.write { writer in
            guard let letter = try writer.deadLetter(id) else { return .notFound }
            guard try writer.close(deadLetter: id, as: .discarded, at: now) else {
                return .refused("it was \(letter.state.rawValue) before")
            }
            try log("dead discard \(id)", who: who, reason: reason, at: now, writer)
            return .done("dead letter \(id) is discarded")
        }
    }

    /// One that was discarded is open again.
    public func restore(deadLetter id: Int64, who: String, reason: String) async throws -> Answer {
        let now = clock.now()
        return try await store.write { writer in
            guard let letter = try writer.deadLetter(id) else { return .notFound }
            guard try writer.reopen(deadLetter: id) else { return .refused("it is \(letter.state.rawValue), not discarded") }
            try log("dead restore \(id)", who: who, reason: reason, at: now, writer)
            return .done("dead letter \(id) is open again")
        }
    }

    public func close(review id: Int64, note: String, who: String) async throws -> Answer {
        let now = clock.now()
        return try await store.write { writer in
            guard let item = try writer.review(id) else { return .notFound }
            let isClosed =
                item.cause == .complaint
                ? try Self.end(item, reason: CardRule.cut(note), at: now, writer)
                : try item.closedAt == nil && writer.close(review: id, note: CardRule.cut(note), at: now)
            guard isClosed else { return .refused("it was closed before") }
            // The note is sealed with the item: the log is for ever, and a note may hold a name.
            try log("review close \(id)", who: who, reason: "note kept with the item", at: now, writer)
            return .done("review \(id) is closed")
        }
    }

    /// Nothing more goes to an account until a person says so, or it gets messages again: at once, also when it failed before. Without a worker
    /// nobody knows here which accounts there are: the caller does.
    public func set(paused: Bool, account: String, who: String, reason: String) async throws -> Answer {
        let now = clock.now()
        if let accounts, accounts.byName[account] == nil { return .notFound }
        let pause = paused ? AccountStanding.Pause(who: CardRule.cut(who), reason: CardRule.cut(reason), at: now) : nil
        let answer = try await store.write { writer -> Answer in
            var standing = try writer.accountStandings().first { $0.account == account } ?? AccountStanding(account: account)
            guard standing.state != (paused ? .paused : .closed) else {
                return .refused(paused ? "it is paused already" : "it is in use already")
            }
            (standing.pause, standing.changedAt) = (pause, now)
            if !paused { (standing.opening, standing.heldUntil) = (nil, nil) }
            try writer.save(standing)
            var entry = standing.logEntry
            entry.body = .object(
                (entry.body.object ?? []) + [("who", .string(CardRule.cut(who))), ("reason", .string(CardRule.cut(reason)))])
            try writer.append(entry)
            return .done("\(account) \(paused ? "is paused: nothing more goes there" : "gets messages again")")
        }
        if case .done = answer {
            _ = accounts?.set(pause, on: account, now: now)
            changed()
        }
        return answer
    }

    public func set(_ record: CustomerRecord, who: String) async throws -> Answer {
        let now = clock.now()
        return try await store.write { writer in
            let before = try writer.customer(record.id)
            try writer.save(record)
            for (channel, contact) in record.contacts where contact.standing == .verified && before?.contacts[channel] != contact {
                try AddressMarks.verify(contact.address, of: record.id, channel, who: CardRule.cut(who), at: now, writer)
            }
            // The log holds which preferences changed hands, never an address.
            let off = record.optedOut.map(\.rawValue).sorted().joined(separator: ",")
            try log("customer set", who: who, reason: "off: \(off.isEmpty ? "none" : off)", at: now, writer)
            return .done("customer \(record.id) is set")
        }
    }

    /// Changes what is named of a customer's record, in one transaction with what is known.
    public func change(customer id: String, _ change: CustomerChange, who: String, reason: String) async throws -> CustomerRecord {
        let now = clock.now()
        return try await store.write { writer in
            let record = change.applied(to: try writer.customer(id) ?? CustomerRecord(id: id))
            try writer.save(record)
            // Whoever says that an address is good takes back what providers said of it, also where the record says so already.
            for channel in change.contacts.keys.sorted() where record.contacts[channel]?.standing == .verified {
                try AddressMarks.verify(record.contacts[channel]?.address, of: id, channel, who: CardRule.cut(who), at: now, writer)
            }
            // The log holds which preferences changed hands, never an address.
            let off = record.optedOut.map(\.rawValue).sorted().joined(separator: ",")
            try log("customer set, off: \(off.isEmpty ? "none" : off)", who: who, reason: reason, at: now, writer)
            return record
        }
    }

    /// What somebody wants to see unmasked.
    public enum Disclosed: Sendable, Equatable {
        case order(OrderNumber)
        /// Public id.
        case delivery(String)
        case customer(String)
    }

    /// Writes down who is about to see unmasked addresses, and why. Only after this has returned `done` may they be shown.
    public func disclose(_ what: Disclosed, who: String, reason: String) async throws -> Answer {
        try await disclose(what, as: "reveal", saying: [], who: who, reason: reason)
    }

    /// - Parameters:
    ///   - verb: what is done with it.
    ///   - more: further members of the row.
    func disclose(
        _ what: Disclosed, as verb: String, saying more: [(String, JSON)], who: String, reason: String
    ) async throws -> Answer {
        let now = clock.now()
        return try await store.write { writer in
            var entry = LogEntry(.operator, at: now, body: .null)
            let command: String
            switch what {
            case .order(let order):
                guard try writer.order(order) != nil else { return .notFound }
                (entry.order, command) = (order, "\(verb) order \(order)")
            case .delivery(let id):
                guard let delivery = try writer.delivery(publicID: id) else { return .notFound }
                (entry.order, entry.delivery, command) = (delivery.order, delivery.id, "\(verb) delivery \(id)")
            case .customer(let id):
                guard Identifier.isValid(id, limit: 64) else { return .notFound }
                // In the log for ever, so by what stands for them.
                command = "\(verb) customer \(try writer.pseudonym(ofCustomer: id) ?? "?")"
            }
            entry.body = .object((Self.body(command, who: who, reason: reason).object ?? []) + more)
            try writer.append(entry)
            return .done(command)
        }
    }

    static func body(_ command: String, who: String, reason: String) -> JSON {
        ["command": .string(command), "who": .string(CardRule.cut(who)), "reason": .string(CardRule.cut(reason))]
    }

    private func log(_ command: String, who: String, reason: String, at now: Timestamp, _ writer: any StoreWriter) throws {
        try writer.append(LogEntry(.operator, at: now, body: Self.body(command, who: who, reason: reason)))
    }
}
