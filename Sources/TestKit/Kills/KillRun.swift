/// `kill -9` at moments that a seed draws, under load, in the end a drain: then nothing is lost, nothing is told twice, what had not begun to
/// leave goes again, what was answered is recorded, and what nobody can know is listed. The checker says whether it is so.
public enum KillRun {
    /// Leaves in the world's directory what the checker reads.
    ///
    /// - Parameter isHeldTried: in the end a worker is looked at after the same load twice; this takes a minute.
    /// - Returns: what the kills left open, in words.
    public static func run(kills: Int, seed: UInt64, in world: KillWorld, isHeldTried: Bool = false) async throws -> String {
        try await world.slowDown(milliseconds: 20)
        let load = KillLoad()
        var chance = SeededChance(state: seed)
        var witness = KillWitness(of: world.run)
        let ledger = try await LedgerTail(of: world.run)
        for round in 1...kills {
            try await self.round(round, world, load, ledger, &chance)
            try await witness.look()
        }
        if isHeldTried { try await world.holdNothing(load) }
        // The last process takes what is still open, and is killed too: the drain has something to recover.
        let last = try await world.worker()
        await load.post(to: world.socket, onlyOpen: true)
        last.kill()
        try await witness.look()
        try await world.drain()
        guard load.refused.isEmpty, load.open == 0 else { throw ChildProblem("events without an answer: \(load.open); \(load.refused)") }
        try load.write(to: world.run)
        return witness.summary
    }

    /// One worker, from its start to its kill: after so many answers to producers, or so many rows in the providers' ledger.
    private static func round(
        _ round: Int, _ world: KillWorld, _ load: KillLoad, _ ledger: LedgerTail, _ chance: inout SeededChance
    ) async throws {
        let worker = try await world.worker(withHTTP: round % 2 == 0)
        if chance.next(below: 2) == 0 {
            let enough = 1 + chance.next(below: 80)
            await load.post(to: world.socket) { if $0 == enough { worker.kill() } }
        } else {
            let more = 1 + chance.next(below: 120)
            async let posting: Void = load.post(to: world.socket)
            await ledger.grew(by: more)
            worker.kill()
            await posting
        }
        worker.kill()
    }
}

/// Follows the ledger: `tail -f` is told by the kernel when it grows.
public final class LedgerTail: Sendable {
    private let tail: ChildProcess
    public init(of run: RunDirectory) async throws {
        tail = try await ChildProcess("/usr/bin/tail", ["-n", "+1", "-f", run.ledger], ready: nil)
    }
    deinit { tail.kill() }

    /// Returns when so many rows are there.
    public func reached(_ count: Int) async { await tail.said(inAll: count) }
    func grew(by count: Int) async { await tail.said(inAll: tail.lines.count + count) }
}

/// splitmix64: the same seed draws the same moments.
public struct SeededChance: RandomNumberGenerator, Sendable {
    public var state: UInt64
    public init(state: UInt64) { self.state = state }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
    public mutating func next(below limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
