import Core

/// One setting of a connection: how it is set, how it is read back, and what must be read.
struct Pragma {
    var name: String
    var set: Query
    var get: Query
    var expected: String
    init(_ name: String, set: StaticString, get: StaticString, expected: String) {
        (self.name, self.set, self.get, self.expected) = (name, Query(set), Query(get), expected)
    }

    /// FULL: with NORMAL a power cut takes back commits that were acknowledged. `wal_autocheckpoint` is 0 because a checkpoint that
    /// runs on another connection than the writer can lose pages in SQLite before 3.51.3.
    static let ofWriter =
        [
            Pragma("journal_mode", set: "PRAGMA journal_mode=WAL", get: "PRAGMA journal_mode", expected: "wal"),
            PlantedBug.commitsWithoutFlush.isActive
                ? Pragma("synchronous", set: "PRAGMA synchronous=OFF", get: "PRAGMA synchronous", expected: "0")
                : Pragma("synchronous", set: "PRAGMA synchronous=FULL", get: "PRAGMA synchronous", expected: "2"),
            Pragma("foreign_keys", set: "PRAGMA foreign_keys=ON", get: "PRAGMA foreign_keys", expected: "1"),
            Pragma("secure_delete", set: "PRAGMA secure_delete=ON", get: "PRAGMA secure_delete", expected: "1"),
            Pragma("wal_autocheckpoint", set: "PRAGMA wal_autocheckpoint=0", get: "PRAGMA wal_autocheckpoint", expected: "0"),
            Pragma("journal_size_limit", set: "PRAGMA journal_size_limit=67108864", get: "PRAGMA journal_size_limit", expected: "67108864"),
            Pragma("cache_size", set: "PRAGMA cache_size=-8192", get: "PRAGMA cache_size", expected: "-8192"),
        ] + ofAll

    static let ofReader =
        [
            Pragma("query_only", set: "PRAGMA query_only=ON", get: "PRAGMA query_only", expected: "1"),
            Pragma("cache_size", set: "PRAGMA cache_size=-2048", get: "PRAGMA cache_size", expected: "-2048"),
        ] + ofAll

    /// What a backup is written with: it counts only when it is whole and flushed, so nothing of it has to be taken back.
    static let ofCopy =
        [
            Pragma("journal_mode", set: "PRAGMA journal_mode=MEMORY", get: "PRAGMA journal_mode", expected: "memory"),
            Pragma("synchronous", set: "PRAGMA synchronous=OFF", get: "PRAGMA synchronous", expected: "0"),
            Pragma("cache_size", set: "PRAGMA cache_size=-2048", get: "PRAGMA cache_size", expected: "-2048"),
        ] + ofAll

    private static let ofAll = [
        Pragma("trusted_schema", set: "PRAGMA trusted_schema=OFF", get: "PRAGMA trusted_schema", expected: "0"),
        Pragma("cell_size_check", set: "PRAGMA cell_size_check=ON", get: "PRAGMA cell_size_check", expected: "1"),
        Pragma("mmap_size", set: "PRAGMA mmap_size=0", get: "PRAGMA mmap_size", expected: "0"),
        Pragma("temp_store", set: "PRAGMA temp_store=MEMORY", get: "PRAGMA temp_store", expected: "2"),
    ]
}

extension Connection {
    func apply(_ pragmas: [Pragma]) throws {
        for pragma in pragmas { try script(pragma.set) }
    }

    /// What is set is read back: a setting that did not take would cost acknowledged rows at the next power cut.
    func verify(_ pragmas: [Pragma]) throws {
        for pragma in pragmas {
            let found = try first(pragma.get) { $0.text(0) } ?? "nothing"
            guard found == pragma.expected else {
                throw StoreError.unsafeSetting(name: pragma.name, expected: pragma.expected, found: found)
            }
        }
    }
}
