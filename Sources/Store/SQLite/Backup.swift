public import Core

/// What a backup holds.
public struct BackupFacts: Sendable, Equatable {
    /// Of the log.
    public var rows: Int64
    /// When its last row was written; nil: it has none.
    public var lastAt: Timestamp?
    /// How far it is signed, and by which checkpoint; 0: by none.
    public var signedThrough, checkpoint: Int64
    /// Of the tables.
    public var version: Int
    public var bytes: Int64 = 0

    init(of reads: SQLiteReads) throws {
        let last = try reads.lastCheckpoint()
        (rows, lastAt) = (try reads.lastLogSeq(), try reads.lastLogTime())
        (signedThrough, checkpoint) = (last?.seq ?? 0, last?.number ?? 0)
        version = try Migrations.version(of: reads.db)
    }
}

extension SQLiteAudit {
    /// Copies the store into one file, as it is at this moment, while another process may write: page by page out of one snapshot, in memory that does not
    /// grow. Nobody waits for it; only the write-ahead log cannot begin anew before it is done, so it grows by what is written meanwhile.
    ///
    /// The copy holds what a restore is checked by: its version, the log with its chain, checkpoints and the mark of its end. Of the keys it holds none.
    ///
    /// - Parameter progress: pages that are copied, and all there are.
    /// - Throws: `.unusable` when the name is taken and is not to be replaced, or cannot be written; `.full`.
    public func backup(
        to target: String, replacing: Bool, progress: @escaping @Sendable (_ done: Int, _ of: Int) throws -> Void = { _, _ in }
    ) async throws -> BackupFacts {
        try await read { reader in
            guard let reads = reader as? SQLiteReads else { throw StoreError.closed }
            let file = try BackupFile(target, replacing: replacing)
            do {
                // The first look begins the snapshot that the pages come from.
                var facts = try BackupFacts(of: reads)
                try file.fill(from: reads.db, progress)
                facts.bytes = try file.finish()
                return facts
            } catch {
                file.abandon()
                throw error
            }
        }
    }
}
