import Core
import Glibc
public import Store

/// A store that keeps nothing: everything in memory, one caller after the other. It does what every store must (the conformance suite), and is
/// for tests that need many of them.
///
/// `@unchecked Sendable`: the tables are touched under the lock alone.
public final class MemoryStore: Store, @unchecked Sendable {
    private let tables: MemoryTables
    private let lock = Lock()
    private var isClosed = false

    public init(seed: UInt64 = 1) { tables = MemoryTables(seed: seed) }

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
