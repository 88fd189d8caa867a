import Core
import Glibc
import Store
import TestKit

@testable import App

/// What the store says after the last worker has ended.
struct KillFacts: Sendable {
    struct Sent: Sendable {
        var id: String
        var channel: Channel
        var state: DeliveryState
        /// Its episode had ended before it was settled: a repeat was no longer wanted.
        var isUnwanted: Bool
        var attempts: [(state: AttemptState, key: String, digest: [UInt8], detail: String)]
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
                    ($0.state, $0.idempotencyKey, $0.digest, $0.detail ?? "")
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

    /// `sms sent 12, mail ambiguous 3, …; 7 attempts in doubt`
    var summary: String {
        var counts: [String: Int] = [:]
        for delivery in deliveries { counts["\(delivery.channel.rawValue) \(delivery.state.rawValue)", default: 0] += 1 }
        let doubtful = deliveries.flatMap(\.attempts).count { $0.state == .ambiguous }
        return counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ") + "; \(doubtful) attempts in doubt"
    }
}

extension KillWorld {
    /// Follows the ledger: `tail -f` is told by the kernel when it grows.
    func followLedger() async throws -> ChildProcess {
        try await ChildProcess("/usr/bin/tail", ["-n", "+1", "-f", directory + "/sandbox/ledger.jsonl"], ready: nil)
    }
    func ledgerCount() throws -> Int { try Host.text(at: directory + "/sandbox/ledger.jsonl").split(separator: "\n").count }
}
