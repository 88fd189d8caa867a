import Core
import Testing

@testable import Store

@Suite("the index that searches go by")
struct SearchIndexTests {
    private static let kinds: [Kind] = [.bankDelay, .riskHold, .payoutReturned]
    private static let banks = ["ICBC", "BOC", "CCB", "ABC"]

    /// 1,300 notices, of which 1,023 are in blocks that are full; an SMS and an item in the app each.
    private static func fill(_ store: SQLiteStore) async throws -> [DeliveryID] {
        try await store.write { writer in
            var messages: [DeliveryID] = []
            for n in 0..<1300 {
                let order = Sample.order(n + 1)
                var episode = Sample.episode("an-\(n)", order: order)
                episode.bank = banks[n / 7 % 4]
                var notice = Sample.notice(episode: try writer.save(episode), order: order, kind: kinds[n % 3])
                (notice.plannedAt, notice.locale) = (Sample.at(n), n % 50 == 7 ? .th : .en)
                let account = n == 3 ? "account-old" : "account-\(n % 2)"
                messages.append(
                    try Sample.file(
                        writer, notice, Sample.delivery(account, priority: n % 5 == 0 ? .high : .low, plannedAt: Sample.at(n)),
                        Sample.delivery(
                            "", channel: .inApp, state: .delivered, address: Sensitive(.inbox), nextAt: nil, plannedAt: Sample.at(n)),
                        inApp: ("title", "body"))[0].id)
            }
            return messages
        }
    }

    /// Returns what was done.
    @discardableResult
    private static func catchUp(_ store: SQLiteStore, before limit: Timestamp = Sample.at(9999)) async throws -> Int {
        var done = 0
        while let work = try await store.read({ try $0.searchWork(before: limit) }) {
            try await store.write { try $0.carryOut(work) }
            done += 1
        }
        return done
    }

    private static let filters: [DeliveryFilter] = {
        var filters: [DeliveryFilter] = []
        func add(_ change: (inout DeliveryFilter) -> Void) {
            var filter = DeliveryFilter(limit: 5000)
            change(&filter)
            filters.append(filter)
            filter.limit = 3
            filters.append(filter)
        }
        add { _ in }
        for (field, words) in [
            (DeliveryFilter.Field.account, ["account-old"]), (.account, ["account-1", "account-old"]), (.channel, ["in_app"]),
            (.state, ["dead"]), (.state, ["ready", "cancelled"]), (.reason, ["address_dead"]), (.reason, ["first"]), (.kind, ["risk_hold"]),
            (.stage, ["opened"]), (.stage, ["progress"]), (.locale, ["th"]), (.bank, ["CCB"]), (.rail, ["cnaps"]), (.rail, ["swift"]),
            (.priority, ["high"]),
        ] {
            add { $0[field].only = words }
            add { $0[field].not = words }
        }
        add { ($0[.kind].only, $0[.bank].not, $0[.locale].only) = (["risk_hold", "bank_delay"], ["ICBC"], ["th"]) }
        add { ($0.since, $0.until, $0[.bank].only) = (Sample.at(400), Sample.at(600), ["BOC"]) }
        add { ($0.before, $0[.channel].only) = (RowID.delivery(of: 700, on: .inApp), ["sms"]) }
        add { ($0.before, $0.since) = (RowID.delivery(of: 512, on: .sms), Sample.at(500)) }
        add { $0.isRead = true }
        add { $0.isRead = false }
        return filters
    }()

    private struct Told {
        var delivery: Delivery
        var notice: Notice
        var bank: String
    }

    /// One by one.
    private static func counted(_ hits: [FoundDelivery], _ told: [DeliveryID: Told]) throws -> DeliveryCounts {
        var counts = DeliveryCounts()
        for hit in hits {
            let told = try #require(told[hit.id])
            counts.total += 1
            counts.standings[hit.standing, default: 0] += 1
            counts.topics[.init(kind: told.notice.kind, stage: told.notice.stage), default: 0] += 1
            counts.reasons[hit.reason ?? told.notice.reason, default: 0] += 1
            if let account = told.delivery.account { counts.accounts[account, default: 0] += 1 }
            counts.banks[told.bank, default: 0] += 1
            counts.locales[told.notice.locale, default: 0] += 1
            counts.priorities[told.delivery.priority, default: 0] += 1
        }
        return counts
    }

    private static func check(_ store: SQLiteStore) async throws {
        try await store.read { reader in
            let reads = try #require(reader as? SQLiteReads)
            var told: [DeliveryID: Told] = [:]
            for id in 1...NoticeID(1300) {
                let notice = try #require(try reads.notice(id))
                let bank = try #require(try reads.bareEpisode(notice.episode)).bank
                for delivery in try reads.deliveries(ofNotice: id) {
                    told[delivery.id] = Told(delivery: delivery, notice: notice, bank: bank)
                }
            }
            for filter in filters {
                let found = try reads.deliveries(fitting: filter)
                let expected = try reads.scanned(filter, from: 0, before: filter.before ?? .max, limit: filter.limit)
                #expect(found == expected, "\(filter)")
                guard filter.limit > 1300, filter.before == nil else { continue }
                #expect(try reads.counts(fitting: filter, CountedWords()) == counted(expected, told), "\(filter)")
                let some = CountedWords {
                    $0.channel == .sms && $0.state != .dead
                } topic: {
                    $0.kind != .riskHold
                }
                let fitting = expected.filter { $0.channel == .sms && $0.state != .dead && told[$0.id]?.notice.kind != .riskHold }
                #expect(try reads.counts(fitting: filter, some) == counted(fitting, told), "\(filter)")
            }
        }
    }

    @Test("finds what is found row by row, also after changes, and after those are read again") func same() async throws {
        let bench = Bench()
        let store = try bench.open()
        let messages = try await Self.fill(store)
        try await Self.check(store)
        // Two blocks are claimed, and saved.
        #expect(try await Self.catchUp(store) == 4)
        try await Self.check(store)
        let items = try await store.read { try $0.newestInboxItems(limit: 1300) }
        try await store.write { writer in
            _ = try writer.settle(messages[3], as: .dead, reason: .addressDead, nextAt: nil, at: Sample.at(2000))
            _ = try writer.settle(messages[1290], as: .dead, reason: .addressDead, nextAt: nil, at: Sample.at(2000))
            _ = try writer.mark(inboxItem: items[1200].publicID, customer: "CU1", seen: nil, read: Sample.at(2001))
        }
        try await Self.check(store)
        #expect(try await Self.catchUp(store) == 1)
        try await Self.check(store)
        try await store.write { writer in
            _ = try writer.revive(messages[3], at: Sample.at(2002), expires: Sample.at(9000))
            let episode = try #require(try writer.notice(RowID.notice(of: messages[600]))?.episode)
            _ = try writer.cancelWaiting(ofEpisode: episode, reason: .superseded, at: Sample.at(2003))
            var late = Sample.delivery("account-late", channel: .mail, address: Sample.mail, plannedAt: Sample.at(2004))
            late.notice = RowID.notice(of: messages[20])
            _ = try writer.insert(late)
            let attempt = try writer.begin(
                Sample.attempt("att", delivery: messages[30], number: 1, writer), log: LogBody(["n": 1]), at: Sample.at(2005))!
            let result = AttemptResult(state: .accepted, outcome: .accepted, detail: "")
            _ = try writer.finish(
                attempt, as: result, delivery: .sent, reason: nil, nextAt: nil, log: LogBody(["n": 2]), order: Sample.order(31),
                at: Sample.at(2006))
            _ = try writer.advance(
                messages[30], from: .sent, to: .undelivered, reason: .undelivered, nextAt: nil, messageID: nil, at: Sample.at(2007))
        }
        try await Self.check(store)
        #expect(try await Self.catchUp(store) == 2)
        try await Self.check(store)
        try await store.close()
    }

    @Test("a change while a block is read makes what was read old") func meanwhile() async throws {
        let bench = Bench()
        let store = try bench.open()
        let messages = try await Self.fill(store)
        let claim = try #require(try await store.read { try $0.searchWork(before: Sample.at(9999)) })
        try await store.write { try $0.carryOut(claim) }
        let save = try #require(try await store.read { try $0.searchWork(before: Sample.at(9999)) })
        try await store.write { writer in
            _ = try writer.settle(messages[3], as: .dead, reason: .addressDead, nextAt: nil, at: Sample.at(2000))
        }
        try await store.write { try $0.carryOut(save) }
        try await Self.check(store)
        // The first once more, and the second.
        #expect(try await Self.catchUp(store) == 3)
        try await Self.check(store)
        try await store.close()
    }

    @Test("a block waits for its last notice to be old enough") func young() async throws {
        let bench = Bench()
        let store = try bench.open()
        _ = try await Self.fill(store)
        #expect(try await Self.catchUp(store, before: Sample.at(510)) == 0)
        #expect(try await Self.catchUp(store, before: Sample.at(511)) == 2)
        try await store.close()
    }

    @Test("a set is what it was when it was stored, be it of few or of many") func sets() {
        for step in [1, 3, 15, 16, 17, 4000, 4095] {
            var set = DeliverySet()
            for place in stride(from: 0, through: 4095, by: step) { set.insert(place) }
            let stored = set.stored
            #expect(stored.count <= 512 && stored.withUnsafeBytes { DeliverySet(stored: $0) } == set)
            #expect(set.descending == stride(from: 0, through: 4095, by: step).reversed() && set.count == set.descending.count)
        }
        #expect(([1, 2, 3] as [UInt8]).withUnsafeBytes { DeliverySet(stored: $0) } == nil)
        #expect([UInt8](repeating: 0xFF, count: 2).withUnsafeBytes { DeliverySet(stored: $0) } == nil)
    }
}
