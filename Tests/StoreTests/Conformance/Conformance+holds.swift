import Core
import Store
import Testing

extension Conformance {
    private static func hold(_ scope: HoldScope, until: Timestamp? = nil) -> Hold {
        Hold(scope: scope, who: "lee", reason: "INC-88", since: Sample.at(1), until: until)
    }

    static let holds: [Claim] = [
        Claim("a hold is kept with its scope until somebody ends it, once") { store in
            let scope = HoldScope(
                order: Sample.order(1), customer: "CU1", bank: "ICBC", rail: "cnaps", kind: .bankDelay, channel: .sms)
            let (one, two) = try await store.write { writer in
                (try writer.insert(hold(scope, until: Sample.at(60))), try writer.insert(hold(HoldScope())))
            }
            let ending = Hold.Ending(at: Sample.at(9), who: "mei", reason: "over")
            let (before, ended, after) = try await store.write { writer in
                let before = try writer.holdsNotEnded()
                return (before, [try writer.end(hold: two, ending), try writer.end(hold: two, ending)], try writer.holdsNotEnded())
            }
            #expect(before.map(\.id) == [one, two] && ended == [true, false] && after.map(\.id) == [one])
            #expect(before[0].scope == scope && before[0].until == Sample.at(60) && before[0].who == "lee")
            let (all, found, none) = try await store.read { (try $0.holds(limit: 9), try $0.hold(two), try $0.hold(99)) }
            #expect(all.map(\.id) == [two, one] && found?.ending == ending && none == nil)
            #expect(try await store.read { try $0.holdsNotEnded() } == after)
        },
        Claim("a hold that was taken back with its closure holds nothing") { store in
            await expectFailure(store, where: { $0 is CancellationError }) { writer in
                _ = try writer.insert(hold(HoldScope()))
                #expect(try writer.holdsNotEnded().count == 1)
                throw CancellationError()
            }
            let left = try await store.write { try $0.holdsNotEnded() }
            #expect(left.isEmpty)
        },
        Claim("what waits in a scope is counted, and what of it is held") { store in
            try await store.write { writer in
                let one = try Sample.planned("a", order: Sample.order(1), customer: "CU1", writer)
                _ = try Sample.planned("b", order: Sample.order(2), customer: "CU2", channel: .mail, writer)
                let done = try Sample.planned("c", order: Sample.order(3), customer: "CU1", writer)
                _ = try writer.settle(one, as: .ready, reason: .onHold, nextAt: Sample.at(900), at: Sample.at(11))
                _ = try writer.settle(done, as: .cancelled, reason: .superseded, nextAt: nil, at: Sample.at(11))
            }
            func counts(_ scope: HoldScope) async throws -> [Channel: HeldCount] { try await store.read { try $0.waiting(in: scope) } }
            #expect(try await counts(HoldScope()).keys.sorted() == [.sms, .mail].sorted())
            #expect(try await counts(HoldScope(customer: "CU1")) == [.sms: HeldCount(waiting: 1, held: 1)])
            #expect(try await counts(HoldScope(bank: "ICBC", channel: .mail)) == [.mail: HeldCount(waiting: 1)])
            for scope in [
                HoldScope(customer: "CU9"), HoldScope(bank: "HXB"), HoldScope(order: Sample.order(3)), HoldScope(kind: .riskHold),
            ] {
                #expect(try await counts(scope).isEmpty)
            }
        },
        Claim("a release makes what was held due in steps, and nothing else; then it is done") { store in
            let (held, other) = try await store.write { writer in
                let held = try (1...3).map { try Sample.planned("h\($0)", order: Sample.order($0), writer) }
                for id in held { _ = try writer.settle(id, as: .ready, reason: .onHold, nextAt: Sample.at(900), at: Sample.at(11)) }
                let other = try Sample.planned("o", order: Sample.order(4), nextAt: Sample.at(900), writer)
                let id = try writer.insert(hold(HoldScope()))
                _ = try writer.end(hold: id, Hold.Ending(at: Sample.at(20), who: "mei", reason: "over"))
                return (held, other)
            }
            #expect(try await store.read { try $0.isReleasing() })
            let first = try await store.write { try $0.releaseHeld(after: 0, limit: 2, at: Sample.at(20)) }
            #expect(first?.last == held[1] && first?.count == 2)
            #expect(
                try await store.read { try $0.dueHeads(on: .sms, at: Sample.at(20), limit: 9) }.map(\.id).sorted() == Array(held.prefix(2)))
            let second = try await store.write { try $0.releaseHeld(after: held[1], limit: 2, at: Sample.at(20)) }
            #expect(second?.last == held[2] && second?.count == 1)
            let third = try await store.write { try $0.releaseHeld(after: held[2], limit: 2, at: Sample.at(20)) }
            #expect(third?.count == nil)
            let (isReleasing, later) = try await store.read { (try $0.isReleasing(), try $0.delivery(other)) }
            #expect(!isReleasing && later?.nextAt == Sample.at(900))
        },
        Claim("only a dead letter that was discarded is opened again") { store in
            let letter = DeadLetter(stage: .send, reason: "x", detail: "", source: "", size: 0, digest: [], at: Sample.at(1))
            let ids = try await store.write { writer in try (1...3).map { _ in try writer.insert(letter) } }
            let answers = try await store.write { writer in
                _ = try writer.close(deadLetter: ids[0], as: .discarded, at: Sample.at(2))
                _ = try writer.close(deadLetter: ids[1], as: .retried, at: Sample.at(2))
                return try ids.map { try writer.reopen(deadLetter: $0) }
            }
            #expect(answers == [true, false, false])
            #expect(try await store.read { try $0.deadLetters(onlyOpen: true, limit: 9) }.map(\.id) == [ids[2], ids[0]])
        },
    ]
}
