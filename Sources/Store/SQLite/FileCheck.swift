import Synchronization

/// Looks through the whole file after an unclean stop. A small one before it is used, and any after the machine itself was started anew; a large
/// one after a kill beside the work, since what the kernel holds a kill cannot damage, and minutes of silence would. Damage then ends the
/// process as a failed disk does.
final class FileCheck: Sendable {
    private static let query = Query("PRAGMA quick_check(1)")
    private let isWanted = Atomic<Bool>(true)
    private let isDone = Atomic<Bool>(false)
    private let ended = Latch()

    /// Throws `.broken` with what SQLite says of the first damage.
    static func run(_ connection: Connection) throws {
        let words = try connection.first(query) { $0.text(0) } ?? "no answer"
        guard words == "ok" else { throw StoreError.broken("the file is damaged after an unclean stop: \(words)") }
    }

    /// Beside the work, on a thread and a connection of its own. What it finds fails `health`.
    init(beside path: String, health: Health) throws {
        let connection = try Connection(path: path, access: .read)
        try connection.apply(Pragma.ofReader)
        try startThread { [self] in
            connection.goesOn { [self] in isWanted.load(ordering: .relaxed) }
            do {
                try Self.run(connection)
                isDone.store(true, ordering: .releasing)
            } catch {
                if isWanted.load(ordering: .relaxed) { health.fail(error as? StoreError ?? .broken("\(error)")) }
            }
            connection.close()
            ended.open()
        }
    }

    /// Returns when it has ended by itself.
    func wait() async { await ended.wait() }

    /// Gives up what is not looked at yet. Returns whether it had seen everything.
    func stop() async -> Bool {
        isWanted.store(false, ordering: .relaxed)
        await ended.wait()
        return isDone.load(ordering: .acquiring)
    }
}
