import Core
import Glibc

/// Small facts of the machine and its files.
enum Host {
    /// Changes with every boot: the flight recorder of another boot is not believed. Nil when the kernel does not say.
    static var bootID: String? {
        do { return try text(at: "/proc/sys/kernel/random/boot_id").split(whereSeparator: \.isNewline).first.map(String.init) } catch {
            return nil
        }
    }

    struct FileProblem: Error, CustomStringConvertible {
        var path: String
        var words: String
        var description: String { "\(path): \(words)" }
    }

    static func text(at path: String) throws(FileProblem) -> String {
        let bytes = try bytes(at: path)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw FileProblem(path: path, words: "is not UTF-8 text") }
        return text
    }

    /// The first line of a file, or of standard input as `-`, without its end.
    static func firstLine(of path: String) throws -> String {
        let bytes = path == "-" ? try bytes(of: 0, path: "standard input") : try bytes(at: path)
        let line = bytes.prefix { $0 != 0x0A }
        return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }

    static func bytes(at path: String) throws(FileProblem) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileProblem(path: path, words: String(cString: strerror(errno))) }
        defer { close(file) }
        return try bytes(of: file, path: path)
    }

    static func bytes(of file: Int32, path: String) throws(FileProblem) -> [UInt8] {
        var out: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(file, &buffer, buffer.count)
            if count == 0 { return out }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw FileProblem(path: path, words: String(cString: strerror(errno)))
            }
            out.append(contentsOf: buffer[..<count])
        }
    }

    /// Bytes that this process may still write on the disk of a path; nil when that is not known.
    static func freeSpace(of path: String) -> Int? {
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return nil }
        return Int(disk.f_bavail) * Int(disk.f_frsize)
    }

    /// As many files and connections as the system allows, up to what the unit file gives. A shell gives 1024, and where those are used up
    /// not only `accept` fails: Dispatch ends the process when it cannot look at its own threads.
    static func allowManyFiles() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < mostFiles else { return }
        limit.rlim_cur = min(mostFiles, limit.rlim_max)
        // Refused: then it is as it was.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    private static let mostFiles: rlim_t = 65536

    /// In bytes; 0 when there is no such file.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Creates a directory and its parents, mode 0700 for what is new.
    static func makeDirectory(_ path: String) throws(FileProblem) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else { throw FileProblem(path: made, words: String(cString: strerror(errno))) }
        }
    }

    /// Writes a new file of mode 0600; an existing one is left alone and the call returns false. It is there whole, and on the disk, or not at
    /// all: half a key would stand in the way of every start.
    @discardableResult
    static func createSecret(_ path: String, _ text: String) throws(FileProblem) -> Bool {
        func check(_ isDone: Bool) throws(FileProblem) {
            guard isDone else { throw FileProblem(path: path, words: String(cString: strerror(errno))) }
        }
        // Of this process's own: two may begin at once.
        let made = "\(path).\(getpid())"
        unlink(made)
        let file = open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        try check(file >= 0)
        defer {
            close(file)
            unlink(made)
        }
        let bytes = Array(text.utf8)
        let count = write(file, bytes, bytes.count)
        try check(count >= 0)
        guard count == bytes.count else { throw FileProblem(path: path, words: "only a part of it fits on the disk") }
        try check(fsync(file) == 0)
        let isNew = link(made, path) == 0
        if !isNew, errno == EEXIST { return false }
        try check(isNew)
        try flushDirectory(of: path)
        return true
    }

    /// Puts other words into a file of mode 0600: whole, and on the disk, or not at all.
    static func replaceSecret(_ path: String, _ text: String) throws(FileProblem) {
        let made = path + ".new"
        unlink(made)
        try createSecret(made, text)
        guard rename(made, path) == 0 else { throw FileProblem(path: path, words: String(cString: strerror(errno))) }
        try flushDirectory(of: path)
    }

    /// A name outlives a power cut only when its directory was flushed.
    private static func flushDirectory(of path: String) throws(FileProblem) {
        let name = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw FileProblem(path: name, words: String(cString: strerror(errno))) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw FileProblem(path: name, words: String(cString: strerror(errno))) }
    }

    /// Every `.yaml` and `.html` below a directory, sorted by path, with its text. Paths are relative to the directory's parent.
    static func files(below root: String, endingIn endings: [String]) throws(FileProblem) -> [(path: String, text: String)] {
        var found: [(path: String, text: String)] = []
        var pending = [root]
        while let directory = pending.popLast() {
            guard let stream = opendir(directory) else { throw FileProblem(path: directory, words: String(cString: strerror(errno))) }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = name(of: entry)
                guard !name.hasPrefix(".") else { continue }
                let path = directory + "/" + name
                var status = stat()
                guard stat(path, &status) == 0 else { throw FileProblem(path: path, words: String(cString: strerror(errno))) }
                if status.st_mode & S_IFMT == S_IFDIR {
                    pending.append(path)
                } else if endings.contains(where: name.hasSuffix) {
                    found.append((path, try text(at: path)))
                }
            }
        }
        return found.sorted { $0.path < $1.path }
    }

    /// A new directory under the system's temporary one, mode 0700.
    static func temporaryDirectory(_ prefix: String) throws(FileProblem) -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((base + "/" + prefix + "XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw FileProblem(path: base, words: String(cString: strerror(errno))) }
        return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// Removes a directory that we made, and all below it. Follows no link.
    static func remove(_ directory: String) {
        guard let stream = opendir(directory) else { return }
        while let entry = readdir(stream) {
            let name = name(of: entry)
            guard name != ".", name != ".." else { continue }
            let path = directory + "/" + name
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { remove(path) } else { unlink(path) }
        }
        closedir(stream)
        rmdir(directory)
    }

    static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
    }
}
