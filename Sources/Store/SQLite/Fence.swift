import Core
import Glibc
import Proof

/// Whether a store is where it was: a database that was brought back from a backup, or copied, is in the past and would send again.
///
/// Beside the database stands a file with the store's generation and how far its log had come. A database that is behind it, or that stands
/// without it, is fenced: it takes events in and decides, and nothing is sent until a person says what is to become of what waits.
public enum Fence: Sendable, Equatable {
    /// The database is behind the file by so many rows of the log.
    case behind(rows: Int64)
    /// The file is not there, or is of another store: a copy.
    case copied
    /// The file is damaged.
    case unreadable
    /// Another history: a row of the log is not the one the file names.
    case forked
    /// A person has put a backup in its place; so many rows of the log are known to be missing.
    case restored(rows: Int64)

    /// Words for people, and for the store's memory of it.
    public var words: String {
        switch self {
        case .behind(let rows): "the database was brought back from a backup: \(rows) rows of its log are missing"
        case .copied: "the database is a copy, or was moved here without its fence file"
        case .unreadable: "the fence file cannot be read"
        case .forked: "the log is not the one that was written here"
        case .restored(let rows): "the store was restored from a backup: \(rows) rows of its log are known to be missing"
        }
    }

    /// Under this key of the store stands why it is fenced; nothing: it is not.
    public static let key = "fenced"
    static let generationKey = "generation"
}

/// The file beside the database: `GENERATION SEQ HASH`. Written to a new file that takes the old one's place, flushed before.
struct FenceFile: Sendable {
    let path: String

    struct Mark: Equatable {
        var generation: String
        /// Of the last row of the log, and its hash in hex digits.
        var seq: Int64
        var hash: String

        init(generation: String, seq: Int64, hash: String) { (self.generation, self.seq, self.hash) = (generation, seq, hash) }
        init(_ generation: String, _ head: ChainHead) { self.init(generation: generation, seq: head.seq, hash: head.hash.description) }
    }

    enum Found: Equatable {
        case nothing, damaged
        case mark(Mark)
    }

    func read() -> Found {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return errno == ENOENT ? .nothing : .damaged }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count > 0 else { return .damaged }
        let parts = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        guard parts.count == 4, parts[3] == "\n", let seq = Int64(parts[1]) else { return .damaged }
        return .mark(Mark(generation: String(parts[0]), seq: seq, hash: String(parts[2])))
    }

    func write(_ mark: Mark) throws {
        let text = Array("\(mark.generation) \(mark.seq) \(mark.hash) \n".utf8)
        let next = path + ".new"
        let file = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("open") }
        defer { close(file) }
        guard Glibc.write(file, text, text.count) == text.count, fdatasync(file) == 0 else { throw failure("write") }
        guard rename(next, path) == 0 else { throw failure("rename") }
    }

    /// The file's name outlives a power cut only when its directory was flushed. Of later marks the one before does as well.
    func flushName() throws {
        let directory = open(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("open its directory") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("flush its directory") }
    }

    private func failure(_ what: String) -> StoreError {
        errno == ENOSPC || errno == EDQUOT ? .full : .broken("\(path): \(what): \(String(cString: strerror(errno)))")
    }
}

extension SQLiteWrites {
    /// At the start: compares file and database, and remembers what does not fit until a person releases it.
    func checkFence() throws {
        // A new store, or one of a program that knew no fence.
        guard let generation = try meta(Fence.generationKey) else { return try renew() }
        guard try meta(Fence.key) == nil, let fence = try fence(fenceFile.read(), generation) else { return }
        try setMeta(Fence.key, fence.words)
    }

    private func fence(_ found: FenceFile.Found, _ generation: String) throws -> Fence? {
        let mark: FenceFile.Mark
        switch found {
        case .nothing: return .copied
        case .damaged: return .unreadable
        case .mark(let known): mark = known
        }
        guard mark.generation == generation else { return .copied }
        let head = try chainHead()
        guard mark.seq <= head.seq else { return .behind(rows: mark.seq - head.seq) }
        guard mark.seq > 0 else { return nil }
        return try db.first(SQL.logHash, { $0(mark.seq) }, read: { Hex.text($0.blob(0)) }) == mark.hash ? nil : .forked
    }

    /// From now on the store is another one than every copy of it. The file first: a store that names a generation without a file is a copy, and
    /// an end between the two would make one of a store that is just being made.
    private func renew() throws {
        let generation = Hex.text(random.bytes(16))
        try fenceFile.write(FenceFile.Mark(generation, try chainHead()))
        try fenceFile.flushName()
        try setMeta(Fence.generationKey, generation)
    }

    /// How far it has come. Not while it is fenced: then the file is the evidence.
    func mark() throws {
        guard try meta(Fence.key) == nil, let generation = try meta(Fence.generationKey) else { return }
        try fenceFile.write(FenceFile.Mark(generation, try chainHead()))
    }

    func releaseFence() throws -> Bool {
        guard try meta(Fence.key) != nil else { return false }
        try db.run(SQL.deleteMeta) { $0(Fence.key) }
        // Before the commit: when that fails, the store stays fenced.
        try renew()
        return true
    }
}

extension SQL {
    fileprivate static let deleteMeta = Query("DELETE FROM meta WHERE key = ?")
}
