public import Core
import Store

extension Desk {
    /// Writes down that a copy of the whole store is about to be taken, by whom and why; and signs the log up to that row, so that the copy is signed to its
    /// end.
    ///
    /// - Parameter name: of the file, without where it is.
    public func backup(to name: String, who: String, reason: String) async throws -> Answer {
        let now = clock.now()
        let command = "db backup \(CardRule.cut(name))"
        try await store.write { try $0.append(LogEntry(.operator, at: now, body: Self.body(command, who: who, reason: reason))) }
        try await Signing.sign(store, at: clock)
        return .done(command)
    }

    /// What the row of a restore says, which is the first that the restored store writes.
    public static func restored(from name: String, rows: Int64, missing: Int64, who: String, reason: String) -> JSON {
        let words = body("db restore \(CardRule.cut(name))", who: who, reason: reason).object ?? []
        return .object(words + [("rows", .integer(rows)), ("missing", .integer(missing))])
    }
}
