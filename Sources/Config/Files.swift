import Core
import Glibc

/// Reading of whole files. Everything is checked on the open descriptor, so that nothing can be swapped in between.
enum Files {
    /// Why a file was not read, in words for the person who named it. Never the path: it may be a secret put in the wrong place.
    struct Refusal: Error, Equatable {
        var words: String
        var hint: String?
        var isMissing = false
    }

    /// - Parameter limit: bytes; a longer file is refused.
    /// - Parameter isSecret: refuse a file that anyone but its owner may read, or that belongs to somebody else.
    static func bytes(at path: String, limit: Int = 16 << 20, isSecret: Bool = false) throws(Refusal) -> [UInt8] {
        // O_NONBLOCK: a named pipe must not hold us up before we know that it is none.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw refusal(of: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw refusal(of: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Refusal(words: "is not a regular file") }
        if isSecret { try checkOwner(status) }
        guard status.st_size <= limit else { throw Refusal(words: "is larger than \(limit) bytes") }
        return try read(descriptor, limit: limit)
    }

    static func text(at path: String, limit: Int = 16 << 20, isSecret: Bool = false) throws(Refusal) -> String {
        let bytes = try bytes(at: path, limit: limit, isSecret: isSecret)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Refusal(words: "is not UTF-8 text") }
        return text
    }

    private static func checkOwner(_ status: stat) throws(Refusal) {
        guard status.st_mode & 0o077 == 0 else {
            throw Refusal(words: "can be read by others (mode \(octal(status.st_mode & 0o777)))", hint: "chmod 600")
        }
        // systemd hands credentials over as files of root or of the service's user.
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw Refusal(words: "belongs to another user (id \(status.st_uid))", hint: "it must belong to the user that runs clarion")
        }
    }

    private static func read(_ descriptor: Int32, limit: Int) throws(Refusal) -> [UInt8] {
        var out: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return out }
            if count < 0 {
                if errno == EINTR { continue }
                throw refusal(of: errno)
            }
            out += buffer[..<count]
            if out.count > limit { throw Refusal(words: "is larger than \(limit) bytes") }
        }
    }

    private static func refusal(of code: Int32) -> Refusal {
        switch code {
        case ENOENT, ENOTDIR: Refusal(words: "no such file", isMissing: true)
        case EACCES, EPERM: Refusal(words: "may not be read by this user")
        case EISDIR: Refusal(words: "is a directory")
        case ENAMETOOLONG: Refusal(words: "is no file path")
        default: Refusal(words: "cannot be read (error \(code))")
        }
    }

    private static func octal(_ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

/// Paths as text: `/` only, resolved without asking the file system.
enum Path {
    static func directory(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    /// `path` seen from `base`, with `.` and `..` folded: `config` and `../data` give `data`.
    static func resolve(_ path: String, from base: String) -> String {
        let whole = path.hasPrefix("/") ? path : base + "/" + path
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        if whole.hasPrefix("/") { return "/" + parts.drop { $0 == ".." }.joined(separator: "/") }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }
}
