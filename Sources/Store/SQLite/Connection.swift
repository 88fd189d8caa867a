import CSQLite

/// One SQLite connection with its prepared statements.
///
/// `@unchecked Sendable`: it is opened by one thread and then handed for good to the writer's or a reader's thread; only that thread
/// touches the handle and the statements after the hand-over.
final class Connection: @unchecked Sendable {
    enum Access { case write, read }

    private let handle: OpaquePointer
    /// By their query's index.
    private var statements: [OpaquePointer?] = []
    private let values = BoundValues()
    /// The last `full` or `broken` a statement met, so that a closure which swallows the error cannot hide it.
    private(set) var fault: StoreError?
    private var isClosed = false
    private var wish: @Sendable () -> Bool = { true }

    /// Refused once SQLite is in use, by others in this process: then it just costs more.
    private static let isConfigured = clarion_configure() == SQLITE_OK

    /// Milliseconds.
    private static let patience: Int32 = 5000

    init(path: String, access: Access) throws {
        _ = Self.isConfigured
        var opened: OpaquePointer?
        let mode = access == .write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY
        let code = sqlite3_open_v2(path, &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE, nil)
        guard let opened else { throw StoreError.broken("SQLite has no memory for a connection") }
        handle = opened
        guard code == SQLITE_OK else {
            let words = Self.words(code)
            sqlite3_close_v2(opened)
            throw StoreError.unusable("\(path) cannot be opened: \(words)")
        }
        sqlite3_busy_timeout(opened, Self.patience)
        guard clarion_harden(opened) == SQLITE_OK else {
            sqlite3_close_v2(opened)
            throw StoreError.unsafeSetting(name: "defensive", expected: "1", found: "refused")
        }
    }

    deinit { close() }

    /// By the owning thread, when it will not use the connection again.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        for statement in statements { sqlite3_finalize(statement) }
        statements = []
        sqlite3_close_v2(handle)
    }

    // MARK: Running

    typealias Bind = (inout Binder) throws -> Void

    /// Runs a statement that returns no row. Returns how many rows it changed.
    @discardableResult
    func run(_ query: Query, _ bind: Bind = { _ in }) throws -> Int {
        let mark = values.mark
        defer { values.clear(to: mark) }
        let statement = try bound(query, bind)
        defer { sqlite3_reset(statement) }
        while try step(statement) {}
        return Int(sqlite3_changes(handle))
    }

    func first<Value>(_ query: Query, _ bind: Bind = { _ in }, read: (Row) throws -> Value) throws -> Value? {
        let mark = values.mark
        defer { values.clear(to: mark) }
        let statement = try bound(query, bind)
        defer { sqlite3_reset(statement) }
        return try step(statement) ? try read(Row(statement: statement)) : nil
    }

    func all<Value>(_ query: Query, _ bind: Bind = { _ in }, read: (Row) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        try forEach(query, bind) { values.append(try read($0)) }
        return values
    }

    func forEach(_ query: Query, _ bind: Bind = { _ in }, read: (Row) throws -> Void) throws {
        let mark = values.mark
        defer { values.clear(to: mark) }
        let statement = try bound(query, bind)
        defer { sqlite3_reset(statement) }
        while try step(statement) { try read(Row(statement: statement)) }
    }

    /// Several statements without values: migrations and settings.
    func script(_ query: Query) throws {
        let code = sqlite3_exec(handle, query.text, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(handle) }
    /// False when SQLite itself has rolled the transaction back, as it does after some failures.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }
    func clearFault() { fault = nil }

    /// Asks from time to time whether a long statement is still wanted; false ends it with an error. Once, by the owning thread.
    func goesOn(while isWanted: @escaping @Sendable () -> Bool) {
        wish = isWanted
        sqlite3_progress_handler(
            handle, 100_000,
            { context in Unmanaged<Connection>.fromOpaque(context!).takeUnretainedValue().wish() ? 0 : 1 },
            Unmanaged.passUnretained(self).toOpaque())
    }

    // MARK: Copying

    /// Copies every page to another connection's database, all from the snapshot of the transaction that this one is in.
    ///
    /// - Parameter progress: pages that are copied, and all there are; what it throws ends the copying.
    func copy(to other: Connection, _ progress: (_ done: Int, _ of: Int) throws -> Void) throws {
        precondition(isInTransaction, "without a snapshot a busy writer would have it begin again and again")
        guard let copying = sqlite3_backup_init(other.handle, "main", handle, "main") else {
            throw other.failure(sqlite3_errcode(other.handle))
        }
        var code = SQLITE_OK
        do {
            while code == SQLITE_OK {
                code = sqlite3_backup_step(copying, Self.pagesAtOnce)
                let (left, all) = (Int(sqlite3_backup_remaining(copying)), Int(sqlite3_backup_pagecount(copying)))
                try progress(all - left, all)
            }
        } catch {
            sqlite3_backup_finish(copying)
            throw error
        }
        let end = sqlite3_backup_finish(copying)
        guard code == SQLITE_DONE, end == SQLITE_OK else { throw other.failure(code == SQLITE_DONE ? end : code) }
    }
    /// One MiB.
    private static let pagesAtOnce: Int32 = 256

    // MARK: Write-ahead log

    /// Copies the log into the file as far as readers allow. Returns the frames in the log and how many are copied.
    ///
    /// - Parameters:
    ///   - truncate: and empties the log, which readers may not need any more.
    ///   - waits: up to 5 s for such readers.
    func checkpoint(truncate: Bool, waits: Bool = true) throws -> (frames: Int, copied: Int) {
        sqlite3_busy_timeout(handle, waits ? Self.patience : 0)
        defer { sqlite3_busy_timeout(handle, Self.patience) }
        var frames: Int32 = 0
        var copied: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(
            handle, nil, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, &frames, &copied)
        // Busy: a reader holds the log; the next try gets further. Full: every committed row is safe in the log.
        guard [SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL].contains(code & 0xFF) else { throw failure(code) }
        return (max(0, Int(frames)), max(0, Int(copied)))
    }

    /// Has SQLite write the number of pages in the log to `counter` after each commit; this also switches its own checkpoints off.
    func countLogPages(into counter: UnsafeMutablePointer<Int32>) {
        sqlite3_wal_hook(
            handle,
            { counter, _, _, pages in
                counter?.assumingMemoryBound(to: Int32.self).pointee = pages
                return SQLITE_OK
            }, counter)
    }

    // MARK: Statements

    private func prepared(_ query: Query) throws -> OpaquePointer {
        if query.index < statements.count, let known = statements[query.index] {
            precondition(sqlite3_stmt_busy(known) == 0, "a statement is used again while its rows are read")
            return known
        }
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, query.text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code) }
        while statements.count <= query.index { statements.append(nil) }
        statements[query.index] = statement
        return statement
    }

    /// With every `?` bound: those that are not would keep the value of the last run.
    private func bound(_ query: Query, _ bind: Bind) throws -> OpaquePointer {
        let statement = try prepared(query)
        var binder = Binder(statement, values)
        try bind(&binder)
        guard binder.code == SQLITE_OK else { throw failure(binder.code) }
        precondition(binder.count == sqlite3_bind_parameter_count(statement), "not every value of a statement is given")
        return statement
    }

    /// Forgets the values last bound: they may be an address. Once for each group of transactions.
    func forgetValues() {
        if values.isOverfull { for statement in statements { if let statement { sqlite3_clear_bindings(statement) } } }
        values.wipe()
    }

    private func step(_ statement: OpaquePointer) throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    // MARK: Failures

    /// A broken rule of the schema concerns one closure; a full disk one group; everything else the whole process.
    private func failure(_ code: Int32) -> StoreError {
        switch code & 0xFF {
        case SQLITE_CONSTRAINT: return .integrity(String(cString: sqlite3_errmsg(handle)))
        case SQLITE_FULL:
            fault = .full
            return .full
        case SQLITE_NOTADB:
            fault = .broken("the file is no database")
            return .unusable("the file is no database")
        default:
            let broken = StoreError.broken("\(Self.words(code)): \(String(cString: sqlite3_errmsg(handle)))")
            fault = broken
            return broken
        }
    }
    private static func words(_ code: Int32) -> String { "SQLite error \(code), \(String(cString: sqlite3_errstr(code)))" }
}
