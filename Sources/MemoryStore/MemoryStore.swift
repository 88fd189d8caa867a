public import Core
import Glibc
public import Store

/// A store that keeps nothing: everything in memory, one caller after the other. It does what every store must (the conformance suite), and is
/// for dry runs, and for tests that need many of them.
///
/// `@unchecked Sendable`: the tables are touched under the lock alone.
public final class MemoryStore: Store, @unchecked Sendable {
    private let tables: MemoryTables
    private let lock = Lock()
    private var isClosed = false

    /// - Parameter keepsLog: false: of the log there are the moments of its last rows, and nothing else.
    public init(seed: UInt64 = 1, keepsLog: Bool = true) { tables = MemoryTables(seed: seed, keepsLog: keepsLog) }

    public func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriter) throws -> Result) async throws -> Result {
        try lock.locked {
            guard !isClosed else { throw StoreError.closed }
            defer { tables.commit() }
            return try tables.isolated(body)
        }
    }

    public func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Result) async throws -> Result {
        try lock.locked {
            guard !isClosed else { throw StoreError.closed }
            return try body(tables)
        }
    }

    /// Whether nothing of the order waits or is due.
    public func isSettled(_ order: OrderNumber) -> Bool { lock.locked { tables.isSettled(order) } }

    /// A last look at an order, of which nothing is kept then but what others are counted with.
    public func take<Result>(_ order: OrderNumber, _ body: (any StoreReader) throws -> Result) throws -> Result {
        try lock.locked {
            guard !isClosed else { throw StoreError.closed }
            defer { tables.commit() }
            let result = try body(tables)
            tables.forget(order)
            return result
        }
    }

    public func close() async throws { lock.locked { isClosed = true } }
}

/// Held for the length of a closure that waits for nobody.
private final class Lock: Sendable {
    private nonisolated(unsafe) let mutex: UnsafeMutablePointer<pthread_mutex_t>
    init() {
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }
    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }
    func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }
}
