import Core
import Store
import Testing

extension Conformance {
    static let orders: [Claim] = [
        Claim("an order's state is replaced as a whole") { store in
            let first = OrderState(
                order: Sample.order(1), customer: "CU1", lastSeq: 1, lastTime: Sample.at(1), lastEvent: "ev-1", version: 1)
            let second = OrderState(
                order: Sample.order(1), customer: "CU2", lastSeq: 4, lastTime: Sample.at(2), lastEvent: "ev-4", version: 2)
            try await store.write { try $0.save(first) }
            #expect(try await store.read { try $0.order(Sample.order(1)) } == first)
            try await store.write { try $0.save(second) }
            #expect(try await store.read { try $0.order(Sample.order(1)) } == second)
            #expect(try await store.read { try $0.order(Sample.order(2)) } == nil)
        },
        Claim("an episode is read as it was written, and replaced under its id") { store in
            let id = try await store.write { try $0.save(Sample.episode("an-1")) }
            var expected = Sample.episode("an-1")
            expected.id = id
            #expect(try await store.read { try $0.episode(id) } == expected)
            var bare = Episode(
                id: id, anomaly: "an-1", order: Sample.order(1), customer: "CU1", kind: .riskHold, priority: .high, status: .holding,
                bank: "", rail: "",
                detectedAt: Sample.at(5), version: 3, openedBy: 8)
            let same = try await store.write { [bare] in try $0.save(bare) }
            #expect(same == id)
            #expect(try await store.read { try $0.episode(anomaly: "an-1") } == bare)
            bare.id = id + 5
            await expectFailure(store, where: isIntegrity) { [bare] in _ = try $0.save(bare) }
        },
        Claim("an anomaly's newest episode is found, an order's come in their order") { store in
            let ids = try await store.write { writer in try (0..<3).map { _ in try writer.save(Sample.episode("an-1")) } }
            let (newest, all) = try await store.read { (try $0.episode(anomaly: "an-1"), try $0.episodes(ofOrder: Sample.order(1))) }
            #expect(newest?.id == ids[2])
            #expect(all.map(\.id) == ids)
        },
        Claim("episodes are counted by bank, rail, span with both ends, and kind") { store in
            try await store.write { writer in
                for second in [0, 10, 20] { _ = try writer.save(Sample.episode("an-\(second)", detectedAt: Sample.at(second))) }
                var other = Sample.episode("an-x", detectedAt: Sample.at(10))
                other.kind = .channelOutage
                _ = try writer.save(other)
                other.rail = "ibps"
                _ = try writer.save(other)
            }
            let counts = try await store.read { reader in
                [
                    try reader.episodeCount(bank: "ICBC", rail: "cnaps", kind: nil, since: Sample.at(0), until: Sample.at(10)),
                    try reader.episodeCount(bank: "ICBC", rail: "cnaps", kind: .bankDelay, since: Sample.at(1), until: Sample.at(20)),
                    try reader.episodeCount(bank: "CCB", rail: "cnaps", kind: nil, since: Sample.at(0), until: Sample.at(20)),
                ]
            }
            #expect(counts == [3, 2, 0])
        },
        Claim("the highest told priority is of the customer's other orders, in the span") { store in
            try await store.write { writer in
                func save(_ n: Int, _ priority: Priority, told: Bool, at second: Int, customer: String = "CU1") throws {
                    var episode = Sample.episode("an-\(n)", order: Sample.order(n), customer: customer, detectedAt: Sample.at(second))
                    (episode.priority, episode.told) = (priority, told)
                    _ = try writer.save(episode)
                }
                try save(1, .high, told: true, at: 10)
                try save(2, .normal, told: true, at: 10)
                try save(3, .low, told: true, at: 10)
                try save(4, .high, told: false, at: 10)
                try save(5, .high, told: true, at: 99)
                try save(6, .high, told: true, at: 10, customer: "CU2")
            }
            let answers = try await store.read { reader in
                [
                    try reader.toldPriority(customer: "CU1", notOfOrder: Sample.order(1), detectedFrom: Sample.at(10), to: Sample.at(20)),
                    try reader.toldPriority(customer: "CU1", notOfOrder: Sample.order(2), detectedFrom: Sample.at(0), to: Sample.at(10)),
                    try reader.toldPriority(customer: "CU1", notOfOrder: Sample.order(2), detectedFrom: Sample.at(11), to: Sample.at(20)),
                    try reader.toldPriority(customer: "CU9", notOfOrder: Sample.order(2), detectedFrom: Sample.at(0), to: Sample.at(99)),
                ]
            }
            #expect(answers == [.normal, .high, nil, nil])
        },
        Claim("episodes of a customer at a bank, newest first, and how many they are") { store in
            try await store.write { writer in
                func save(_ n: Int, at second: Int, customer: String = "CU1", bank: String = "ICBC") throws {
                    var episode = Sample.episode("an-\(n)", order: Sample.order(n), customer: customer, detectedAt: Sample.at(second))
                    episode.bank = bank
                    _ = try writer.save(episode)
                }
                for (n, second) in [(1, 9), (2, 30), (3, 10), (4, 20), (5, 20), (6, 31)] as [(Int, Int)] { try save(n, at: second) }
                try save(7, at: 20, customer: "CU2")
                try save(8, at: 20, bank: "ABC")
            }
            let (all, two, nobody) = try await store.read { reader in
                func anomalies(_ customer: String, limit: Int) throws -> [String] {
                    try reader.episodes(
                        ofCustomer: customer, bank: "ICBC", detectedFrom: Sample.at(10), to: Sample.at(30), limit: limit
                    ).map(\.anomaly)
                }
                return (try anomalies("CU1", limit: 9), try anomalies("CU1", limit: 2), try anomalies("CU9", limit: 9))
            }
            let counts = try await store.read { reader in
                try [("CU1", 9), ("CU1", 2), ("CU9", 9)].map { customer, limit in
                    try reader.episodeCount(
                        ofCustomer: customer, bank: "ICBC", detectedFrom: Sample.at(10), to: Sample.at(30), limit: limit)
                }
            }
            #expect(counts == [4, 2, 0])
            #expect(all == ["an-2", "an-5", "an-4", "an-3"] && two == ["an-2", "an-5"] && nobody.isEmpty)
        },
    ]

    static let customers: [Claim] = [
        Claim("a customer is read as written, with contacts and opt-outs") { store in
            let mail = Sensitive(Address.mail(MailAddress("wang@example.com")!))
            let record = CustomerRecord(
                id: "CU1", locale: "zh-HK", timeZone: "Asia/Hong_Kong", optedOut: [.push, .voice],
                contacts: [
                    .sms: .init(address: Sample.phone, standing: .verified), .mail: .init(address: mail, standing: .dead),
                    .push: .init(address: nil, standing: .unverified),
                ],
                privatePreview: true)
            try await store.write { try $0.save(record) }
            #expect(try await store.read { try $0.customer("CU1") } == record)
            try await store.write { try $0.save(CustomerRecord(id: "CU1")) }
            #expect(try await store.read { try $0.customer("CU1") } == CustomerRecord(id: "CU1"))
            #expect(try await store.read { try $0.customer("CU2") } == nil)
        },
        Claim("a customer's pseudonym stays, is no part of the id, and is nobody else's") { store in
            let before = try await store.read { try $0.pseudonym(ofCustomer: "CU1") }
            #expect(before == nil)
            try await store.write { writer in
                try writer.save(CustomerRecord(id: "CU1"))
                try writer.save(CustomerRecord(id: "CU2"))
            }
            let (one, two) = try await store.read { (try $0.pseudonym(ofCustomer: "CU1"), try $0.pseudonym(ofCustomer: "CU2")) }
            #expect(one != nil && two != nil && one != two && one?.contains("CU1") == false)
            try await store.write { try $0.save(CustomerRecord(id: "CU1", locale: "en")) }
            #expect(try await store.read { try $0.pseudonym(ofCustomer: "CU1") } == one)
        },
        Claim("a customer's orders are found by what came of them and by their state; an erased one's by the pseudonym") { store in
            let name = try await store.write { writer in
                for (n, customer) in [(3, "CU1"), (1, "CU1"), (2, "CU2")] {
                    _ = try writer.accept(Sample.event("e\(n)", order: Sample.order(n), customer: customer))
                }
                _ = try writer.accept(Sample.event("again", order: Sample.order(1), customer: "CU1"))
                _ = try writer.accept(Sample.event("none", order: nil, customer: "CU1"))
                try writer.save(
                    OrderState(order: Sample.order(4), customer: "CU1", lastSeq: 1, lastTime: Sample.at(1), lastEvent: "x", version: 1))
                let before = try writer.orders(ofCustomer: "CU1")
                #expect(before == [1, 3, 4].map(Sample.order))
                #expect(try writer.orders(ofCustomer: "CU9") == [])
                return try writer.erase(customer: "CU1", at: Sample.at(9))
            }
            let (gone, others) = try await store.read { (try $0.orders(ofCustomer: "CU1"), try $0.orders(ofCustomer: "CU2")) }
            #expect(gone == [] && others == [Sample.order(2)])
            #expect(try await store.read { try $0.orders(ofCustomer: name ?? "") } == [1, 3, 4].map(Sample.order))
        },
        Claim("an episode has the facts of the notice that told them, until they change") { store in
            let (id, notice) = try await store.write { writer in
                let id = try writer.save(Sample.episode("an-1"), isToldNext: true)
                _ = try writer.insert(Sample.notice(episode: 9), deliveries: [], inApp: nil)
                return (id, try writer.insert(Sample.notice(episode: id), deliveries: [], inApp: nil).0)
            }
            #expect(notice == 2, "the one that was filed first has them")
            let stored = try await store.read { reader in
                try [reader.episode(id), reader.episode(anomaly: "an-1"), reader.episodes(ofOrder: Sample.order(1))[0]]
            }
            #expect(stored.allSatisfy { $0?.facts == Sample.facts() && $0?.told == true && $0?.incident == "inc-1" })
            try await store.write { writer in
                var episode = try writer.episode(id)!
                episode.facts = Sample.facts(minor: 5)
                _ = try writer.save(episode)
            }
            #expect(try await store.read { try $0.episode(id)?.facts } == Sample.facts(minor: 5))
        },
        Claim("of the facts that were told with it an episode has those that last, and bare it has none") { store in
            var told = Sample.notice(episode: 1)
            told.facts.isZoneAssumed = true
            told.facts.set(.waited, Duration.seconds(90))
            let notice = told
            let id = try await store.write { writer in
                let id = try writer.save(Sample.episode("an-1"), isToldNext: true)
                _ = try writer.insert(notice, deliveries: [], inApp: nil)
                return id
            }
            let (whole, bare, kept) = try await store.read { (try $0.episode(id), try $0.bareEpisode(id), try $0.notice(1)) }
            #expect(kept?.facts == notice.facts && whole?.facts == Sample.facts())
            var closed = Sample.episode("an-1")
            (closed.id, closed.facts) = (id, Facts())
            #expect(bare == closed)
            #expect(try await store.read { try $0.bareEpisode(id + 1) } == nil)
        },
        Claim("an episode whose facts are nowhere is damaged") { store in
            let id = try await store.write { try $0.save(Sample.episode("an-1"), isToldNext: true) }
            await #expect(throws: StoreError.self) { try await store.read { try $0.episode(id) } }
        },
        Claim("counters add up by key and bucket") { store in
            try await store.write { writer in
                try writer.raise(counter: "CU1/sms", bucket: "2025-11-12", by: 1)
                try writer.raise(counter: "CU1/sms", bucket: "2025-11-12", by: 2)
                try writer.raise(counter: "CU1/sms", bucket: "2025-11-13", by: 5)
                let raised = try writer.counter("CU1/sms", bucket: "2025-11-12")
                #expect(raised == 3)
            }
            await #expect(throws: Unexpected.self) {
                try await store.write { writer in
                    try writer.raise(counter: "CU1/sms", bucket: "2025-11-12", by: 10)
                    throw Unexpected()
                }
            }
            #expect(try await store.write { try $0.counter("CU1/sms", bucket: "2025-11-12") } == 3)
            let counts = try await store.read { reader in
                [
                    try reader.counter("CU1/sms", bucket: "2025-11-12"), try reader.counter("CU1/sms", bucket: "2025-11-13"),
                    try reader.counter("CU1/mail", bucket: "2025-11-12"),
                ]
            }
            #expect(counts == [3, 5, 0])
        },
    ]

    static let incidents: [Claim] = [
        Claim("incidents are replaced under their id and listed newest first") { store in
            let old = Incident(id: "inc-1", bank: "ICBC", rail: "cnaps", since: Sample.at(1))
            let new = Incident(id: "inc-2", bank: "ICBC", rail: "cnaps", since: Sample.at(9), until: Sample.at(99), announced: "p-7")
            let other = Incident(id: "inc-3", bank: "CCB", rail: "cnaps", since: Sample.at(5))
            try await store.write { writer in for incident in [old, new, other] { try writer.save(incident) } }
            #expect(try await store.read { try $0.incidents(bank: "ICBC", rail: "cnaps") } == [new, old])
            var closed = new
            closed.closedAt = Sample.at(50)
            try await store.write { [closed] in try $0.save(closed) }
            #expect(try await store.read { try $0.incident(id: "inc-2") } == closed)
            #expect(try await store.read { try $0.incidents(onlyOpen: true, limit: 9) } == [other, old])
            #expect(try await store.read { try $0.incidents(onlyOpen: false, limit: 2) } == [closed, other])
        },
        Claim("a customer has one share of an incident") { store in
            let first = IncidentMember(incident: "inc-1", customer: "CU1", order: Sample.order(1), toldAt: Sample.at(1))
            let other = IncidentMember(incident: "inc-1", customer: "CU2", order: Sample.order(2), toldAt: Sample.at(2))
            let over = IncidentMember(incident: "inc-1", customer: "CU1", order: Sample.order(1), toldAt: Sample.at(1), overTold: true)
            try await store.write { writer in for member in [first, other, over] { try writer.save(member) } }
            #expect(try await store.read { try $0.incidentMembers(incident: "inc-1") } == [over, other])
            #expect(try await store.read { try $0.incidentMember(incident: "inc-1", customer: "CU1") } == over)
            #expect(try await store.read { try $0.incidentMember(incident: "inc-2", customer: "CU1") } == nil)
        },
    ]
}
