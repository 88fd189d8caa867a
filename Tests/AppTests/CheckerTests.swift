import CSQLite
import Core
import Foundation
import Testing

@testable import TestKit

/// A checker that can fail: one small run, in whose copies one thing each is changed. Exactly that is named.
@Suite(.serialized) struct CheckerTests {
    private struct Plant: Sendable {
        var invariant: Invariant
        var words: String
        var plant: @Sendable (String) async throws -> Void
        init(_ invariant: Invariant, _ words: String, _ plant: @escaping @Sendable (String) async throws -> Void) {
            (self.invariant, self.words, self.plant) = (invariant, words, plant)
        }
    }

    @Test func checked() async throws {
        let world = try await KillWorld()
        // One kill under load, late enough for ends to have been told; then a drain.
        _ = try await KillRun.run(kills: 1, seed: 6, in: world)
        // What the killed one left cannot be copied.
        try FileManager.default.removeItem(atPath: world.socket)
        let facts = try await world.run.read()
        whole(facts)
        try order(facts)
        try await bare(world)
        for plant in Self.plants {
            try await copy(of: world) { copy in
                try await plant.plant(copy)
                let report = Checker.check(try await RunDirectory(copy).read())
                #expect(Set(report.breaches.map(\.invariant)) == [plant.invariant], "\(plant.words): \(report.breaches)")
            }
        }
        try await copy(of: world) { copy in
            // A worker that is killed has said it, or nobody knows.
            let words = "warning: the send loop did not look at its sockets for 98765 ms\n"
            try TextFile.append(words, to: copy + "/output/0001.txt")
            #expect(Checker.check(try await RunDirectory(copy).read()).value(of: "longest_turn_ms") == 98765)
        }
        let tried = Set(Self.plants.map(\.invariant)).union([.orderHolds])
        #expect(tried == Set(Invariant.allCases), "each can be broken")
    }

    private func whole(_ facts: RunFacts) {
        let report = Checker.check(facts)
        #expect(report.breaches.isEmpty)
        #expect(Set(report.unchecked.map(\.invariant)) == [.lanes, .readyTime, .nothingHeld])
    }

    /// Something left after its end was known. The log is chained: only what was read of it can be changed.
    private func order(_ facts: RunFacts) throws {
        var facts = facts
        let store = try #require(facts.store)
        let ended = store.episodes.values.joined().filter { $0.status == .resolved }.map(\.id)
        let stages = Dictionary(store.log.compactMap { row in row.notice.map { ($0, row.stage) } }) { first, last in first ?? last }
        let told = try #require(
            store.deliveries.first { ended.contains($0.episode) && stages[$0.notice] == .opened && !$0.attempts.isEmpty })
        var late = try #require(store.log.first { $0.act == .intent && $0.delivery == told.id })
        late.seq = (store.log.last?.seq ?? 0) + 1
        facts.store?.log.append(late)
        let report = Checker.check(facts)
        #expect(Set(report.breaches.map(\.invariant)) == [.orderHolds], "\(report.breaches)")
    }

    /// What is not there is not checked, and that is said.
    private func bare(_ world: KillWorld) async throws {
        try await copy(of: world) { copy in
            for name in try TextFile.names(in: copy) where name != "data" { try FileManager.default.removeItem(atPath: copy + "/" + name) }
            let facts = try await RunDirectory(copy).read()
            #expect(facts.input == nil && facts.taken == nil && facts.store != nil)
            let unchecked = Set(Checker.check(facts).unchecked.map(\.invariant))
            #expect(unchecked.isSuperset(of: [.conservation, .noRepeat, .doubtIsListed, .endings]))
        }
    }

    private func copy(of world: KillWorld, _ body: (String) async throws -> Void) async throws {
        let copy = NSTemporaryDirectory() + "clarion-checker-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: world.directory, toPath: copy)
        defer { do { try FileManager.default.removeItem(atPath: copy) } catch { print("left behind: \(copy)") } }
        try await body(copy)
    }

    private static let plants: [Plant] = [
        Plant(.conservation, "an event was acknowledged that is not there") { run in
            try TextFile.append(#"{"id":"ev-lost","acknowledged":true}"# + "\n", to: run + "/input.jsonl")
        },
        Plant(.conservation, "an event is gone") { try sql("DELETE FROM event WHERE event_id = 'ev-1'", in: $0) },
        Plant(.conservation, "an event that was refused is there") { run in
            let text = try TextFile.read(run + "/input.jsonl")
            let refused = text.replacing(#"{"id":"ev-1","acknowledged":true}"#, with: #"{"id":"ev-1","acknowledged":false,"refused":true}"#)
            try TextFile.write(refused, to: run + "/input.jsonl")
        },
        Plant(.conservation, "an event was not decided") {
            try sql("UPDATE event SET disposition = 'received' WHERE event_id = 'ev-1'", in: $0)
        },
        Plant(.conservation, "a message is recorded that no provider took") { run in
            let store = try #require(try await RunDirectory(run).read().store)
            let mail = try #require(store.deliveries.first { $0.channel == .mail && $0.state == .sent })
            try write(try ledger(run).filter { !$0.contains(mail.publicID) }, run)
        },
        Plant(.conservation, "a delivery was left on its way") {
            try sql("UPDATE delivery SET state = 'inflight' WHERE channel = 'in_app'", in: $0)
        },
        Plant(.noRepeat, "a mail was taken twice") { try repeatRow(of: "mail", in: $0) },
        Plant(.noRepeat, "an SMS was taken twice under one key") { try repeatRow(of: "sms", in: $0) },
        Plant(.noRepeat, "a repeat has other bytes") { run in
            let columns = "salt, state, account, idempotency_key, started_at, deadline, boot_id, recorder_slot, intent_log"
            try sql(
                """
                INSERT INTO attempt (id, digest, \(columns)) SELECT id - id % 1024 + 99, x'00', \(columns) FROM attempt
                WHERE state = 'accepted' AND account = 'sms-keyed' ORDER BY id LIMIT 1
                """, in: run)
        },
        Plant(.doubtIsListed, "a mail is held for a person, and no attempt of it is in doubt") {
            let one = "SELECT id FROM delivery WHERE channel = 'mail' AND state = 'sent' LIMIT 1"
            try sql("UPDATE delivery SET state = 'unknown', reason = 'ambiguous' WHERE id = (\(one))", in: $0)
        },
        Plant(.doubtIsListed, "a mail was taken and is called cancelled") {
            try sql("UPDATE delivery SET state = 'cancelled', reason = 'superseded' WHERE channel = 'mail' AND state = 'sent'", in: $0)
        },
        Plant(.doubtIsListed, "a message that nobody here knows") { run in
            var rows = try ledger(run)
            let last = try #require(rows.last { $0.contains(#""channel":"mail""#) })
            rows.append(last.replacing("dlv_", with: "dlv_0000000000"))
            try write(rows, run)
        },
        Plant(.doubtIsListed, "what was known is not what was said") { run in
            let first = String(try #require(TextFile.read(run + "/open.jsonl").split(separator: "\n").first))
            let other = first.contains("not_started") ? "taken" : "not_started"
            let known = try #require(first.firstMatch(of: /"known":"([a-z_]+)"/)).output.1
            try TextFile.append(first.replacing("\"\(known)\"", with: "\"\(other)\"") + "\n", to: run + "/open.jsonl")
        },
        Plant(.lanes, "the urgent waited too long") { try limit("high_max_ms", -1, in: $0) },
        Plant(.reasons, "an end without a reason") {
            try sql("UPDATE delivery SET state = 'blocked', reason = NULL WHERE channel = 'in_app'", in: $0)
        },
        Plant(.caps, "too much memory") { run in
            try TextFile.append(#"{"rss":2000,"fds":9,"threads":9}"# + "\n", to: run + "/samples.jsonl")
            try limit("rss_bytes", 1000, in: run)
        },
        Plant(.chain, "a row of the log was changed") {
            try sql("DROP TRIGGER log_keeps_words; UPDATE log SET at = at + 1 WHERE seq = 3", in: $0)
        },
        Plant(.integrity, "the file's own count is wrong") { run in
            let path = run + "/data/clarion.db"
            var bytes = try TextFile.bytes(path)
            // The number of free pages, in the file's head.
            bytes[39] ^= 1
            try Data(bytes).write(to: URL(filePath: path))
        },
        Plant(.noLeak, "a planted value stands in the database") { try TextFile.write("risk_hold\n", to: $0 + "/planted.txt") },
        Plant(.readyTime, "a start was slow") { run in
            try TextFile.append(#"{"ready_ms":99999}"# + "\n", to: run + "/processes.jsonl")
            try limit("ready_ms", 60_000, in: run)
        },
        Plant(.endings, "a process ended as it should not") {
            try TextFile.append(#"{"exit":70,"expected":[0],"last_line":"x"}"# + "\n", to: $0 + "/processes.jsonl")
        },
        Plant(.endings, "the last line is another") {
            try TextFile.append(#"{"exit":0,"last_line":"x","expected_line":"Stopped."}"# + "\n", to: $0 + "/processes.jsonl")
        },
        Plant(.nothingHeld, "two descriptors are left") { run in
            for fds in [9, 11] {
                try TextFile.append(#"{"fds":\#(fds),"threads":9,"quiet":true}"# + "\n", to: run + "/samples.jsonl")
            }
        },
    ]

    // MARK: Changing a run

    private static func sql(_ text: String, in run: String) throws {
        var db: OpaquePointer?
        defer { sqlite3_close(db) }
        guard sqlite3_open(run + "/data/clarion.db", &db) == SQLITE_OK, sqlite3_exec(db, text, nil, nil, nil) == SQLITE_OK else {
            throw TextFile.Problem(description: String(cString: sqlite3_errmsg(db)))
        }
    }

    private static func limit(_ name: String, _ value: Int, in run: String) throws {
        try TextFile.write(#"{"\#(name)": \#(value)}"#, to: run + "/limits.json")
    }

    private static func ledger(_ run: String) throws -> [String] {
        try TextFile.read(run + "/sandbox/ledger.jsonl").split(separator: "\n").map(String.init)
    }
    private static func write(_ rows: [String], _ run: String) throws {
        try TextFile.write(rows.map { $0 + "\n" }.joined(), to: run + "/sandbox/ledger.jsonl")
    }
    private static func repeatRow(of channel: String, in run: String) throws {
        let rows = try ledger(run)
        let row = try #require(rows.last { $0.contains("\"channel\":\"\(channel)\"") })
        try write(rows + [row], run)
    }
}
