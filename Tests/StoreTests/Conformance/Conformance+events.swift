import Core
import Store
import Testing

extension Conformance {
    static let events: [Claim] = [
        Claim("an event is accepted once; the same content again is a duplicate, other content a conflict") { store in
            let results = try await store.write { writer in
                [
                    try writer.accept(Sample.event("ev-1")), try writer.accept(Sample.event("ev-1")),
                    try writer.accept(Sample.event("ev-1", content: 2, customer: "CU2")),
                    try writer.accept(Sample.event("ev-1", source: "/channels/b", content: 3)),
                ]
            }
            guard case .accepted(let first) = results[0], case .accepted(let other) = results[3] else {
                Issue.record("\(results)")
                return
            }
            #expect(other > first)
            #expect(results[1] == .duplicate(first))
            #expect(results[2] == .conflict(first))
            let again = try await store.write { try $0.accept(Sample.event("ev-1")) }
            #expect(again == .duplicate(first))
        },
        Claim("an event is read as it was written") { store in
            let seq = try await store.write { writer in
                guard case .accepted(let seq) = try writer.accept(Sample.event("ev-1", body: #"{"data":{"seq":3}}"#)) else {
                    throw Unexpected()
                }
                return seq
            }
            let (bySeq, byID, none) = try await store.read { reader in
                (try reader.event(seq), try reader.event(id: "ev-1"), try reader.event(id: "ev-2"))
            }
            for event in [bySeq, byID] {
                let event = try #require(event)
                #expect(event.seq == seq && event.source == "/channels/a" && event.id == "ev-1" && event.order == Sample.order(1))
                #expect(
                    event.type == "com.example.payout.anomaly.detected" && event.time == Sample.at(1) && event.receivedAt == Sample.at(2))
                #expect(event.disposition == .received && event.body == Array(#"{"data":{"seq":3}}"#.utf8))
            }
            #expect(none == nil)
        },
        Claim("events of one id are found all, one of each source, oldest first") { store in
            try await store.write { writer in
                for source in ["/b", "/a", "/b"] { _ = try writer.accept(Sample.event("ev-1", source: source)) }
                _ = try writer.accept(Sample.event("ev-2", source: "/a"))
            }
            let (two, none, first) = try await store.read {
                (try $0.events(id: "ev-1"), try $0.events(id: "ev-3"), try $0.event(id: "ev-1"))
            }
            #expect(two.map(\.source) == ["/b", "/a"] && two.allSatisfy { $0.id == "ev-1" })
            #expect(none.isEmpty && first?.source == "/b")
        },
        Claim("events are walked in the order they came, and found by when they were received") { store in
            try await store.write { writer in
                for n in 1...7 {
                    var event = Sample.event("ev-\(n)", order: Sample.order(n % 2))
                    event.receivedAt = Sample.at(10 * n)
                    _ = try writer.accept(event)
                }
            }
            let all = try await store.read { try $0.events(after: 0, limit: 100) }
            #expect(all.map(\.id) == (1...7).map { "ev-\($0)" })
            let page = try await store.read { try $0.events(after: all[2].seq, limit: 2) }
            #expect(page.map(\.id) == ["ev-4", "ev-5"] && page[0].body == Array(#"{"data":{}}"#.utf8))
            #expect(try await store.read { try $0.events(after: all[6].seq, limit: 2) }.isEmpty)
            for n in 1...7 {
                let (before, at) = try await store.read {
                    (try $0.lastEvent(before: Sample.at(10 * n)), try $0.lastEvent(before: Sample.at(10 * n + 1)))
                }
                #expect(before == (n == 1 ? 0 : all[n - 2].seq) && at == all[n - 1].seq)
            }
            let (has, hasNot, none) = try await store.read {
                (
                    try $0.hasEvent(ofOrder: Sample.order(1), after: all[5].seq),
                    try $0.hasEvent(ofOrder: Sample.order(1), after: all[6].seq),
                    try $0.hasEvent(ofOrder: Sample.order(9), after: 0)
                )
            }
            #expect(has && !hasNot && !none)
        },
        Claim("an event may have no order and no customer") { store in
            try await store.write { _ = try $0.accept(Sample.event("ev-1", order: nil, customer: nil)) }
            let event = try await store.read { try $0.event(id: "ev-1") }
            #expect(event?.order == nil && event?.body == Array(#"{"data":{}}"#.utf8))
        },
        Claim("received events come oldest first, within the limit, until they have a disposition") { store in
            try await store.write { writer in for n in 1...4 { _ = try writer.accept(Sample.event("ev-\(n)", order: Sample.order(n % 2))) }
            }
            let (two, ofOrder) = try await store.read { (try $0.receivedEvents(limit: 2), try $0.events(ofOrder: Sample.order(0))) }
            #expect(two.map(\.id) == ["ev-1", "ev-2"])
            #expect(ofOrder.map(\.id) == ["ev-2", "ev-4"])
            try await store.write { _ = try $0.finish(two[0].seq, as: .pending) }
            let rest = try await store.read { try $0.receivedEvents(limit: 10) }
            #expect(rest.map(\.id) == ["ev-2", "ev-3", "ev-4"])
        },
        Claim("a terminal disposition is final, pending is not") { store in
            let dispositions: [Disposition] = [.planned, .suppressed(.sameNews), .stale, .recorded]
            for (n, terminal) in dispositions.enumerated() {
                let kept = try await store.write { writer in
                    guard case .accepted(let seq) = try writer.accept(Sample.event("ev-\(n)")) else { throw Unexpected() }
                    let kept = [
                        try writer.finish(seq, as: .pending), try writer.finish(seq, as: terminal), try writer.finish(seq, as: .recorded),
                        try writer.finish(seq, as: .pending),
                    ]
                    return (kept, try writer.event(seq)?.disposition)
                }
                #expect(kept.0 == [true, true, false, false])
                #expect(kept.1 == terminal)
            }
            await expectFailure(store, where: isIntegrity) { _ = try $0.finish(99, as: .planned) }
        },
        Claim("the same anomaly, stage and sequence is news once") { store in
            let answers = try await store.write { writer in
                [
                    try writer.noteNews(anomaly: "an-1", stage: "detected", seq: 1),
                    try writer.noteNews(anomaly: "an-1", stage: "detected", seq: 1),
                    try writer.noteNews(anomaly: "an-1", stage: "detected", seq: 2),
                    try writer.noteNews(anomaly: "an-1", stage: "updated", seq: 1),
                    try writer.noteNews(anomaly: "an-2", stage: "detected", seq: 1),
                ]
            }
            #expect(answers == [true, false, true, true, true])
        },
    ]
}

struct Unexpected: Error, Equatable {}
