import App
import Core
import MemoryStore
import Pipeline
import Store
import Transport

/// One life of Clarion in a simulated world: the real engine on a store, a network and a clock of the world. When it dies, everything it had in memory
/// is worth nothing: what it still does reaches nobody, and its tasks end.
///
/// `@unchecked Sendable`: on the world's thread alone.
final class Process: @unchecked Sendable {
    let number: Int
    let bootID: String
    let executor = Executor()
    let store: ProcessStore
    let carrier: ProcessCarrier
    let clocks: ProcessClocks
    let clock: any Clock
    let recorder: FlightRecorder?
    let engine: Engine
    /// It has settled what the last one left.
    var isReady = false
    var isDead = false
    /// Nothing to do before somebody wakes it.
    var isIdle = false
    var idleSince = Timestamp(milliseconds: 0)
    /// Then the engine looks again.
    var wake: Timestamp?
    /// Why it stopped by itself.
    var failure: String?

    init(_ number: Int, bootID: String, in world: World, flown: FlightLog) {
        (self.number, self.bootID) = (number, bootID)
        store = ProcessStore(world.tables)
        clocks = ProcessClocks(world)
        clock = world.flaw == .trustsWallClock ? WallClock(machine: clocks) : HybridClock(bootID: bootID, machine: clocks)
        carrier = ProcessCarrier(executor: executor, process: number, world: world)
        recorder = FlightRecorder(slots: 512, bootID: bootID)
        engine = Engine(
            configuration: world.setting.configuration, templates: world.setting.templates, store: store, transport: carrier, clock: clock,
            zones: world.zones, flown: flown, recorder: recorder)
    }

    /// Runs a task of this process.
    func start(_ work: @escaping @Sendable () async -> Void) { Task(executorPreference: executor) { await work() } }

    /// What it has in memory is gone; its tasks are brought to their ends.
    ///
    /// - Parameter unheard: what was done or undone, and nobody will hear of.
    func die(unheard: [ProcessStore.Operation], _ pick: (Int) -> Int) {
        isDead = true
        for operation in unheard { operation.fail(.closed) }
        store.die()
        clocks.die()
        engine.work.notify()
        executor.run(pick)
    }
}

/// The store as one process sees it: what it asks for is done when the world commits.
///
/// `@unchecked Sendable`: on the world's thread alone.
final class ProcessStore: Store, @unchecked Sendable {
    /// A closure that waits for its group.
    struct Operation {
        /// Runs it, and returns how its caller is told.
        var run: (MemoryTables) -> () -> Void
        var fail: (StoreError) -> Void
    }
    private let tables: MemoryTables
    private var isDead = false
    var waiting: [Operation] = []

    init(_ tables: MemoryTables) { self.tables = tables }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriter) throws -> Result) async throws -> Result {
        guard !isDead else { throw StoreError.closed }
        return try await withUnsafeThrowingContinuation { (caller: UnsafeContinuation<Result, any Error>) in
            waiting.append(
                Operation(
                    run: { tables in
                        do {
                            let result = try tables.isolated(body)
                            return { caller.resume(returning: result) }
                        } catch {
                            return { caller.resume(throwing: error) }
                        }
                    }, fail: { caller.resume(throwing: $0) }))
        }
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Result) async throws -> Result {
        guard !isDead else { throw StoreError.closed }
        return try body(tables)
    }

    func close() async throws { die() }

    func die() {
        isDead = true
        let left = waiting
        waiting = []
        for operation in left { operation.fail(.closed) }
    }
}

/// The network as one process sees it.
///
/// `@unchecked Sendable`: on the world's thread alone.
final class ProcessCarrier: Carrier, @unchecked Sendable {
    let executor: (any TaskExecutor)?
    private let process: Int
    private unowned let world: World
    private var handler: (@Sendable ([Completion]) -> Void)?

    init(executor: Executor, process: Int, world: World) { (self.executor, self.process, self.world) = (executor, process, world) }

    func submit(_ batch: [Submission]) -> [Completion] { world.send(batch, of: process) }
    func onCompletions(_ handler: @escaping @Sendable ([Completion]) -> Void) { self.handler = handler }
    /// No account of these worlds fetches credentials.
    func perform(_ call: ProviderCall, on account: String) async -> TransferResult {
        .failure(TransferFailure(cause: .connect, mayHaveBeenSent: false))
    }
    func shutdown(within limit: Duration) async {}

    func complete(_ completion: Completion) { handler?([completion]) }
}
