import Glibc

/// A file of the sandbox's directory that could not be used.
public struct FileProblem: Error, Sendable, CustomStringConvertible {
    public var path, problem: String
    public var description: String { "\(path): \(problem)" }

    init(path: String, problem: String) { (self.path, self.problem) = (path, problem) }
    /// Names the last system call's error.
    init(path: String, call: String) { self.init(path: path, problem: "\(call): \(String(cString: strerror(errno)))") }
}

/// A file that only grows, a whole line at a time: a reader, or a process that comes after a kill, never sees half a line.
final class AppendFile: Sendable {
    let path: String
    private let descriptor: Int32

    init(path: String) throws(FileProblem) {
        self.path = path
        descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw FileProblem(path: path, call: "open") }
    }
    deinit { close(descriptor) }

    func append(_ line: [UInt8]) throws(FileProblem) {
        let bytes = line + [0x0A]
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if written == bytes.count { return }
        let problem = FileProblem(path: path, call: "write")
        // Half a line must not stay: the next one would be glued to it.
        if written > 0, ftruncate(descriptor, lseek(descriptor, 0, SEEK_END) - written) != 0 {
            throw FileProblem(path: path, call: "ftruncate")
        }
        throw problem
    }

    /// The lines already there, without their ends. What follows the last line end was torn by a kill or a full disk, so no answer left
    /// for it: it is cut off.
    func lines() throws(FileProblem) -> [ArraySlice<UInt8>] {
        let bytes = try readFile(path)
        let whole = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        if whole < bytes.count, ftruncate(descriptor, whole) != 0 { throw FileProblem(path: path, call: "ftruncate") }
        return bytes[..<whole].split(separator: 0x0A)
    }
}

func readFile(_ path: String) throws(FileProblem) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw FileProblem(path: path, call: "open") }
    defer { close(descriptor) }
    var out: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let n = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if n < 0 { throw FileProblem(path: path, call: "read") }
        if n == 0 { return out }
        out.append(contentsOf: chunk.prefix(n))
    }
}

/// Writes the whole file or nothing: who waits for it to appear reads all of it.
func writeFile(_ path: String, _ text: String) throws(FileProblem) {
    let fresh = path + ".new"
    let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw FileProblem(path: fresh, call: "open") }
    let bytes = Array(text.utf8)
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
    if written != bytes.count { throw FileProblem(path: fresh, call: "write") }
    if rename(fresh, path) != 0 { throw FileProblem(path: path, call: "rename") }
}

func makeDirectory(_ path: String) throws(FileProblem) {
    if mkdir(path, 0o700) != 0, errno != EEXIST { throw FileProblem(path: path, call: "mkdir") }
}

func makeTemporaryDirectory() throws(FileProblem) -> String {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/clarion-sandbox-XXXXXX".utf8CString)
    guard template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) != nil else {
        throw FileProblem(path: base, call: "mkdtemp")
    }
    return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
}
