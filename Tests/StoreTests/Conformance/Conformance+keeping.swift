import Core
import Store
import Testing

extension Conformance {
    static let keeping: [Claim] = [
        Claim("of who is erased everything reads as nothing, and of nobody else") { store in
            try await store.write { writer in
                for (n, customer) in ["CU1", "CU2"].enumerated() { try Kept.file(customer, order: Sample.order(n + 1), writer) }
            }
            let name = try await store.write { writer in
                let name = try writer.erase(customer: "CU1", at: Sample.at(50))
                while try !writer.sweepErased(limit: 2).isAll {}
                return name
            }
            try await store.read { reader in
                #expect(name?.hasPrefix("cus_") == true)
                let (gone, kept) = (try Kept(Sample.order(1), "CU1", reader), try Kept(Sample.order(2), "CU2", reader))
                #expect(gone == Kept.nothing(of: name!))
                #expect(kept == Kept.everything(of: "CU2"))
                #expect(try reader.pseudonym(ofCustomer: "CU1") == nil && reader.pseudonym(ofCustomer: name!) == name)
                #expect(try reader.customer("CU1") == nil && reader.customer("CU2") != nil)
                #expect(try reader.addressMarks(ofCustomer: "CU1").isEmpty && !reader.addressMarks(ofCustomer: "CU2").isEmpty)
                #expect(try reader.inbox(customer: "CU1", unreadOnly: false, before: nil, limit: 9).isEmpty)
                #expect(try reader.incidentMembers(incident: "inc-1").map(\.customer) == ["CU2"])
                #expect(try reader.openEpisodes(ofCustomer: name!).map(\.order) == [Sample.order(1)])
                #expect(try reader.keeping().erasing == 0)
            }
        },
        Claim("who comes again under the same id is somebody else") { store in
            let names = try await store.write { writer in
                try Kept.file("CU1", order: Sample.order(1), writer)
                let first = try writer.erase(customer: "CU1", at: Sample.at(50))
                #expect(try writer.erase(customer: "CU1", at: Sample.at(51)) == nil, "there is nothing any more")
                try Kept.file("CU1", order: Sample.order(2), writer)
                return [first, try writer.pseudonym(ofCustomer: "CU1")]
            }
            #expect(names[0] != nil && names[1] != nil && names[0] != names[1])
            try await store.read { reader in
                let second = try Kept(Sample.order(2), "CU1", reader)
                #expect(second == Kept.everything(of: "CU1"))
                #expect(try reader.usage(ofCustomer: "CU1", since: Sample.at(0)).map(\.count).reduce(0, +) == 1)
                #expect(try reader.order(Sample.order(1))?.customer == names[0])
            }
        },
        Claim("what is written later of rows of who was erased is still theirs, and kept of it is nothing") { store in
            let name = try await store.write { writer in
                try Kept.file("CU1", order: Sample.order(1), writer)
                let name = try writer.erase(customer: "CU1", at: Sample.at(50))
                var episode = try writer.episodes(ofOrder: Sample.order(1))[0]
                episode.status = .superseded
                _ = try writer.save(episode)
                try writer.save(
                    OrderState(order: Sample.order(1), customer: name!, lastSeq: 9, lastTime: Sample.at(9), lastEvent: "ev-9", version: 3))
                return name
            }
            try await store.read { reader in
                let order = try reader.order(Sample.order(1))
                #expect(order?.customer == name && order?.lastSeq == 9)
                let episode = try reader.episodes(ofOrder: Sample.order(1))[0]
                #expect(episode.customer == name && episode.status == .superseded)
                #expect(try reader.pseudonym(ofCustomer: "CU1") == nil)
            }
        },
        Claim("an erasure whose transaction fails is none") { store in
            try await store.write { try Kept.file("CU1", order: Sample.order(1), $0) }
            await expectFailure(store, where: { $0 is Undone }) { writer in
                _ = try writer.erase(customer: "CU1", at: Sample.at(50))
                #expect(try writer.pseudonym(ofCustomer: "CU1") == nil)
                throw Undone()
            }
            #expect(try await store.read { try Kept(Sample.order(1), "CU1", $0) == Kept.everything(of: "CU1") })
            let name = try await store.write { try $0.erase(customer: "CU1", at: Sample.at(60)) }
            #expect(try await store.read { try Kept(Sample.order(1), "CU1", $0) == Kept.nothing(of: name!) })
        },
        Claim("each class goes when it is too old, and nothing else with it") { store in
            try await store.write { try Kept.file("CU1", order: Sample.order(1), isOver: true, $0) }
            let everything = Kept.everything(of: "CU1")
            for kind in [RetentionClass.events, .contents, .contacts, .inbox] {
                let early = try await store.write { try $0.retain(kind, before: Sample.at(2), rows: 5) }
                #expect(early == KeepingBatch(changed: 0, isAll: true), "\(kind) is not old")
                #expect(try await store.read { try Kept(Sample.order(1), "CU1", $0).lacks(everything).isEmpty })
            }
            var lost: Set<RetentionClass> = []
            for kind in [RetentionClass.inbox, .events, .contacts, .contents] {
                let batch = try await store.write { try $0.retain(kind, before: Sample.at(100), rows: 5) }
                #expect(batch == KeepingBatch(changed: 1, isAll: true), "\(kind)")
                lost.insert(kind)
                let now = lost
                #expect(try await store.read { try Kept(Sample.order(1), "CU1", $0).lacks(everything) == now })
                #expect(try await store.read { try $0.keeping().dropped[kind] == 1 })
                #expect(try await store.write { try $0.retain(kind, before: Sample.at(200), rows: 5).changed } == 0, "\(kind) is gone")
            }
        },
        Claim("what still waits, is in doubt, or belongs to what goes on is kept longer") { store in
            let delivery = try await store.write { writer in
                try Kept.file("CU1", order: Sample.order(1), writer)
                try Kept.file("CU2", order: Sample.order(2), isOver: true, writer)
                return try Kept.delivery(of: Sample.order(2), .sms, writer)
            }
            func retain() async throws -> [Int] {
                try await store.write { writer in
                    try [RetentionClass.contents, .contacts, .events].map { try writer.retain($0, before: Sample.at(100), rows: 5).changed }
                }
            }
            // The sms of the second is on the wire again.
            try await store.write { writer in
                _ = try writer.advance(
                    delivery.id, from: .sent, to: .ambiguous, reason: nil, nextAt: nil, messageID: nil, at: Sample.at(20))
            }
            #expect(try await retain() == [0, 0, 1])
            try await store.write { writer in
                _ = try writer.advance(
                    delivery.id, from: .ambiguous, to: .sent, reason: nil, nextAt: nil, messageID: nil, at: Sample.at(21))
            }
            #expect(try await retain() == [1, 1, 0])
            try await store.write { writer in
                var episode = try writer.episodes(ofOrder: Sample.order(1))[0]
                episode.status = .resolved
                _ = try writer.save(episode)
            }
            #expect(try await retain() == [1, 1, 1])
        },
        Claim("a few rows at a time, each once") { store in
            try await store.write { writer in
                for n in 1...7 { try Kept.file("CU\(n)", order: Sample.order(n), isOver: true, writer) }
            }
            var batches: [KeepingBatch] = []
            repeat {
                batches.append(try await store.write { try $0.retain(.contents, before: Sample.at(100), rows: 3) })
            } while !batches.last!.isAll
            #expect(batches.map(\.changed) == [3, 3, 1])
            #expect(try await store.read { try $0.keeping().dropped[.contents] } == 7)
        },
        Claim("closed dead letters go; open ones stay, and the last one, whose number would be given again") { store in
            @Sendable func letter(_ at: Int) -> DeadLetter {
                DeadLetter(
                    stage: .intake, reason: "bad", detail: "d", source: "s", size: 1, digest: [1], event: nil, delivery: nil,
                    at: Sample.at(at))
            }
            try await store.write { writer in
                for at in 1...4 {
                    let id = try writer.insert(letter(at))
                    if at != 2 { _ = try writer.close(deadLetter: id, as: .discarded, at: Sample.at(at)) }
                }
                #expect(try writer.retain(.deadLetters, before: Sample.at(100), rows: 9).changed == 2)
                #expect(try writer.deadLetters(onlyOpen: false, limit: 9).map(\.id) == [4, 2])
                #expect(try writer.insert(letter(5)) == 5)
            }
        },
    ]
}

private struct Undone: Error {}

/// What can be read of one customer's order.
private struct Kept: Equatable {
    var customers: Set<String>
    var hasEvent, hasFacts, hasEpisodeFacts, hasAddress, hasOwnAddress, hasBytes, hasWords: Bool

    /// An event, its order and episode; a notice that left by sms and mail, with words in the app.
    static func file(_ customer: String, order: OrderNumber, isOver: Bool = false, _ writer: any StoreWriter) throws {
        guard case .accepted(let event) = try writer.accept(Sample.event("ev-\(order)", order: order, customer: customer)) else { return }
        try writer.finish(event, as: .planned)
        try writer.save(OrderState(order: order, customer: customer, lastSeq: 1, lastTime: Sample.at(1), lastEvent: "ev", version: 1))
        var episode = Sample.episode("an-\(order)", order: order, customer: customer)
        if isOver { episode.status = .resolved }
        episode.id = try writer.save(episode)
        let filed = try Sample.file(
            writer, Sample.notice(episode: episode.id, order: order, customer: customer), Sample.delivery("sms"),
            Sample.delivery("app", channel: .inApp, state: .delivered, address: Sensitive(.inbox)), inApp: ("title", "words"))
        let later = try writer.insert(
            Sample.delivery("mail", notice: filed[0].notice, channel: .mail, state: .blocked, address: Sample.mail))
        #expect(later != nil)
        let attempt = try Sample.attempt("att", delivery: filed[0].id, number: 1, order: order, customer: customer, writer)
        let id = try #require(try writer.begin(attempt, log: .null, at: Sample.at(11)))
        let result = AttemptResult(state: .accepted, outcome: .accepted, detail: "")
        _ = try writer.finish(id, as: result, delivery: .sent, reason: nil, nextAt: nil, log: .null, order: order, at: Sample.at(12))
        try writer.save(CustomerRecord(id: customer, contacts: [.sms: .init(address: Sample.phone, standing: .verified)]))
        try writer.save(AddressMark(channel: .mail, reason: .addressDead, at: Sample.at(13)), of: Sample.mail, customer: customer)
        try writer.save(IncidentMember(incident: "inc-1", customer: customer, order: order, toldAt: Sample.at(1)))
    }

    static func delivery(of order: OrderNumber, _ channel: Channel, _ reader: any StoreReader) throws -> Delivery {
        try #require(try reader.notices(ofOrder: order).flatMap { try reader.deliveries(ofNotice: $0.id) }.first { $0.channel == channel })
    }

    init(_ order: OrderNumber, _ customer: String, _ reader: any StoreReader) throws {
        let (event, episode) = (try reader.events(ofOrder: order)[0], try reader.episodes(ofOrder: order)[0])
        let notice = try reader.notices(ofOrder: order)[0]
        let (sms, mail) = (try Self.delivery(of: order, .sms, reader), try Self.delivery(of: order, .mail, reader))
        customers = [episode.customer, notice.customer, sms.customer, mail.customer, try reader.order(order)?.customer ?? ""]
        (hasEvent, hasFacts, hasEpisodeFacts) = (!event.body.isEmpty, notice.facts[.eta] != nil, episode.facts[.eta] != nil)
        hasAddress = sms.address == Sample.phone
        hasOwnAddress = mail.address == Sample.mail
        let attempt = try reader.attempts(ofDelivery: sms.id)[0]
        hasBytes = try reader.bytes(of: attempt.id) == AttemptBytes(content: Array("content of att".utf8), call: Array("call of att".utf8))
        hasWords = try reader.inbox(customer: customer, unreadOnly: false, before: nil, limit: 9).contains { $0.body == "words" }
    }

    private init(_ customer: String, _ all: Bool) {
        customers = [customer]
        (hasEvent, hasFacts, hasEpisodeFacts, hasAddress, hasOwnAddress, hasBytes, hasWords) = (all, all, all, all, all, all, all)
    }
    static func everything(of customer: String) -> Kept { Kept(customer, true) }
    static func nothing(of name: String) -> Kept { Kept(name, false) }

    /// The classes of which it has nothing any more; facts stay.
    func lacks(_ whole: Kept) -> Set<RetentionClass> {
        #expect(customers == whole.customers && hasFacts && hasEpisodeFacts && hasAddress == hasOwnAddress)
        return Set(
            [(RetentionClass.events, hasEvent), (.contacts, hasAddress), (.contents, hasBytes), (.inbox, hasWords)].filter { !$0.1 }
                .map(\.0))
    }
}
