import Core
import Glibc
import Proof
import Synchronization

/// The checkpoints outside of the database: `CHAIN.ndjson` in a directory of their own, one line each, in the order of the store, flushed. It is only
/// ever appended to. A file that says otherwise than the store is left as it is, for it is evidence, and a new one beside it is begun: `CHAIN.2.ndjson`.
public struct CheckpointFiles: Sendable {
    public let directory: String
    private let stem: String

    public init(directory: String, chain: String) { (self.directory, stem) = (directory, String(chain.prefix(16))) }

    func path(_ n: Int) -> String { "\(directory)/\(stem)\(n == 1 ? "" : ".\(n)").ndjson" }

    /// All there are, the oldest first.
    public var paths: [String] {
        var paths: [String] = []
        while access(path(paths.count + 1), F_OK) == 0 { paths.append(path(paths.count + 1)) }
        return paths
    }
}

/// Writes them, on a thread of its own: whoever writes to the store does not wait for another disk. What is not written yet stands in the store, so
/// nothing is queued, and a start goes on where the last process stopped.
///
/// `@unchecked Sendable`: `reads` and `place` are read and written by its own thread alone, from its start to its end; others wake it and read
/// `trouble`, which has a lock.
final class CheckpointFile: @unchecked Sendable {
    private let reads: SQLiteReads
    private let directory: String
    private let wakes = Mailbox<Void>()
    private let ended = Latch()
    private let trouble = Mutex<String?>(nil)
    /// The file that is written, its last number, and how many bytes of the next line stand in it already.
    private var place: (file: Int32, number: Int64, begun: Int)?

    init(_ reads: SQLiteReads, directory: String) throws {
        (self.reads, self.directory) = (reads, directory)
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw Self.refusal(directory, "cannot be made") }
        guard access(directory, W_OK | X_OK) == 0 else { throw Self.refusal(directory, "cannot be written to") }
        try startThread { [self] in
            run()
            ended.open()
        }
        wake()
    }

    private func run() {
        while !wakes.take(atMost: .max).isEmpty { goOn() }
        if let place { close(place.file) }
        reads.db.close()
    }

    /// There may be new checkpoints.
    func wake() { if wakes.count == 0 { _ = wakes.push(()) } }
    /// Writes what is there, and ends.
    func finish() async {
        _ = wakes.push(())
        wakes.close()
        await ended.wait()
    }
    /// Without waiting.
    func abandon() { wakes.close() }
    /// Why it cannot write; nil: it can. It tries again with the next checkpoint.
    var problem: String? { trouble.withLock { $0 } }

    private func goOn() {
        do {
            try reads.db.run(SQL.beginRead)
            defer { endRead() }
            // Of a store that may be a copy, or from a backup, nobody knows yet which history is the right one.
            guard try reads.meta(Fence.key) == nil else { return }
            if place == nil { place = try find() }
            while try append() {}
            trouble.withLock { $0 = nil }
        } catch {
            if let place { close(place.file) }
            place = nil
            trouble.withLock { $0 = "\(error)" }
        }
    }

    private func endRead() {
        guard reads.db.isInTransaction else { return }
        do { try reads.db.run(SQL.rollback) } catch { trouble.withLock { $0 = "\(error)" } }
    }

    /// Returns whether there may be more.
    private func append() throws -> Bool {
        guard var here = place else { return false }
        let new = try reads.checkpoints(after: here.number, limit: 64)
        guard let last = new.last else { return false }
        var bytes: [UInt8] = []
        for checkpoint in new { bytes += checkpoint.line + [0x0A] }
        try Self.write(bytes[here.begun...], to: here.file)
        guard fdatasync(here.file) == 0 else { throw Self.failure("cannot be flushed") }
        (here.number, here.begun) = (last.number, 0)
        place = here
        return true
    }

    /// The newest file when it agrees with the store, else a new one.
    private func find() throws -> (file: Int32, number: Int64, begun: Int) {
        let files = CheckpointFiles(directory: directory, chain: try reads.chainName())
        let count = files.paths.count
        if count > 0 {
            let file = open(files.path(count), O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else { throw Self.refusal(files.path(count), "cannot be opened") }
            do {
                if let (number, begun) = try agreement(file) { return (file, number, begun) }
            } catch {
                close(file)
                throw error
            }
            close(file)
        }
        let path = files.path(count + 1)
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Self.refusal(path, "cannot be made") }
        let parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if parent >= 0 { close(parent) } }
        guard parent >= 0, fsync(parent) == 0 else {
            let refusal = Self.refusal(directory, "cannot be flushed")
            close(file)
            throw refusal
        }
        return (file, 0, 0)
    }

    /// The last number in a file that holds the store's lines and no others, and how much of the next line: a power cut leaves the part of one.
    private func agreement(_ file: Int32) throws -> (Int64, Int)? {
        var tail = try Self.end(of: file)
        var begun = 0
        if let last = tail.lastIndex(of: 0x0A) {
            begun = tail.count - last - 1
        } else {
            begun = tail.count
        }
        let part = Array(tail.suffix(begun))
        tail.removeLast(begun)
        var number: Int64 = 0
        if let last = tail.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false).last {
            guard let signed = SignedCheckpoint(line: Array(last)) else { return nil }
            number = signed.checkpoint.number
            guard try reads.checkpoints(after: number - 1, limit: 1).first?.line == Array(last) else { return nil }
        }
        guard begun > 0 else { return (number, 0) }
        guard let next = try reads.checkpoints(after: number, limit: 1).first, (next.line + [0x0A]).starts(with: part) else { return nil }
        return (number, begun)
    }

    /// The last two lines at least: none is longer than 2 KiB.
    private static func end(of file: Int32) throws -> [UInt8] {
        let size = lseek(file, 0, SEEK_END)
        guard size >= 0 else { throw failure("cannot be read") }
        var bytes = [UInt8](repeating: 0, count: min(Int(size), 8192))
        let count = pread(file, &bytes, bytes.count, size - off_t(bytes.count))
        guard count == bytes.count else { throw failure("cannot be read") }
        return bytes
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to file: Int32) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("cannot be written") }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ words: String) -> StoreError {
        .unusable("the file of checkpoints \(words): \(String(cString: strerror(errno)))")
    }
    private static func refusal(_ path: String, _ words: String) -> StoreError {
        .unusable("\(path) \(words): \(String(cString: strerror(errno)))")
    }
}
