import FoundationEssentials
import Store
import TestKit
import Testing

@testable import App

/// The claim of the delivery log, tried: `kill -9` at moments that a seed draws, under load, and then nothing is lost, nothing is told twice,
/// what had not begun to leave goes again, what was answered is recorded, and what nobody can know is listed. `CLARION_KILLS` sets how many,
/// `CLARION_KILL_SEED` repeats a run.
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
        var witness = KillWitness()
        for round in 1...Self.kills {
            try await Self.round(round, world, load, &chance)
            try await witness.look(at: world)
        }

        // The last process takes what is still open, and is killed too: the drain has something to recover.
        let last = try await world.worker(withHTTP: false)
        await load.post(to: world.socket, onlyOpen: true)
        last.kill()
        try await witness.look(at: world)
        let drained = try await world.drain()
        #expect(drained.status == 0, "\(drained.text)")
        #expect(load.refused.isEmpty && load.open == 0)

        let store = try world.openStore()
        let facts = try await KillFacts.gather(from: store, ids: load.acknowledged)
        try await store.close()
        print("kill test: \(load.acknowledged.count) events, \(facts.deliveries.count) deliveries, \(facts.summary); \(witness.summary)")
        witness.check(facts)
        try facts.check(acknowledged: load.acknowledged, ledger: world.ledger())
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
