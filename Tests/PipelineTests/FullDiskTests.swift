import App
import Core
import Pipeline
import Sandbox
import Store
import Synchronization
import Testing
import Transport

/// A disk that has no room when the outcome of an attempt comes back.
@Suite struct FullDiskTests {
    @Test("a stop whose time is over does not wait for space; the next start settles what came back", .timeLimit(.minutes(1)))
    func stop() async throws {
        try await withWorld([gateway]) { world in
            let store = CrampedStore(world.runtime.store)
            let engine = Engine(
                configuration: world.configuration, templates: world.runtime.templates, store: store, transport: world.runtime.transport,
                clock: world.clock, zones: SystemZones(), flown: .absent(bootID: "here"), recorder: nil)
            _ = try await engine.intake.accept([Intake.Raw(Sample().detected().bytes)], from: .queue("test"))

            let changes = world.ledger.changes()
            let (ends, end) = AsyncStream<String>.makeStream()
            let running = Task {
                do {
                    try await engine.run()
                    end.yield("in order")
                } catch { end.yield("\(error)") }
                end.finish()
            }
            for await _ in changes where world.ledger.count > 0 { break }
            // The outcome is back, and meets no room.
            for await _ in store.refusals { break }
            running.cancel()
            await engine.giveUp()
            let ended = await ends.first { _ in true }
            #expect(ended == StoreError.full.description, "the process can end, and says why")
            store.makeRoom()
            #expect(try await world.read { try $0.openIntents().count } == 1)

            let (next, settled) = try await world.restarted()
            #expect(settled.ambiguous + settled.repeated > 0)
            try await next.engine.settle()
            #expect(try await next.delivery("WD1", .sms).state == .sent)
            #expect(world.ledger.count == 1, "told once")
            try await next.runtime.close()
        }
    }
}

/// Has no room from the first intent on.
private final class CrampedStore: Store {
    private let inner: SQLiteStore
    private let isFull = Atomic(false)
    private let hasRoom = Atomic(false)
    /// Yields for each write that was refused.
    let refusals: AsyncStream<Void>
    private let refused: AsyncStream<Void>.Continuation

    init(_ inner: SQLiteStore) {
        self.inner = inner
        (refusals, refused) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func makeRoom() { hasRoom.store(true, ordering: .sequentiallyConsistent) }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriter) throws -> Result) async throws -> Result {
        guard !isFull.load(ordering: .sequentiallyConsistent) || hasRoom.load(ordering: .sequentiallyConsistent) else {
            refused.yield()
            throw StoreError.full
        }
        let result = try await inner.write(body)
        if try await inner.read({ try !$0.openIntents().isEmpty }) { isFull.store(true, ordering: .sequentiallyConsistent) }
        return result
    }
    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Result) async throws -> Result {
        try await inner.read(body)
    }
    func close() async throws { try await inner.close() }
}
