import CSQLite
import Core

/// Numbered steps, each in one transaction with the number it leads to. A step that was released is never changed.
enum Migrations {
    struct Step {
        var script: Query
        var number: Query
        init(_ script: Query, _ number: StaticString) { (self.script, self.number) = (script, Query(number)) }
    }
    static let steps = [
        Step(Schema.version1, "PRAGMA user_version = 1"), Step(Schema.version2, "PRAGMA user_version = 2"),
        Step(Schema.version3, "PRAGMA user_version = 3"), Step(Schema.version4, "PRAGMA user_version = 4"),
        Step(Schema.version5, "PRAGMA user_version = 5"), Step(Schema.version6, "PRAGMA user_version = 6"),
    ]
    private static let begin = Query("BEGIN IMMEDIATE")
    private static let commit = Query("COMMIT")
    private static let rollback = Query("ROLLBACK")
    private static let readVersion = Query("PRAGMA user_version")
    private static let readApplication = Query("PRAGMA application_id")
    private static let countTables = Query("SELECT count(*) FROM sqlite_schema")
    /// `Clr2` in the file's header: a database of another program, or of one before the first version, is not touched.
    private static let mark = Query("PRAGMA application_id = 1131180594")

    /// Of versions before 0.1.0.
    private static let former: Set<Int64> = [1_131_176_306, 1_131_180_593]

    static func version(of connection: Connection) throws -> Int { Int(try connection.first(readVersion) { $0.int(0) } ?? 0) }

    /// Refuses what is no store of ours, or one of a newer program.
    static func check(_ connection: Connection, mayBeEmpty: Bool) throws {
        let (application, version, tables) = (
            try connection.first(readApplication) { $0.int(0) }, try version(of: connection),
            try connection.first(countTables) { $0.int(0) }
        )
        if mayBeEmpty, version == 0, tables == 0 { return }
        guard application.map({ !former.contains($0) }) ?? true else {
            throw StoreError.unusable("the store is of a version before 0.1.0, which had other tables: begin a new one")
        }
        guard application == 1_131_180_594, version > 0 else { throw StoreError.unusable("the file is no store of Clarion") }
        guard version <= steps.count else {
            throw StoreError.unusable("the store has version \(version), this program knows \(steps.count): use the newer program")
        }
    }

    /// Brings the file to the last of `steps`. A new one goes all of them in one transaction, at the end of which `first` runs.
    static func run(_ connection: Connection, steps: [Step] = steps, first: () throws -> Void) throws {
        try check(connection, mayBeEmpty: true)
        let from = try version(of: connection)
        guard from > 0 else {
            return try inTransaction(connection) {
                for step in steps { try connection.script(step.script) }
                try connection.script(mark)
                try first()
                if let last = steps.last { try connection.script(last.number) }
            }
        }
        for step in steps.dropFirst(from) {
            try inTransaction(connection) {
                try connection.script(step.script)
                try connection.script(step.number)
            }
        }
    }

    private static func inTransaction(_ connection: Connection, _ work: () throws -> Void) throws {
        try connection.script(begin)
        do {
            try work()
            #if DEBUG
                CrashPoint.pass(.insideMigration)
            #endif
            try connection.script(commit)
        } catch {
            if connection.isInTransaction { try connection.script(rollback) }
            throw error
        }
    }
}
