import Core
import Store
import Testing

extension Conformance {
    static let log: [Claim] = [
        Claim("the log keeps rows in order and finds them by order and delivery") { store in
            #expect(try await store.read { try $0.lastLogSeq() } == 0)
            try await store.write { writer in
                try writer.append(LogEntry(.start, at: Sample.at(0), body: ["version": 1]))
                try writer.append(
                    LogEntry(
                        .decision, at: Sample.at(1), order: Sample.order(1), event: 2, notice: 3, delivery: 4,
                        body: ["b": "say \"hi\"\n", "a": [nil, true]]))
                try writer.append(LogEntry(.intent, at: Sample.at(2), order: Sample.order(1), delivery: 5, body: .null))
            }
            let (all, page, ofOrder, ofDelivery, last) = try await store.read { reader in
                (
                    try reader.log(after: 0, limit: 9), try reader.log(after: 1, limit: 1), try reader.log(ofOrder: Sample.order(1)),
                    try reader.log(ofDelivery: 4), try reader.lastLogSeq()
                )
            }
            #expect(
                all.map(\.seq) == [1, 2, 3] && page.map(\.seq) == [2] && ofOrder.map(\.seq) == [2, 3] && ofDelivery.map(\.seq) == [2]
                    && last == 3)
            let entry = all[1].entry
            #expect(
                entry.act == .decision && entry.at == Sample.at(1) && entry.order == Sample.order(1) && entry.event == 2
                    && entry.notice == 3)
            #expect(entry.delivery == 4 && entry.body["b"]?.string == "say \"hi\"\n" && entry.body["a"]?.array == [nil, true])
            #expect(Set(all.map(\.hash)).count == 3 && all.allSatisfy { $0.hash.count == 32 })
        },
        Claim("the chain verifies, empty, after every group, inside a transaction, and over a closure that was undone") { store in
            #expect(try await store.read { try $0.verifyChain() } == nil)
            for n in 1...3 {
                try await store.write { try $0.append(LogEntry(.start, at: Sample.at(n), body: .null)) }
                #expect(try await store.read { try $0.verifyChain() } == nil)
            }
            await expectFailure(store, where: { $0 is Unexpected }) { writer in
                try writer.append(LogEntry(.start, at: Sample.at(8), body: .null))
                throw Unexpected()
            }
            let inside = try await store.write { writer in
                try writer.append(LogEntry(.start, at: Sample.at(9), body: .null))
                return try writer.verifyChain()
            }
            #expect(inside == nil)
            #expect(try await store.read { try $0.verifyChain() } == nil)
            #expect(try await store.read { try $0.lastLogSeq() } == 4)
        },
    ]

    static let sums: [Claim] = [
        Claim("the accounting law holds: what was read is what became of it") { store in
            try await store.write { writer in
                let ends: [Disposition?] = [
                    .planned, .planned, .suppressed(.sameNews), .suppressed(.dailyCap), .stale, .recorded, .pending, nil,
                ]
                for (n, end) in ends.enumerated() {
                    guard case .accepted(let seq) = try writer.accept(Sample.event("ev-\(n)")) else { throw Unexpected() }
                    if let end { try writer.finish(seq, as: end) }
                }
                _ = try writer.accept(Sample.event("ev-0"))
                _ = try writer.accept(Sample.event("ev-1"))
                _ = try writer.accept(Sample.event("ev-0", content: 9))
                for stage in [DeadLetter.Stage.intake, .intake, .send] {
                    let id = try writer.insert(
                        DeadLetter(stage: stage, reason: "r", detail: "", source: "s", size: 1, digest: [], at: Sample.at(1)))
                    _ = try writer.close(deadLetter: id, as: .discarded, at: Sample.at(2))
                }
                for cause in [ReviewItem.Cause.unmappedCode, .kind, .unmappedCode] {
                    let id = try writer.insert(ReviewItem(cause: cause, order: nil, kind: nil, detail: "", openedAt: Sample.at(1)))
                    _ = try writer.close(review: id, note: "", at: Sample.at(2))
                }
                try writer.save(Incident(id: "inc-1", bank: "A", rail: "B", since: Sample.at(1), closedAt: Sample.at(2)))
                _ = try Sample.planned("dlv_1", writer)
                _ = try Sample.planned("dlv_2", writer)
                let done = try Sample.planned("dlv_3", channel: .inApp, writer)
                _ = try writer.settle(done, as: .cancelled, reason: .superseded, nextAt: nil, at: Sample.at(3))
            }
            var expected = Accounting()
            (expected.duplicate, expected.conflict, expected.rejected, expected.accepted) = (2, 1, 2, 8)
            (expected.planned, expected.stale, expected.recorded, expected.pending) = (2, 1, 1, 2)
            expected.suppressed = [.sameNews: 1, .dailyCap: 1]
            (expected.unmapped, expected.reviews, expected.incidents) = (2, 3, 1)
            expected.deliveries = [.sms: [.ready: 2], .inApp: [.cancelled: 1]]
            #expect(try await store.read { try $0.accounting() } == expected)
        },
        Claim("meta values are replaced") { store in
            try await store.write { writer in
                try writer.setMeta("hlc", "1")
                try writer.setMeta("hlc", "2")
            }
            #expect(try await store.read { [try $0.meta("hlc"), try $0.meta("none")] } == ["2", nil])
        },
    ]

    static let sealing: [Claim] = [
        Claim("sealed bytes open with their own key and context only") { store in
            let (mine, same, system) = try await store.write { writer in
                (
                    try writer.seal([1, 2, 3], customer: "CU1", context: "attempt/1"),
                    try writer.seal([1, 2, 3], customer: "CU1", context: "attempt/1"),
                    try writer.seal([4], customer: nil, context: "x")
                )
            }
            _ = try await store.write { try $0.seal([9], customer: "CU2", context: "attempt/1") }
            #expect(mine.box != same.box, "the nonce is random")
            #expect(system.key == "system")
            #expect(try await store.read { [try $0.unseal(mine), try $0.unseal(system)] } == [[1, 2, 3], [4]])
            let other = try await store.read { try $0.pseudonym(ofCustomer: "CU2")! }
            var wrong = [mine, mine, mine, mine]
            wrong[0].context = "attempt/2"
            wrong[1].key = other
            wrong[2].box[15] ^= 1
            wrong[3].key = "nobody"
            for sealed in wrong {
                await #expect(throws: StoreError.self) { try await store.read { try $0.unseal(sealed) } }
            }
        },
        Claim("ids are of one shape and never twice; an idempotency key is the delivery's and the account's") { store in
            try await store.write { writer in
                let ids = (0..<100).map { _ in writer.newPublicID("dlv_") } + [writer.newPublicID("dlv")]
                #expect(Set(ids).count == 101)
                #expect(
                    ids.allSatisfy {
                        $0.hasPrefix("dlv_") && $0.utf8.count == 30 && Identifier.isValid($0, limit: 30) && !$0.hasPrefix("dlv__")
                    })
                let key = writer.idempotencyKey(delivery: "dlv_1", account: "a")
                #expect(key.utf8.count == 32 && key == writer.idempotencyKey(delivery: "dlv_1", account: "a"))
                #expect(
                    key != writer.idempotencyKey(delivery: "dlv_1", account: "b")
                        && key != writer.idempotencyKey(delivery: "dlv_", account: "1a"))
            }
        },
    ]

    static let groups: [Claim] = [
        Claim("a closure that throws is undone alone, and its error reaches its caller") { (store: any Store) async throws -> Void in
            await withTaskGroup(of: Void.self) { group in
                for n in 0..<64 {
                    group.addTask {
                        do {
                            try await store.write { writer in
                                try writer.setMeta("k\(n)", "v")
                                try writer.append(LogEntry(.start, at: Sample.at(n), body: .integer(n)))
                                if n % 3 == 0 { throw Unexpected() }
                            }
                            #expect(n % 3 != 0)
                        } catch {
                            #expect(n % 3 == 0 && error is Unexpected)
                        }
                    }
                }
            }
            for n in 0..<64 { #expect(try await store.read { try $0.meta("k\(n)") } == (n % 3 == 0 ? nil : "v")) }
            #expect(try await store.read { try $0.lastLogSeq() } == 42)
            #expect(try await store.read { try $0.verifyChain() } == nil)
        },
        Claim("a customer first met in a closure that was undone is met again with a new key") { store in
            await expectFailure(store, where: { $0 is Unexpected }) { writer in
                _ = try writer.accept(Sample.event("ev-1", customer: "CU1"))
                throw Unexpected()
            }
            try await store.write { _ = try $0.accept(Sample.event("ev-2", customer: "CU2", body: "two")) }
            try await store.write { _ = try $0.accept(Sample.event("ev-1", customer: "CU1", body: "one")) }
            let bodies = try await store.read {
                [try $0.event(id: "ev-1")?.body, try $0.event(id: "ev-2")?.body, try $0.event(id: "ev-3")?.body]
            }
            #expect(bodies == [Array("one".utf8), Array("two".utf8), nil])
        },
        Claim("one writer after the other: no update is lost") { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await store.write { try $0.setMeta("n", String((Int(try $0.meta("n") ?? "0") ?? 0) + 1)) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.read { try $0.meta("n") } == "100")
        },
        Claim("what one caller writes one after the other is committed in that order, and read at once") { store in
            for n in 1...20 {
                try await store.write { try $0.setMeta("n", String(n)) }
                #expect(try await store.read { try $0.meta("n") } == String(n))
            }
        },
        Claim("a transaction reads its own writes") { store in
            let seen = try await store.write { writer in
                try writer.setMeta("n", "1")
                return try writer.meta("n")
            }
            #expect(seen == "1")
        },
        Claim("a closed store says so; closing twice is fine") { store in
            try await store.close()
            try await store.close()
            await #expect(throws: StoreError.closed) { try await store.write { try $0.setMeta("n", "1") } }
            await #expect(throws: StoreError.closed) { try await store.read { try $0.meta("n") } }
        },
    ]
}
