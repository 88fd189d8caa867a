import Core
import Glibc

/// A copy of a backup in the directory of the store, under a name that no start looks at.
struct Staging {
    let path: String
    private(set) var size: Int64 = 0

    /// Throws `.unusable` for a file that is not there, is none, or has a log beside it: then it is no backup, but a part of a database.
    init(copying file: String, to path: String) throws {
        self.path = path
        let source = Glibc.open(file, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw StoreDirectory.refusal(file, "cannot be read") }
        defer { close(source) }
        var (status, log) = (stat(), stat())
        guard fstat(source, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw StoreError.unusable("\(file) is no file") }
        guard stat(file + "-wal", &log) != 0 || log.st_size == 0 else {
            throw StoreError.unusable("\(file) has a write-ahead log beside it: it is a part of a database, and no backup")
        }
        remove()
        do {
            size = try copy(source)
        } catch {
            remove()
            throw error
        }
    }

    private func copy(_ source: Int32) throws -> Int64 {
        let target = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard target >= 0 else { throw StoreDirectory.refusal(path, "cannot be made") }
        defer { close(target) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        var size: Int64 = 0
        while true {
            let count = read(source, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw StoreDirectory.refusal(path, "cannot be filled") }
            guard count > 0 else { return size }
            var done = 0
            while done < count {
                let written = write(target, buffer.baseAddress! + done, count - done)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else {
                    throw errno == ENOSPC || errno == EDQUOT ? StoreError.full : StoreDirectory.refusal(path, "cannot be filled")
                }
                done += written
            }
            size += Int64(count)
        }
    }

    /// As the store's own connection is set.
    func open(_ ring: KeyRing, _ random: any RandomSource, _ fence: FenceFile) throws -> SQLiteWrites {
        let connection = try Connection(path: path, access: .write)
        do {
            try Migrations.check(connection, mayBeEmpty: false)
            try connection.apply(Pragma.ofWriter)
            try connection.verify(Pragma.ofWriter)
            return SQLiteWrites(connection, ring, random, fence)
        } catch {
            connection.close()
            if case .broken(let words) = error as? StoreError { throw StoreError.integrity("the file is damaged: \(words)") }
            throw error
        }
    }

    func flush() throws {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw StoreDirectory.refusal(path, "cannot be opened") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw StoreDirectory.refusal(path, "cannot be flushed") }
    }

    func remove() { for ending in ["", "-wal", "-shm"] { unlink(path + ending) } }

    static func bytes(of path: String) throws -> [UInt8] {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw StoreDirectory.refusal(path, "cannot be opened") }
        defer { close(file) }
        var (all, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
        while true {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw StoreDirectory.refusal(path, "cannot be read") }
            guard count > 0 else { return all }
            all += buffer[..<count]
        }
    }
}

/// The database that a restore puts aside, under a name with the time: nothing of it is changed or lost, and nobody takes it for the store.
struct Former {
    private let place: StoreDirectory
    private let stem: String

    init(_ place: StoreDirectory, at now: Timestamp) {
        self.place = place
        // 2026-12-01T03:30:05.120Z as 20261201T033005Z.
        stem = "\(place.database).before-" + "\(now)".prefix { $0 != "." && $0 != "Z" }.filter { $0 != "-" && $0 != ":" } + "Z"
    }

    /// Returns its path; nil when there is no database. It has both names until the backup takes the first: there is no moment without a store.
    func keep() throws -> String? {
        guard access(place.database, F_OK) == 0 else { return nil }
        emptyLog()
        for n in 1... {
            let path = n == 1 ? stem : "\(stem).\(n)"
            if link(place.database, path) == 0 {
                try move("\(place.database)-wal", to: path + "-wal")
                // How far the open attempts of that database have come says nothing of those of the backup.
                try move("\(place.path)/clarion.flight", to: path + ".flight")
                try flushDirectory(of: path)
                return path
            }
            guard errno == EEXIST else { throw StoreDirectory.refusal(path, "cannot be made") }
        }
        return nil
    }

    /// So that it is whole in one file. One that is too damaged for that is kept with its log.
    private func emptyLog() {
        do {
            let connection = try Connection(path: place.database, access: .write)
            defer { connection.close() }
            // A connection that has read nothing does not know of a log yet.
            _ = try Migrations.version(of: connection)
            _ = try connection.checkpoint(truncate: true)
        } catch { return }
    }

    private func move(_ path: String, to name: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard status.st_size > 0 || unlink(path) != 0 else { return }
        guard rename(path, name) == 0 else { throw StoreDirectory.refusal(path, "cannot be put aside") }
    }
}
