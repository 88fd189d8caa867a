import Core
import Proof
import Testing

@testable import Store

/// Someone with the file and SQLite, without the keys.
@Suite("what is changed behind the store's back is found")
struct TamperTests {
    struct Tamper: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The first row that must be reported.
        var seq: Int64
        var act: @Sendable (Connection) throws -> Void
        init(_ name: String, _ seq: Int64, _ act: @escaping @Sendable (Connection) throws -> Void) {
            (testDescription, self.seq, self.act) = (name, seq, act)
        }
        init(_ name: String, _ seq: Int64, _ sql: StaticString) { self.init(name, seq) { try $0.script(Query(sql)) } }
    }

    static let tampers = [
        Tamper("a changed body", 2, #"UPDATE log SET body = CAST('{"n":9}' AS BLOB) WHERE seq = 2"#),
        Tamper("a changed time", 3, "UPDATE log SET at = at + 1 WHERE seq = 3"),
        Tamper("a changed order", 1, "UPDATE log SET order_no = 'WD9' WHERE seq = 1"),
        Tamper("a changed act", 4, "UPDATE log SET act = 'intent' WHERE seq = 4"),
        Tamper("an attempt that it is not about", 2, "UPDATE log SET attempt = 7 WHERE seq = 2"),
        Tamper("a changed hash", 2, "UPDATE log SET hash = randomblob(32) WHERE seq = 2"),
        Tamper(
            "a value moved into the body", 2, #"UPDATE log SET delivery = NULL, body = CAST('{"n":2},"delivery":7' AS BLOB) WHERE seq = 2"#),
        Tamper("a row deleted in the middle", 3, "DELETE FROM log WHERE seq = 3"),
        Tamper("the first row deleted", 1, "DELETE FROM log WHERE seq = 1"),
        Tamper("the tail cut off", 4, "DELETE FROM log WHERE seq >= 4"),
        Tamper("everything deleted", 1, "DELETE FROM log"),
        Tamper(
            "a row put in between", 3,
            "UPDATE log SET seq = seq + 100 WHERE seq > 2; UPDATE log SET seq = seq - 99 WHERE seq > 100; INSERT INTO log SELECT 3, at, act, order_no, event, notice, delivery, attempt, body, hash FROM log WHERE seq = 2"
        ),
        Tamper("a row added at the end with a hash that fits", 6) { db in
            let last = try db.first(SQL.logHead) { LogDigest($0.blob(1))! }!
            let entry = LogEntry(.start, at: Timestamp(milliseconds: 1), body: .object([]))
            let hash = Chain.hash(after: last, Chain.content(entry, seq: 6, body: Array("{}".utf8)))
            try db.run(SQL.appendLog) {
                $0(6, 1, "start", String?.none, Int64?.none, Int64?.none)
                $0(Int64?.none, Int64?.none, Array("{}".utf8), hash.bytes)
            }
        },
        Tamper(
            "two rows swapped", 2,
            "UPDATE log SET seq = 99 WHERE seq = 2; UPDATE log SET seq = 2 WHERE seq = 3; UPDATE log SET seq = 3 WHERE seq = 99"),
        Tamper("a new beginning", 1, "UPDATE meta SET value = 'x' WHERE key = 'chain_id'"),
        Tamper("the whole chain written anew without the key", 1) { db in
            try db.script(Query(#"UPDATE log SET body = CAST('{"n":9}' AS BLOB) WHERE seq = 1"#))
            var hash = Chain.genesis(try db.first(SQL.meta, { $0(Chain.idKey) }) { $0.text(0) }!)
            for seq in Int64(1)...5 {
                hash = try db.first(Query("SELECT at, act, order_no, event, notice, delivery, body FROM log WHERE seq = ?"), { $0(seq) }) {
                    let entry = LogEntry(
                        try $0.word(1), at: $0.time(0), order: try $0.orderOrNil(2), event: $0.intOrNil(3), notice: $0.intOrNil(4),
                        delivery: $0.intOrNil(5), body: .null)
                    return Chain.hash(after: hash, Chain.content(entry, seq: seq, body: $0.blob(6)))
                }!
                try db.run(Query("UPDATE log SET hash = ? WHERE seq = ?")) { $0(hash.bytes, seq) }
            }
        },
    ]

    @Test("in the log", arguments: tampers)
    func log(_ tamper: Tamper) async throws {
        let bench = Bench()
        let store = try bench.open()
        try await store.write { writer in
            for n in 1...5 {
                try writer.append(
                    LogEntry(
                        .decision, at: Sample.at(n), order: Sample.order(1), event: 3, notice: 5, delivery: 7, body: ["n": .integer(n)]))
            }
        }
        #expect(try await store.read { try $0.verifyChain() } == nil)
        try await store.close()
        do {
            let connection = try Connection(path: bench.database, access: .write)
            try connection.script(Query("DROP TRIGGER log_keeps_rows; DROP TRIGGER log_keeps_words"))
            try tamper.act(connection)
        }
        let audit = try bench.openAudit()
        // Without a checkpoint nothing tells a row that was changed with its hash from the one behind it: then both are named.
        let breaches = try await audit.read { try $0.verifyLog(trusted: nil, book: nil) }.breaches
        #expect(breaches.first.map { $0.rows.contains(tamper.seq) && $0.rows.lowerBound >= tamper.seq - 1 } ?? false, "\(breaches)")
        await audit.close()
    }

    @Test("the log refuses changes even to the store", arguments: [Query("DELETE FROM log"), Query("UPDATE log SET at = 0")])
    func appendOnly(_ change: Query) async throws {
        let bench = Bench()
        let store = try bench.open()
        try await store.write { try $0.append(LogEntry(.start, at: Sample.at(1), body: .null)) }
        await #expect(throws: StoreError.integrity("the log is append-only")) {
            try await store.write { try ($0 as! SQLiteWrites).db.run(change) }
        }
        #expect(try await store.read { try $0.verifyChain() } == nil)
        try await store.close()
    }

    /// Every sealed column, swapped between two rows of one customer: the same key, so only the context can tell.
    static let swaps: [(sql: Query, read: @Sendable (any StoreReader) throws -> Void)] = [
        (Query("UPDATE event SET body = (SELECT o.body FROM event o WHERE o.seq <> event.seq)"), { _ = try $0.event(id: "ev-1") }),
        (Query("UPDATE episode SET facts = (SELECT o.facts FROM episode o WHERE o.id <> episode.id)"), { _ = try $0.episode(1) }),
        (Query("UPDATE notice SET box = (SELECT o.box FROM notice o WHERE o.id <> notice.id)"), { _ = try $0.notice(1) }),
        (
            Query("UPDATE notice SET box = (SELECT o.box FROM notice o WHERE o.id <> notice.id)"),
            {
                _ = try $0.deliveries(ofNotice: 1)
            }
        ),
        (
            Query("UPDATE notice SET box = (SELECT o.box FROM notice o WHERE o.id <> notice.id)"),
            {
                _ = try $0.inbox(customer: "CU1", unreadOnly: false, before: nil, limit: 9)
            }
        ),
        (
            Query("UPDATE delivery SET address = (SELECT o.address FROM delivery o WHERE o.id <> delivery.id AND o.channel = 'mail')"),
            { _ = try $0.delivery(RowID.delivery(of: 1, on: .mail)) }
        ),
        (
            Query("UPDATE attempt_box SET box = (SELECT o.box FROM attempt_box o WHERE o.id <> attempt_box.id)"),
            {
                _ = try $0.bytes(of: $0.openIntents()[0].id)
            }
        ),
        (
            Query("UPDATE customer_key SET box = (SELECT o.box FROM customer_key o WHERE o.id = 1) WHERE id = 2"),
            { _ = try $0.event(id: "ev-1") }
        ),
        (Query("UPDATE review SET note = (SELECT o.note FROM review o WHERE o.id <> review.id)"), { _ = try $0.review(1) }),
    ]

    @Test("in sealed columns", arguments: swaps.indices)
    func swapped(_ index: Int) async throws {
        let bench = Bench()
        let store = try bench.open()
        try await store.write { writer in
            for n in 1...2 {
                _ = try writer.accept(Sample.event("ev-\(n)"))
                let filed = try Sample.file(
                    writer, Sample.notice(episode: try writer.save(Sample.episode("an-\(n)"))), Sample.delivery("sms"),
                    Sample.delivery("app", channel: .inApp, state: .delivered, address: Sensitive(.inbox)), inApp: ("t\(n)", "b"))
                let mail = Sensitive(Address.mail(MailAddress("m\(n)@example.com")!))
                _ = try writer.insert(Sample.delivery("mail", notice: filed[0].notice, channel: .mail, address: mail))
                _ = try writer.begin(
                    Sample.attempt("att_\(n)", delivery: filed[0].id, number: 1, writer), log: .null, at: Sample.at(11))
                _ = try writer.insert(ReviewItem(cause: .kind, order: nil, kind: nil, detail: "", openedAt: Sample.at(1), note: "n\(n)"))
            }
        }
        let read = Self.swaps[index].read
        try await store.read(read)
        try await store.close()
        do {
            let connection = try Connection(path: bench.database, access: .write)
            try connection.run(Self.swaps[index].sql)
        }
        let audit = try bench.openAudit()
        do {
            try await audit.read(read)
            Issue.record("a swapped value was opened")
        } catch {
            #expect(isIntegrity(error), "\(error)")
        }
        await audit.close()
    }
}
