import Core
import Glibc
import Store
import TestKit
import Testing
import Transport

@testable import App

/// What the store says after the last worker has ended.
struct KillFacts: Sendable {
    struct Sent: Sendable {
        var id: String
        var channel: Channel
        var state: DeliveryState
        /// Its episode had ended before it was settled: a repeat was no longer wanted.
        var isUnwanted: Bool
        var attempts: [(id: String, state: AttemptState, key: String, digest: [UInt8], detail: String)]
    }
    /// Of the ids asked for, those that are there.
    var events: Set<String> = []
    var deliveries: [Sent] = []
    var accounting = Accounting()
    var openIntents = 0
    /// Review items that ask about a doubtful delivery.
    var openReviews = 0
    var chainBreak: String?

    static func gather(from store: any Store, ids: Set<String>) async throws -> KillFacts {
        try await store.read { reader in
            var facts = KillFacts()
            facts.accounting = try reader.accounting()
            facts.openIntents = try reader.openIntents().count
            facts.chainBreak = try reader.verifyChain().map { "\($0)" }
            facts.openReviews = try reader.reviews(onlyOpen: true, limit: .max).filter { $0.cause == .ambiguous }.count
            for id in ids where try reader.event(id: id) != nil { facts.events.insert(id) }
            for delivery in try reader.deliveries(matching: DeliveryQuery(limit: 1_000_000)) {
                let attempts = try reader.attempts(ofDelivery: delivery.id).map {
                    ($0.publicID, $0.state, $0.idempotencyKey, $0.digest, $0.detail ?? "")
                }
                let hasEnded = try reader.episode(delivery.episode)?.status != .open
                facts.deliveries.append(
                    Sent(
                        id: delivery.publicID, channel: delivery.channel, state: delivery.state, isUnwanted: hasEnded,
                        attempts: attempts))
            }
            return facts
        }
    }

    /// `sms sent 12, mail ambiguous 3, …; attempts: accepted 15, ambiguous 3, …`
    var summary: String {
        func counts(_ words: [String]) -> String {
            Dictionary(grouping: words) { $0 }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.count)" }.joined(separator: ", ")
        }
        return counts(deliveries.map { "\($0.channel.rawValue) \($0.state.rawValue)" }) + "; attempts: "
            + counts(deliveries.flatMap(\.attempts).map { $0.state.rawValue })
    }
}

/// What kills left open, and what the flight recorder said of each, read as the next start reads it: by attempt.
struct KillWitness: Sendable {
    private(set) var found: [String: FlightLog.Found] = [:]
    /// Open, and the recorder knew nothing.
    private(set) var unknown: [String] = []

    /// After a kill, before the next start. Returns what is known of each open attempt.
    @discardableResult
    mutating func look(at world: KillWorld) async throws -> [FlightLog.Found?] {
        let bootID = try #require(Host.bootID)
        let log = FlightLog.read(directory: world.directory + "/data", bootID: bootID)
        let audit = try SQLiteStore.openReadOnly(directory: world.directory + "/data", keys: try world.keys())
        let open = try await audit.read { try $0.openIntents() }
        await audit.close()
        for attempt in open {
            #expect(attempt.bootID == bootID)
            if let found = log.found(attempt.publicID, inSlot: attempt.recorderSlot) {
                self.found[attempt.publicID] = found
            } else {
                unknown.append(attempt.publicID)
            }
        }
        return open.map { log.found($0.publicID, inSlot: $0.recorderSlot) }
    }

    /// Each was settled as what was known of it; and of no other it was said that the process ended too early to know.
    func check(_ facts: KillFacts) {
        #expect(unknown.isEmpty, "every open attempt has its slot")
        for attempt in facts.deliveries.flatMap(\.attempts) {
            switch found[attempt.id] {
            case .notStarted: #expect(attempt.state == .notSent, "\(attempt.id)")
            case .inDoubt: #expect([.ambiguous, .settled].contains(attempt.state), "\(attempt.id)")
            case .answered(.taken): #expect(attempt.state == .accepted, "\(attempt.id)")
            case .answered(.notTaken): #expect(attempt.state == .rejected, "\(attempt.id)")
            case nil: #expect(attempt.state == .accepted, "\(attempt.id) \(attempt.state): \(attempt.detail)")
            }
        }
    }

    /// `48 open: 30 not started, 12 in doubt, 6 answered`
    var summary: String {
        let started = found.values.count { $0 == .notStarted }, doubtful = found.values.count { $0 == .inDoubt }
        return "\(found.count) open: \(started) not started, \(doubtful) in doubt, \(found.count - started - doubtful) answered"
    }
}

extension KillWorld {
    /// Follows the ledger: `tail -f` is told by the kernel when it grows.
    func followLedger() async throws -> ChildProcess {
        try await ChildProcess("/usr/bin/tail", ["-n", "+1", "-f", directory + "/sandbox/ledger.jsonl"], ready: nil)
    }
    func ledgerCount() throws -> Int { try Host.text(at: directory + "/sandbox/ledger.jsonl").split(separator: "\n").count }
}
