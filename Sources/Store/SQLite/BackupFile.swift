import Core
import Glibc

/// Where a backup is written: beside its name until it is whole and on the disk, then under it. Whoever finds the name finds a whole backup, and an end in
/// the middle leaves none: the part that is left over is written over by the next.
final class BackupFile {
    private let target: String
    private let isReplacing: Bool
    private let file: Int32
    private var part: String { target + ".part" }

    /// Throws `.unusable` when the name is taken, or another process writes a backup there.
    init(_ target: String, replacing: Bool) throws {
        (self.target, isReplacing) = (target, replacing)
        guard replacing || access(target, F_OK) != 0 else { throw StoreError.unusable("\(target) is there already") }
        file = try Self.take(target + ".part")
        for ending in ["-wal", "-shm", "-journal"] { unlink(target + ".part" + ending) }
    }

    /// The lock is of the file, not of its name: a part that became a backup before the lock was had is left alone.
    private static func take(_ path: String) throws -> Int32 {
        while true {
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard file >= 0 else { throw StoreDirectory.refusal(path, "cannot be made") }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                let refusal =
                    errno == EWOULDBLOCK
                    ? StoreError.unusable("another backup is being written to \(path)") : StoreDirectory.refusal(path, "cannot be locked")
                close(file)
                throw refusal
            }
            var (own, named) = (stat(), stat())
            if fstat(file, &own) == 0, lstat(path, &named) == 0, own.st_ino == named.st_ino {
                guard own.st_nlink == 1 else {
                    // An end between two steps: it is a backup, and has this second name left.
                    unlink(path)
                    close(file)
                    continue
                }
                if fchmod(file, 0o600) == 0, ftruncate(file, 0) == 0 { return file }
                let refusal = StoreDirectory.refusal(path, "cannot be made")
                close(file)
                throw refusal
            }
            close(file)
        }
    }

    /// Copies every page of the snapshot that `source` is in.
    ///
    /// - Parameter progress: pages that are copied, and all there are.
    func fill(from source: Connection, _ progress: (_ done: Int, _ of: Int) throws -> Void) throws {
        let copy = try Connection(path: part, access: .write)
        defer { copy.close() }
        try copy.apply(Pragma.ofCopy)
        try copy.verify(Pragma.ofCopy)
        try source.copy(to: copy, progress)
        // A file of its own: with the mode of the source it could only be read where a log may be made beside it.
        try copy.script(Self.ownFile)
    }
    private static let ownFile = Query("PRAGMA journal_mode=DELETE")

    /// Returns its size. Its bytes are on the disk before its name is, and its name before anybody hears of it.
    func finish() throws -> Int64 {
        var status = stat()
        guard fstat(file, &status) == 0, fsync(file) == 0 else { throw StoreDirectory.refusal(part, "cannot be flushed") }
        guard try put() else { throw StoreError.unusable("\(target) is there already") }
        try flushDirectory(of: target)
        close(file)
        return Int64(status.st_size)
    }

    /// False when somebody else has taken the name.
    private func put() throws -> Bool {
        if !isReplacing {
            if link(part, target) == 0 {
                unlink(part)
                return true
            }
            if errno == EEXIST { return false }
            // A file system without second names: there a moment lies between the question and the answer.
            guard access(target, F_OK) != 0 else { return false }
        }
        guard rename(part, target) == 0 else { throw StoreDirectory.refusal(target, "cannot be made") }
        return true
    }

    func abandon() {
        for ending in ["", "-wal", "-shm", "-journal"] { unlink(part + ending) }
        close(file)
    }
}

/// A name outlives a power cut only when its directory was flushed.
func flushDirectory(of path: String) throws {
    let name = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw StoreDirectory.refusal(name, "cannot be opened") }
    defer { close(directory) }
    guard fsync(directory) == 0 else { throw StoreDirectory.refusal(name, "cannot be flushed") }
}
