import Core
import Store
import Testing

extension Conformance {
    /// Files `count` items for a customer, "Title 1" first.
    private static func file(_ count: Int, customer: String, _ writer: any StoreWriter) throws {
        for n in 1...count {
            var notice = Sample.notice(episode: 1, order: Sample.order(n), customer: customer)
            notice.locale = .en
            let delivery = Sample.delivery(
                "app", channel: .inApp, state: .delivered, address: Sensitive(.inbox), nextAt: nil, plannedAt: Sample.at(n))
            _ = try Sample.file(writer, notice, delivery, inApp: ("Title \(n)", "Body\n\(n)"))
        }
    }

    static let inbox: [Claim] = [
        Claim("a customer's inbox is theirs, newest first, page by page") { store in
            try await store.write { writer in
                try file(3, customer: "CU1", writer)
                try file(1, customer: "CU2", writer)
            }
            let (page, next) = try await store.read { reader in
                let page = try reader.inbox(customer: "CU1", unreadOnly: false, before: nil, limit: 2)
                return (page, try reader.inbox(customer: "CU1", unreadOnly: false, before: page.last?.id, limit: 2))
            }
            #expect(page.map(\.title) == ["Title 3", "Title 2"] && next.map(\.title) == ["Title 1"])
            let name = next[0].publicID
            #expect(name.hasPrefix("msg_") && name.count == 30)
            let (own, foreign, nobody) = try await store.read { reader in
                (
                    try reader.inboxItem(publicID: name, customer: "CU1"),
                    try reader.inboxItem(publicID: name, customer: "CU2"),
                    try reader.inbox(customer: "CU3", unreadOnly: false, before: nil, limit: 9)
                )
            }
            let item = try #require(own)
            #expect(foreign == nil && nobody.isEmpty)
            #expect(item.title == "Title 1" && item.body == "Body\n1" && item.customer == "CU1" && item.order == Sample.order(1))
            #expect(item.kind == .bankDelay && item.stage == .opened && item.locale == .en && item.createdAt == Sample.at(1))
            #expect(item.seenAt == nil && item.readAt == nil)
        },
        Claim("the newest items of everybody come newest first") { store in
            try await store.write { writer in
                try file(2, customer: "CU1", writer)
                try file(1, customer: "CU2", writer)
            }
            let (two, all) = try await store.read { (try $0.newestInboxItems(limit: 2), try $0.newestInboxItems(limit: 9)) }
            #expect(two.map(\.title) == ["Title 1", "Title 2"] && two.map(\.customer) == ["CU2", "CU1"])
            #expect(all.map(\.title) == ["Title 1", "Title 2", "Title 1"])
        },
        Claim("seen and read count once each; what is read is seen") { store in
            try await store.write { try file(3, customer: "CU1", $0) }
            func counts() async throws -> [Int] {
                try await store.read {
                    let counts = try $0.inboxCounts(customer: "CU1")
                    return [counts.unseen, counts.unread]
                }
            }
            #expect(try await counts() == [3, 3])
            let names = try await store.read { try $0.inbox(customer: "CU1", unreadOnly: false, before: nil, limit: 9).map(\.publicID) }
            let (one, two, three) = (names[2], names[1], names[0])
            let answers = try await store.write { writer in
                [
                    try writer.mark(inboxItem: one, customer: "CU1", seen: Sample.at(5), read: nil),
                    try writer.mark(inboxItem: one, customer: "CU1", seen: Sample.at(6), read: nil),
                    try writer.mark(inboxItem: two, customer: "CU1", seen: nil, read: Sample.at(7)),
                    try writer.mark(inboxItem: two, customer: "CU1", seen: Sample.at(8), read: Sample.at(8)),
                    try writer.mark(inboxItem: three, customer: "CU2", seen: Sample.at(8), read: nil),
                    try writer.mark(inboxItem: three, customer: "CU1", seen: nil, read: nil),
                ]
            }
            #expect(answers == [true, false, true, false, false, false])
            #expect(try await counts() == [1, 2])
            let (unread, second) = try await store.read { reader in
                (
                    try reader.inbox(customer: "CU1", unreadOnly: true, before: nil, limit: 9),
                    try reader.inboxItem(publicID: two, customer: "CU1")
                )
            }
            #expect(unread.map(\.publicID) == [three, one] && unread[1].seenAt == Sample.at(5))
            #expect(second?.seenAt == Sample.at(7) && second?.readAt == Sample.at(7))
            #expect(try await store.read { try $0.inboxCounts(customer: "CU9").unread } == 0)
        },
    ]

    static let people: [Claim] = [
        Claim("a dead letter is kept until it is retried or discarded, once") { store in
            let letter = DeadLetter(
                stage: .plan, reason: "render_error", detail: "data.kind", source: "/a", size: 12, digest: [1, 2, 3], event: 4, delivery: 5,
                at: Sample.at(1))
            let (one, two) = try await store.write { (try $0.insert(letter), try $0.insert(letter)) }
            let read = try #require(try await store.read { try $0.deadLetter(one) })
            #expect(
                read.stage == .plan && read.reason == "render_error" && read.detail == "data.kind" && read.source == "/a" && read.size == 12
            )
            #expect(read.digest == [1, 2, 3] && read.event == 4 && read.delivery == 5 && read.at == Sample.at(1) && read.state == .open)
            let closed = try await store.write {
                [
                    try $0.close(deadLetter: one, as: .retried, at: Sample.at(2)),
                    try $0.close(deadLetter: one, as: .discarded, at: Sample.at(3)),
                ]
            }
            #expect(closed == [true, false])
            let (open, all) = try await store.read {
                (try $0.deadLetters(onlyOpen: true, limit: 9), try $0.deadLetters(onlyOpen: false, limit: 9))
            }
            #expect(open.map(\.id) == [two] && all.map(\.id) == [two, one] && all[1].state == .retried)
        },
        Claim("a review is closed once, with a note") { store in
            let item = ReviewItem(
                cause: .kindMismatch, order: Sample.order(1), episode: 3, kind: .riskHold, detail: "code 05", openedAt: Sample.at(1))
            let (one, two) = try await store.write { writer in
                (
                    try writer.insert(item),
                    try writer.insert(ReviewItem(cause: .incident, order: nil, kind: nil, detail: "", openedAt: Sample.at(2)))
                )
            }
            let closed = try await store.write {
                [try $0.close(review: one, note: "called", at: Sample.at(5)), try $0.close(review: one, note: "again", at: Sample.at(6))]
            }
            #expect(closed == [true, false])
            let (read, open, all) = try await store.read {
                (try $0.review(one), try $0.reviews(onlyOpen: true, limit: 9), try $0.reviews(onlyOpen: false, limit: 9))
            }
            #expect(read?.cause == .kindMismatch && read?.order == Sample.order(1) && read?.episode == 3 && read?.kind == .riskHold)
            #expect(read?.detail == "code 05" && read?.note == "called" && read?.closedAt == Sample.at(5))
            #expect(open.map(\.id) == [two] && open[0].order == nil && all.map(\.id) == [two, one])
        },
        Claim("open tasks of an episode are its own") { store in
            try await store.write { writer in
                func ask(_ cause: ReviewItem.Cause, of episode: EpisodeID?) throws -> Int64 {
                    try writer.insert(
                        ReviewItem(
                            cause: cause, order: Sample.order(1), episode: episode, kind: .riskHold, detail: "", openedAt: Sample.at(1)))
                }
                let own = [try ask(.escalation, of: 3), try ask(.escalation, of: 3)]
                for other in [4, nil] as [EpisodeID?] { _ = try ask(.escalation, of: other) }
                _ = try ask(.kind, of: 3)
                let closed = try ask(.escalation, of: 3)
                _ = try writer.close(review: closed, note: "done", at: Sample.at(2))
                #expect(try writer.openTasks(ofEpisode: 3).map(\.id) == own)
                #expect(try writer.openTasks(ofEpisode: 5).isEmpty)
            }
        },
    ]
}
