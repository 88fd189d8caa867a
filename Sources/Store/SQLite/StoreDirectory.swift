import Core
import CSQLite
import Glibc

/// The directory of one store: `clarion.db` with its `-wal` and `-shm`, and `clarion.lock`. Everything in it is for its owner alone (S61).
struct StoreDirectory {
    let path: String
    var database: String { path + "/clarion.db" }
    var lockFile: String { path + "/clarion.lock" }
    var fenceFile: String { path + "/clarion.fence" }
    var checkpoints: String { path + "/checkpoints" }

    /// Resolves the directory; with `create`, makes it (0700) and an empty database file (0600), from which SQLite takes the mode of its logs.
    init(_ given: String, create: Bool) throws {
        try self.init(resolving: given, create: create)
        try prepareDatabase(create: create)
    }

    /// The directory alone, whatever database is in it.
    init(resolving given: String, create: Bool) throws {
        if create, mkdir(given, 0o700) != 0, errno != EEXIST { throw Self.refusal(given, "cannot be made") }
        var status = stat()
        guard lstat(given, &status) == 0 else { throw Self.refusal(given, "cannot be read") }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw StoreError.unusable("\(given) is no directory of its own") }
        guard status.st_mode & 0o022 == 0 else { throw StoreError.unusable("\(given) can be written by others: its mode must be 0700") }
        guard let resolved = realpath(given, nil) else { throw Self.refusal(given, "cannot be resolved") }
        path = String(cString: resolved)
        free(resolved)
        try refuseNetwork()
    }

    /// SQLite's locks and shared memory do not work over a network, and a flush there proves nothing. Source: statfs(2).
    private func refuseNetwork() throws {
        let networks: [UInt32: String] = [0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2"]
        let kind = clarion_file_system(path)
        guard kind != -1 else { throw Self.refusal(path, "cannot be examined") }
        if let name = networks[UInt32(truncatingIfNeeded: kind)] {
            throw StoreError.unusable("\(path) is on a network file system (\(name)): the store needs a local disk")
        }
    }

    private func prepareDatabase(create: Bool) throws {
        var status = stat()
        if lstat(database, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else { throw StoreError.unusable("\(database) is no regular file") }
            guard status.st_mode & 0o077 == 0 else { throw StoreError.unusable("\(database) can be read by others: its mode must be 0600") }
            return
        }
        guard create, errno == ENOENT else { throw Self.refusal(database, "cannot be read") }
        let descriptor = open(database, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.refusal(database, "cannot be made") }
        Glibc.close(descriptor)
    }

    static func refusal(_ path: String, _ problem: String) -> StoreError {
        .unusable("\(path) \(problem): \(String(cString: strerror(errno)))")
    }
}

/// The advisory lock that makes one process the owner of a store. The kernel drops it with the process, however that ends.
struct StoreLock: Sendable {
    private let descriptor: Int32

    init(path: String) throws {
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StoreDirectory.refusal(path, "cannot be opened") }
        guard PlantedBug.takesNoLock.isActive || flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let locked = errno == EWOULDBLOCK
            let error =
                locked ? StoreError.locked(path: path, owner: Self.owner(descriptor)) : StoreDirectory.refusal(path, "cannot be locked")
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        // The number only helps a person: the lock is what counts, so a short write is no failure.
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else { return }
    }

    /// The file stays: removing it would let two processes lock two files of one name.
    func release() {
        _ = ftruncate(descriptor, 0)
        Glibc.close(descriptor)
    }

    private static func owner(_ descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes[..<count].prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self))
    }
}
