import Core
import FoundationEssentials
import Sandbox
import Store
import TestKit
import Testing

@testable import App

/// The claim of the delivery log, tried: `kill -9` at moments that a seed draws, under load, and then nothing is lost, nothing is told twice,
/// and what nobody can know is listed. `CLARION_KILLS` sets how many, `CLARION_KILL_SEED` repeats a run.
@Suite(.serialized) struct KillTests {
    private static let environment = ProcessInfo.processInfo.environment
    fileprivate static let kills = environment["CLARION_KILLS"].flatMap { Int($0) } ?? 8
    private static let seed = environment["CLARION_KILL_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)

    @Test("killed at any moment", .timeLimit(.minutes(2 + KillTests.kills / 4))) func killed() async throws {
        print("kill test: \(Self.kills) kills, CLARION_KILL_SEED=\(Self.seed)")
        let world = try await KillWorld()
        try await world.slowDown(milliseconds: 20)
        let load = KillLoad()
        var chance = KillChance(state: Self.seed)
        for round in 1...Self.kills { try await Self.round(round, world, load, &chance) }

        // The last process takes what is still open, and is killed too: the drain has something to recover.
        let last = try await world.worker(withHTTP: false)
        await load.post(to: world.socket, onlyOpen: true)
        last.kill()
        let drained = try await world.drain()
        #expect(drained.status == 0, "\(drained.text)")
        #expect(load.refused.isEmpty && load.open == 0)

        let store = try world.openStore()
        let facts = try await KillFacts.gather(from: store, ids: load.acknowledged)
        try await store.close()
        print("kill test: \(load.acknowledged.count) events, \(facts.deliveries.count) deliveries, \(facts.summary)")
        try check(facts, acknowledged: load.acknowledged, ledger: world.ledger())
    }

    /// One worker, from its start to its kill: after so many answers to producers, or so many rows in the providers' ledger.
    private static func round(_ round: Int, _ world: KillWorld, _ load: KillLoad, _ chance: inout KillChance) async throws {
        let worker = try await world.worker(withHTTP: round % 2 == 0)
        if chance.next(below: 2) == 0 {
            let enough = 1 + chance.next(below: 80)
            await load.post(to: world.socket) { if $0 == enough { worker.kill() } }
        } else {
            let rows = try world.ledgerCount() + 1 + chance.next(below: 120)
            let tail = try await world.followLedger()
            async let posting: Void = load.post(to: world.socket)
            await tail.said(lines: rows)
            worker.kill()
            await posting
            tail.kill()
        }
        worker.kill()
    }

    private func check(_ facts: KillFacts, acknowledged: Set<String>, ledger: [Row]) throws {
        // Accepted is kept.
        #expect(acknowledged.isSubset(of: facts.events), "lost: \(acknowledged.subtracting(facts.events).sorted())")
        #expect(facts.events == acknowledged)
        // The accounting law, exactly.
        let sums = facts.accounting
        let suppressed = sums.suppressed.values.reduce(0, +)
        #expect(sums.accepted == facts.events.count && sums.pending == 0)
        #expect(sums.accepted == sums.planned + suppressed + sums.stale + sums.recorded + sums.pending)
        // Nothing is half done, and the chain holds.
        let halfDone = facts.deliveries.filter { !$0.state.isFinal && $0.state != .ambiguous }
        #expect(halfDone.isEmpty, "\(halfDone.map { ($0.id, $0.attempts.map { "\($0.state) \($0.detail)" }) }); \(facts.summary)")
        #expect(facts.openIntents == 0)
        #expect(facts.chainBreak == nil)
        #expect(facts.deliveries.count > acknowledged.count, "there was something to lose: \(facts.summary)")
        for delivery in facts.deliveries { checkAttempts(of: delivery) }
        // Each provider's own record against the store.
        let rows = Dictionary(grouping: ledger) { $0.channel }
        checkKeyed(facts, rows[.sms] ?? [])
        checkCollapsing(facts, rows[.push] ?? [])
        checkBlind(facts, rows[.mail] ?? [])
        #expect(facts.openReviews == facts.deliveries.count { $0.state == .ambiguous }, "every doubtful delivery is on the review list")
    }

    /// An attempt that a kill cut off is listed as ambiguous, until a repeat is accepted; the delivery went on only where a repeat is safe.
    private func checkAttempts(of delivery: KillFacts.Sent) {
        #expect(delivery.attempts.allSatisfy { $0.state != .intent }, "\(delivery.id)")
        if delivery.state == .sent {
            #expect(delivery.attempts.last?.state == .accepted, "\(delivery.id)")
            #expect(!delivery.attempts.contains { $0.state == .ambiguous }, "a question that is answered: \(delivery.id)")
        }
        if delivery.state == .ambiguous {
            #expect(delivery.attempts.last?.state == .ambiguous && (delivery.channel == .mail || delivery.isUnwanted), "\(delivery.id)")
        }
        // A repeat is the same bytes under the same key.
        #expect(Set(delivery.attempts.map(\.digest)).count <= 1 && Set(delivery.attempts.map(\.key)).count <= 1, "\(delivery.id)")
        if delivery.channel == .mail { #expect(delivery.attempts.count <= 1, "a mail is never repeated: \(delivery.id)") }
    }

    /// One row for each delivery that was sent, at most one for each that is in doubt because it was taken back, none for another.
    private func checkKeyed(_ facts: KillFacts, _ rows: [Row]) {
        let told = rows.compactMap(\.key)
        #expect(rows.count == told.count && Set(told).count == told.count, "an SMS was taken twice")
        checkTold(Set(told), on: .sms, facts)
    }

    private func checkTold(_ told: Set<String>, on channel: Channel, _ facts: KillFacts) {
        func keys(_ state: DeliveryState) -> Set<String> {
            Set(facts.deliveries.filter { $0.channel == channel && $0.state == state }.compactMap { $0.attempts.last?.key })
        }
        #expect(keys(.sent).isSubset(of: told), "recorded as sent, not taken")
        #expect(told.subtracting(keys(.sent)).isSubset(of: keys(.ambiguous)), "taken, but neither recorded nor listed")
    }

    /// However often it was accepted, one is on the screen.
    private func checkCollapsing(_ facts: KillFacts, _ rows: [Row]) {
        let covered = Set(rows.compactMap(\.replaces))
        let visible = rows.filter { !covered.contains($0.n) }.compactMap(\.key)
        #expect(Set(visible).count == visible.count, "a device shows a notice twice")
        checkTold(Set(visible), on: .push, facts)
    }

    /// Sent: once in the ledger. Ambiguous: once or not at all, and nothing else is in the ledger.
    private func checkBlind(_ facts: KillFacts, _ rows: [Row]) {
        let mails = facts.deliveries.filter { $0.channel == .mail }
        let taken = rows.map { row in mails.first { row.key?.contains($0.id) ?? false }?.id ?? "unknown: \(row.key ?? "")" }
        #expect(Set(taken).count == taken.count, "a mail was taken twice")
        let sent = Set(mails.filter { $0.state == .sent }.map(\.id)), doubtful = Set(mails.filter { $0.state == .ambiguous }.map(\.id))
        #expect(sent.isSubset(of: taken), "recorded as sent, not taken")
        #expect(Set(taken).subtracting(sent).isSubset(of: doubtful), "taken, but neither recorded nor listed")
    }
}

/// splitmix64: the same seed draws the same moments.
struct KillChance {
    var state: UInt64
    mutating func next(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
    }
}
