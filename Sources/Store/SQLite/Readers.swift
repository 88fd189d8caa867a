import Core

/// A few read-only connections, a thread each. Every closure sees one snapshot, whatever the writer does meanwhile.
final class Readers: Sendable {
    private struct ReadJob: Sendable {
        var perform: @Sendable (SQLiteReads, (any Error)?) -> Void
    }
    private let mailbox = Mailbox<ReadJob>()
    private let ends: [Latch]
    private let health: Health

    init(path: String, count: Int, ring: KeyRing, health: Health) throws {
        self.health = health
        let connections = try (0..<max(1, count)).map { _ in try Self.connection(to: path) }
        ends = connections.map { _ in Latch() }
        for (connection, end) in zip(connections, ends) {
            try startThread { [mailbox, health] in
                Self.serve(mailbox, SQLiteReads(connection, ring), health)
                connection.close()
                end.open()
            }
        }
    }

    deinit { mailbox.close() }

    static func connection(to path: String) throws -> Connection {
        let connection = try Connection(path: path, access: .read)
        try connection.apply(Pragma.ofReader)
        try connection.verify(Pragma.ofReader)
        return connection
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Result) async throws -> Result {
        if let failure = health.failure { throw failure }
        return try await withCheckedThrowingContinuation { continuation in
            let taken = mailbox.push(
                ReadJob { reads, error in
                    if let error {
                        continuation.resume(throwing: error)
                        return
                    }
                    continuation.resume(with: Swift.Result { try body(reads) })
                })
            if !taken { continuation.resume(throwing: StoreError.closed) }
        }
    }

    /// Serves what is queued, then ends the threads and their connections.
    func close() async {
        mailbox.close()
        for end in ends { await end.wait() }
    }

    private static func serve(_ mailbox: Mailbox<ReadJob>, _ reads: SQLiteReads, _ health: Health) {
        while let job = mailbox.take(atMost: 1).first {
            reads.db.clearFault()
            do {
                try reads.db.run(SQL.beginRead)
                job.perform(reads, nil)
            } catch {
                job.perform(reads, error)
            }
            if reads.db.isInTransaction {
                do { try reads.db.run(SQL.rollback) } catch { health.fail(error as? StoreError ?? .broken("\(error)")) }
            }
            if let fault = reads.db.fault { health.fail(fault) }
        }
    }
}
