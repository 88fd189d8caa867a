import Core
import Proof
import Store
import Testing

extension Conformance {
    static let log: [Claim] = [
        Claim("the log keeps rows in order and finds them by order and delivery") { store in
            #expect(try await store.read { try $0.lastLogSeq() } == 0)
            let (delivery, other) = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                let other = try Sample.planned("dlv_2", writer)
                try writer.append(LogEntry(.start, at: Sample.at(0), body: ["version": 1]))
                try writer.append(
                    LogEntry(
                        .decision, at: Sample.at(1), order: Sample.order(1), event: 2, notice: 3, delivery: delivery,
                        body: ["b": "say \"hi\"\n", "a": [nil, true]]))
                try writer.append(LogEntry(.cancelled, at: Sample.at(2), order: Sample.order(1), delivery: other, body: .null))
                return (delivery, other)
            }
            let (all, page, ofOrder, last) = try await store.read { reader in
                (
                    try reader.log(after: 0, limit: 9), try reader.log(after: 1, limit: 1), try reader.log(ofOrder: Sample.order(1)),
                    try reader.lastLogSeq()
                )
            }
            #expect(all.map(\.seq) == [1, 2, 3] && page.map(\.seq) == [2] && ofOrder.map(\.seq) == [2, 3] && last == 3)
            let ofDelivery = try await store.read { (try $0.log(ofDelivery: delivery), try $0.log(ofDelivery: other)) }
            #expect(ofDelivery.0.map(\.seq) == [2] && ofDelivery.1.map(\.seq) == [3])
            let entry = all[1].entry
            #expect(
                entry.act == .decision && entry.at == Sample.at(1) && entry.order == Sample.order(1) && entry.event == 2
                    && entry.notice == 3)
            #expect(entry.delivery == delivery && entry.body["b"]?.string == "say \"hi\"\n" && entry.body["a"]?.array == [nil, true])
            #expect(Set(all.map(\.hash)).count == 3 && all.allSatisfy { $0.hash.count == 32 })
        },
        Claim("an attempt's intent and every outcome of it are in the log, by order and by delivery") { store in
            let delivery = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                _ = try Sample.planned("dlv_2", order: Sample.order(2), writer)
                let attempt = try writer.begin(
                    Sample.attempt("att_1", delivery: delivery, number: 1, writer), log: LogBody(["n": 1]), at: Sample.at(11))!
                let lost = AttemptResult(state: .ambiguous, outcome: .ambiguous, detail: "")
                let found = AttemptResult(state: .accepted, outcome: .accepted, detail: "", providerID: "SM1")
                for (n, result) in [lost, found, found].enumerated() {
                    let counts = try writer.finish(
                        attempt, as: result, delivery: n == 0 ? .ambiguous : .sent, reason: nil, nextAt: nil,
                        log: LogBody(["n": .integer(n + 2)]),
                        order: Sample.order(1), at: Sample.at(12 + n))
                    #expect(counts == (n < 2))
                }
                return delivery
            }
            let (ofOrder, ofDelivery, other, broken) = try await store.read {
                (
                    try $0.log(ofOrder: Sample.order(1)), try $0.log(ofDelivery: delivery), try $0.log(ofOrder: Sample.order(2)),
                    try $0.verifyChain()
                )
            }
            #expect(ofOrder.map(\.seq) == [1, 2, 3] && ofDelivery.map(\.seq) == [1, 2, 3] && other.isEmpty && broken == nil)
            #expect(ofDelivery.map(\.entry.act) == [.intent, .outcome, .outcome])
            #expect(ofDelivery.map { $0.entry.body["n"]?.integer } == [1, 2, 3])
            #expect(ofDelivery.allSatisfy { $0.entry.delivery == delivery && $0.entry.notice != nil })
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

    static let proof: [Claim] = [
        Claim("rows come as they were hashed, and a store without a key signs nothing") { store in
            try await store.write { writer in
                for n in 1...5 {
                    try writer.append(
                        LogEntry(.decision, at: Sample.at(n), order: Sample.order(1), delivery: 7, body: ["b": .integer(n), "a": "x"]))
                }
            }
            let (rows, chain) = try await store.read { reader in
                var rows: [(seq: Int64, content: [UInt8], hash: LogDigest)] = []
                try reader.eachLogContent(after: 1, through: 4) { rows.append(($0, Array($1), $2)) }
                return (rows, try reader.chainName())
            }
            #expect(rows.map(\.seq) == [2, 3, 4] && !chain.isEmpty)
            #expect(
                String(decoding: rows[0].content, as: UTF8.self)
                    == #"{"act":"decision","at":\#(Sample.at(2).milliseconds),"body":{"a":"x","b":2},"delivery":7,"order":"\#(Sample.order(1))","seq":2}"#
            )
            #expect(Chain.hash(after: rows[0].hash, rows[1].content) == rows[1].hash)
            #expect(try await store.write { try $0.signLog(at: Sample.at(9)) })
            let (last, first, none, keys) = try await store.read {
                (try $0.lastCheckpoint(), try $0.checkpoint(ofRow: 1), try $0.checkpoints(after: 0, limit: 9), try $0.auditKeys())
            }
            #expect(last == nil && first == nil && none.isEmpty && keys.isEmpty)
            let verdict = try await store.read { try $0.verifyLog(trusted: nil, book: nil) }
            #expect(verdict.isSound && verdict.rows == 1...5 && verdict.signedThrough == 0 && verdict.unsigned == 5)
        }
    ]

    static let sums: [Claim] = [
        Claim("deliveries are walked for sums with what was accepted of them, those of a notice after each other") { store in
            let file: @Sendable (any StoreWriter) throws -> NoticeID = { writer in
                let episode = try writer.save(Sample.episode("an-1", detectedAt: Sample.at(2)))
                let filed = try Sample.file(
                    writer, Sample.notice(episode: episode), Sample.delivery("sms-1"),
                    Sample.delivery("app", channel: .inApp, state: .delivered, address: Sensitive(.inbox)), inApp: ("t", "b"))
                _ = try Sample.file(
                    writer, Sample.notice(episode: 0, customer: "staff", audience: .staff),
                    Sample.delivery("m", channel: .mail, address: Sample.mail))
                let sms = filed[0].id
                for number in 1...2 {
                    var attempt = try Sample.attempt("sms", delivery: sms, number: number, writer)
                    attempt.parts = 2
                    guard let id = try writer.begin(attempt, log: .null, at: Sample.at(11)) else { throw Unexpected() }
                    let result = AttemptResult(
                        state: number == 1 ? .rejected : .accepted, outcome: number == 1 ? .transient : .accepted, detail: "",
                        providerID: nil)
                    _ = try writer.finish(
                        id, as: result, delivery: number == 1 ? .retryWait : .sent, reason: nil, nextAt: nil, log: .null,
                        order: Sample.order(1), at: Sample.at(20 + number))
                }
                return filed[0].notice
            }
            let id = try await store.write(file)
            let all = try await Sample.stats(store, since: nil, until: nil)
            let mine = all.filter { $0.notice.id == id }
            #expect(all.count == 3 && all.count { $0.notice.isForStaff } == 1 && mine.map(\.channel) == [.sms, .inApp])
            let sms = try #require(mine.first)
            #expect(sms.state == .sent && sms.takenAt == Sample.at(22) && sms.parts == 2 && sms.account == "twilio-1")
            #expect(sms.notice.bank == "ICBC" && sms.notice.rail == "cnaps" && sms.notice.detectedAt == Sample.at(2))
            #expect(sms.notice.kind == .bankDelay && sms.notice.locale == .zhHans && sms.notice.reason == .first && sms.priority == .normal)
            #expect(mine.last?.takenAt == Sample.at(10) && mine.last?.parts == nil)
            #expect(try await Sample.stats(store, since: Sample.at(10), until: Sample.at(11)).count == 3)
            #expect(try await Sample.stats(store, since: Sample.at(11), until: nil).isEmpty)
            #expect(try await Sample.stats(store, since: nil, until: Sample.at(10)).isEmpty)
        },
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
        Claim("public ids are of one shape, no two alike, and show no order; an idempotency key is the delivery's and the account's") {
            store in
            let names = try await store.write { writer in
                let ids = try (0..<50).map { try Sample.planned("dlv_\($0)", writer) }
                return try ids.map { try writer.delivery($0)!.publicID } + ids.map { writer.attemptName(1, ofDelivery: $0) }
            }
            #expect(Set(names).count == 100 && names[..<50].sorted() != Array(names[..<50]))
            #expect(names.allSatisfy { $0.utf8.count == 30 && Identifier.isValid($0, limit: 30) })
            #expect(names[..<50].allSatisfy { $0.hasPrefix("dlv_") } && names[50...].allSatisfy { $0.hasPrefix("att_") })
            // One letter off, another prefix, no such name at all.
            let off = String(names[0].dropLast()) + (names[0].hasSuffix("0") ? "1" : "0")
            for wrong in [off, "att_" + names[0].dropFirst(4), "dlv_", "", names[0] + "0", "dlv_ZZZZZZZZZZZZZZZZZZZZZZZZZZ"] {
                #expect(try await store.read { try $0.delivery(publicID: wrong) == nil }, "\(wrong)")
            }
            let keys = try await store.write { writer in
                [("dlv_1", "a"), ("dlv_1", "a"), ("dlv_1", "b"), ("dlv_", "1a")].map { writer.idempotencyKey(delivery: $0, account: $1) }
            }
            #expect(keys.allSatisfy { $0.utf8.count == 32 } && keys[0] == keys[1] && Set(keys).count == 3)
        },
        Claim("an attempt cannot be begun under the name of another") { store in
            let (first, second) = try await store.write { (try Sample.planned("dlv_1", $0), try Sample.planned("dlv_2", $0)) }
            await expectFailure(store, where: isIntegrity) { writer in
                var attempt = try Sample.attempt("att_1", delivery: first, number: 1, writer)
                attempt.publicID = writer.attemptName(1, ofDelivery: second)
                _ = try writer.begin(attempt, log: .null, at: Sample.at(11))
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
