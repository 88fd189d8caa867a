@testable import App
import Config
import Core
import Foundation
import Pipeline
import Reports
@testable import Store
import Terminal
import Testing

/// What a real pipeline wrote, and copies of it in which one thing is not as it must be.
@Suite("the invariants of the log and the tables")
struct InvariantTests {
    /// One breach. SQL is what somebody with the file and SQLite could do; `act` what a program with a mistake would.
    struct Plant: Sendable, CustomTestStringConvertible {
        var invariant: Invariant
        var sql: StaticString
        var act: (@Sendable (any StoreWriter) throws -> Void)?
        var testDescription: String { invariant.rawValue }
        init(_ invariant: Invariant, _ sql: StaticString, _ act: (@Sendable (any StoreWriter) throws -> Void)? = nil) {
            (self.invariant, self.sql, self.act) = (invariant, sql, act)
        }
    }

    static let plants = [
        Plant(.chain, "UPDATE log SET at = at + 1 WHERE seq = 100"),
        Plant(
            .logNames,
            "DELETE FROM event WHERE seq = (SELECT min(seq) FROM event WHERE disposition IN ('suppressed', 'stale') AND order_no IS NOT NULL)"
        ),
        Plant(.words, "UPDATE delivery SET reason = 'because' WHERE id = (SELECT min(id) FROM delivery WHERE state = 'blocked')"),
        Plant(
            .disposition, "UPDATE event SET reason = 'first' WHERE seq = (SELECT min(seq) FROM event WHERE disposition = 'planned')"),
        Plant(
            .eventLogged,
            """
            INSERT INTO event SELECT (SELECT max(seq) + 1 FROM event), 'ev-forged', source, content, order_no, customer, type, time, received_at,
                'recorded', NULL, body FROM event WHERE seq = (SELECT min(seq) FROM event WHERE order_no IS NOT NULL)
            """),
        Plant(
            .plannedTold,
            """
            UPDATE event SET disposition = 'planned', reason = NULL WHERE seq = (SELECT min(e.seq) FROM event e WHERE disposition = 'suppressed'
                AND order_no IS NOT NULL AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.order_no = e.order_no))
            """),
        Plant(
            .silentUntold,
            """
            UPDATE event SET disposition = 'recorded' WHERE seq = (SELECT min(event) FROM notice WHERE audience = 'customer' AND event IS NOT NULL)
            """),
        Plant(
            .pendingWaits,
            """
            UPDATE event SET disposition = 'pending', reason = NULL WHERE seq = (SELECT min(e.seq) FROM event e WHERE disposition = 'suppressed'
                AND order_no IS NOT NULL AND NOT EXISTS (SELECT 1 FROM episode p JOIN timer t ON t.episode = p.id AND t.state = 'armed'
                    WHERE p.order_no = e.order_no))
            """),
        Plant(
            .noticeEpisode,
            "UPDATE notice SET kind = 'limit_exceeded' WHERE id = (SELECT min(id) FROM notice WHERE kind = 'bank_delay' AND episode > 0)"),
        Plant(
            .noticeDecided,
            """
            INSERT INTO notice SELECT (SELECT max(id) + 1 FROM notice), episode, episode_version, order_no, anomaly, audience, customer, kind, stage,
                variant, priority, reason, locale, time_zone, private_preview, revision, planned_at + 1, NULL, told_funds, told_step, told_eta,
                repeats, counted, box, gone, wording FROM notice WHERE id = (SELECT min(id) FROM notice WHERE episode > 0);
            INSERT INTO delivery SELECT (SELECT max(id) FROM notice) << 3 | 3, salt, channel, lane, state, reason, mode, address, next_at, expires,
                tries, account, provider_id, cancel_wanted, planned_at, changed_at, seen_at, read_at
                FROM delivery WHERE id = (SELECT min(id) FROM notice WHERE episode > 0) << 3 | 3
            """),
        Plant(
            .noticeDelivers,
            """
            INSERT INTO notice SELECT (SELECT max(id) + 1 FROM notice), 0, 0, order_no, 'staff/forged', 'staff', customer, kind, stage,
                variant, priority, reason, locale, time_zone, private_preview, revision, planned_at, NULL, told_funds, told_step, told_eta,
                repeats, counted, box, gone, wording FROM notice WHERE id = (SELECT min(id) FROM notice)
            """),
        Plant(
            .inAppFirst,
            """
            UPDATE delivery SET state = 'blocked', reason = 'opted_out' WHERE id = (SELECT min(d.id) FROM delivery d JOIN notice n
                ON n.id = d.id >> 3 WHERE d.channel = 'in_app' AND n.priority = 'high')
            """),
        Plant(.lane, "UPDATE delivery SET lane = 2 WHERE id = (SELECT min(id) FROM delivery WHERE lane = 0)"),
        Plant(
            .oncePerState,
            """
            UPDATE notice SET (episode_version, stage, event) = (SELECT f.episode_version, f.stage, f.event FROM notice f
                WHERE f.episode = notice.episode AND f.id < notice.id AND f.event IS NOT NULL ORDER BY f.id LIMIT 1)
            WHERE id = (SELECT min(n.id) FROM notice n WHERE n.stage = 'still_waiting' AND n.event IS NULL AND EXISTS (SELECT 1 FROM notice f
                WHERE f.episode = n.episode AND f.id < n.id AND f.event IS NOT NULL AND f.kind = n.kind))
            """),
        Plant(
            .deliveryNotice,
            """
            INSERT INTO delivery SELECT ((SELECT max(id) FROM notice) + 1000) << 3, salt, channel, lane, state, reason, mode, address, next_at,
                expires, tries, account, provider_id, cancel_wanted, planned_at, changed_at, seen_at, read_at
                FROM delivery WHERE id = (SELECT min(id) FROM delivery)
            """),
        Plant(.waits, "UPDATE delivery SET next_at = 7 WHERE id = (SELECT min(id) FROM delivery WHERE state = 'sent')"),
        Plant(.reasonGiven, "UPDATE delivery SET reason = NULL WHERE id = (SELECT min(id) FROM delivery WHERE state = 'blocked')"),
        Plant(
            .evidence,
            "UPDATE delivery SET state = 'delivered' WHERE id = (SELECT min(id) FROM delivery WHERE state = 'sent' AND channel = 'sms')"),
        Plant(.doubtListed, "UPDATE delivery SET state = 'unknown' WHERE id = (SELECT min(id) FROM delivery WHERE state = 'sent')"),
        Plant(
            .givenUpFiled,
            """
            UPDATE delivery SET state = 'dead', reason = 'provider_refused' WHERE id = (SELECT min(d.id) FROM delivery d JOIN notice n
                ON n.id = d.id >> 3 WHERE d.state = 'sent' AND n.episode > 0)
            """),
        Plant(
            .endsStay,
            """
            UPDATE delivery SET state = 'ready', reason = NULL, next_at = 1 WHERE id = (SELECT min(d.id) FROM delivery d JOIN notice n
                ON n.id = d.id >> 3 JOIN episode e ON e.id = n.episode WHERE d.state = 'cancelled' AND d.tries = 0 AND NOT EXISTS (
                SELECT 1 FROM notice c WHERE c.episode = e.id AND c.stage NOT IN ('opened', 'progress', 'materials_reminder', 'still_waiting')))
            """
        ) { try send($0, "hello") },
        Plant(
            .overIsOver,
            """
            UPDATE delivery SET state = 'ready', reason = NULL, next_at = 1 WHERE id = (SELECT min(d.id) FROM delivery d JOIN notice n
                ON n.id = d.id >> 3 WHERE d.state = 'blocked' AND n.stage = 'opened' AND EXISTS (
                SELECT 1 FROM notice c WHERE c.episode = n.episode AND c.stage = 'resolved_arrived'))
            """
        ) { try send($0, "hello") },
        Plant(
            .nothingLeft,
            """
            UPDATE delivery SET state = 'ready', next_at = 1 WHERE id = (SELECT min(d.id) FROM delivery d JOIN notice n ON n.id = d.id >> 3
                JOIN episode e ON e.id = n.episode WHERE d.state = 'blocked' AND e.status = 'resolved' AND n.stage = 'opened')
            """),
        Plant(.seenInOrder, "UPDATE delivery SET seen_at = 1 WHERE id = (SELECT min(id) FROM delivery WHERE channel = 'sms')"),
        Plant(
            .attemptDelivery,
            """
            INSERT INTO attempt SELECT (((SELECT max(id) FROM notice) + 1000) << 13) | 1, salt, state, account, idempotency_key, digest, started_at,
                deadline, boot_id, recorder_slot, finished_at, outcome, detail, provider_id, intent_log, outcome_log, parts
                FROM attempt WHERE id = (SELECT min(id) FROM attempt)
            """),
        Plant(.attemptCount, "UPDATE delivery SET tries = tries + 1 WHERE id = (SELECT min(id) FROM delivery WHERE state = 'sent')"),
        Plant(.oneOpen, "UPDATE delivery SET state = 'inflight' WHERE id = (SELECT min(id) FROM delivery WHERE state = 'sent')"),
        Plant(.intentFirst, "UPDATE attempt SET intent_log = 1 WHERE id = (SELECT min(id) FROM attempt)"),
        Plant(.outcomeLogged, "UPDATE attempt SET outcome_log = NULL WHERE id = (SELECT min(id) FROM attempt)"),
        Plant(
            .acceptedOnce,
            """
            UPDATE delivery SET state = 'retry_wait', next_at = 1 WHERE id = (SELECT min(d.id) FROM delivery d JOIN notice n ON n.id = d.id >> 3
                JOIN episode e ON e.id = n.episode WHERE d.state = 'sent' AND e.status = 'open')
            """
        ) { try send($0, "hello") },
        Plant(
            .inTime,
            """
            UPDATE delivery SET expires = (SELECT min(started_at) - 1 FROM attempt WHERE id >> 10 = delivery.id)
                WHERE id = (SELECT min(id) >> 10 FROM attempt)
            """),
        Plant(
            .smsNoAmount,
            """
            UPDATE delivery SET state = 'ready', reason = NULL, next_at = 1 WHERE id = (SELECT min(d.id) FROM delivery d JOIN notice n
                ON n.id = d.id >> 3 JOIN episode e ON e.id = n.episode WHERE d.state = 'blocked' AND d.channel = 'sms' AND e.status = 'open')
            """
        ) { try send($0, nil) },
    ]

    /// Sends what waits, as a program would that asks nothing. Nil: a text with the amount of the payout.
    private static func send(_ writer: any StoreWriter, _ words: String?) throws {
        let waiting = try (writer.deliveries(in: .ready, limit: 10) + writer.deliveries(in: .retryWait, limit: 10))
            .filter { $0.nextAt == Timestamp(milliseconds: 1) }
        let delivery = try #require(waiting.first)
        var text = words
        if case .money(let amount)? = try writer.notice(delivery.notice)?.facts[.amount] {
            text =
                text
                ?? "Your payout of \(amount.currency.code) \(amount.minor / 100).\(String(amount.minor % 100 + 100).dropFirst()) waits."
        }
        let content: JSON = ["channel": .string(delivery.channel.rawValue), "text": .string(try #require(text))]
        let attempt = try #require(
            try writer.begin(
                NewAttempt(
                    publicID: writer.attemptName(delivery.tries + 1, ofDelivery: delivery.id), delivery: delivery.id,
                    number: delivery.tries + 1, order: delivery.order,
                    customer: delivery.customer, account: "sms-main", idempotencyKey: "k", digest: [1],
                    bytes: AttemptBytes(content: content.bytes, call: []), startedAt: delivery.plannedAt, deadline: delivery.plannedAt,
                    bootID: "boot"),
                log: LogBody(["number": 1]), at: delivery.plannedAt))
        let taken = AttemptResult(state: .accepted, outcome: .accepted, detail: "")
        let isDone = try writer.finish(
            attempt, as: taken, delivery: .sent, reason: nil, nextAt: nil, log: LogBody(["number": 1]), order: delivery.order,
            at: delivery.plannedAt
        )
        #expect(isDone)
    }

    // MARK: The log they are planted in

    struct Written: Sendable {
        var folder: Folder
        var keys: StoreKeys
        func copied() throws -> String {
            let copy = folder.path + "/" + UUID().uuidString
            try FileManager.default.copyItem(atPath: folder.path + "/store", toPath: copy)
            return copy
        }
    }
    static let written = Task {
        let folder = try Folder()
        let lines = try String(contentsOfFile: repository + "/Tests/Fixtures/events-sample.jsonl", encoding: .utf8)
        let result = try await Replay.run(
            lines.split(separator: "\n").map { Array($0.utf8) },
            Replay.Options(
                settingsFile: repository + "/config/clarion.yaml", storeDirectory: folder.path + "/store",
                sandboxDirectory: folder.path + "/sandbox"))
        return Written(folder: folder, keys: try Keys.load(result.configuration.settings, random: SeededRandom(seed: 1)))
    }

    private static func check(_ directory: String, _ keys: StoreKeys) async throws -> InvariantsReport {
        let store = try SQLiteStore.openReadOnly(directory: directory, keys: keys)
        let report = try await store.read { try InvariantsReport.gather(from: $0) }
        await store.close()
        return report
    }

    @Test("hold in what a real pipeline wrote, each over some rows of it") func clean() async throws {
        let written = try await Self.written.value
        let report = try await Self.check(written.folder.path + "/store", written.keys)
        #expect(report.holds && report.status == .success, "\(report.breaches)")
        // The sample ends with nothing pending and nothing in doubt.
        for invariant in Invariant.allCases where invariant != .pendingWaits && invariant != .doubtListed {
            #expect(report.checked[invariant] ?? 0 > 0, "\(invariant) looked at nothing")
        }
    }

    @Test("find each breach, and no other", arguments: plants) func planted(_ plant: Plant) async throws {
        let written = try await Self.written.value
        let directory = try written.copied()
        let connection = try Connection(path: directory + "/clarion.db", access: .write)
        try connection.script(Query("DROP TRIGGER log_keeps_rows; DROP TRIGGER log_keeps_words"))
        let before = try connection.first(Query("SELECT total_changes()")) { $0.int(0) } ?? 0
        try connection.script(Query(plant.sql))
        #expect(try connection.first(Query("SELECT total_changes()")) { $0.int(0) } ?? 0 > before, "nothing was planted")
        connection.close()
        if let act = plant.act {
            let store = try SQLiteStore(directory: directory, keys: written.keys, random: SeededRandom(seed: 7))
            try await store.write(act)
            try await store.close()
        }
        let report = try await Self.check(directory, written.keys)
        #expect(Set(report.broken.keys) == [plant.invariant], "\(report.breaches)")
        #expect(report.status == .failure)
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test("there is a breach of each") func complete() {
        #expect(Set(Self.plants.map(\.invariant)) == Set(Invariant.allCases))
    }
}
