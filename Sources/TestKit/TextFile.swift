import FoundationEssentials
import Glibc

/// Files of a run, read and written whole.
public enum TextFile {
    public struct Problem: Error, CustomStringConvertible {
        public let description: String
        public init(description: String) { self.description = description }
    }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
    public static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }
    public static func read(_ path: String) throws -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else { throw Problem(description: "\(path) is not UTF-8 text") }
        return text
    }
    public static func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    /// One `write` to the end of a file, which is made when it is not there.
    public static func append(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Problem(description: "\(path): errno \(errno)") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw Problem(description: "\(path): errno \(errno)") }
    }

    /// Where bytes stand among others; nil: nowhere.
    public static func offset(of value: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= value.count else { return nil }
        return bytes.withUnsafeBytes { hay in
            let (start, last) = (hay.baseAddress!, hay.count - value.count)
            var place = 0
            while place <= last, let next = memchr(start + place, Int32(value[0]), last - place + 1) {
                place = UnsafeRawPointer(next) - start
                if memcmp(start + place, value, value.count) == 0 { return place }
                place += 1
            }
            return nil
        }
    }

    /// A new one below /tmp: short enough for the worker's socket.
    static func temporaryDirectory() throws -> String {
        var template = Array("/tmp/clarion-run-XXXXXX".utf8CString)
        return try template.withUnsafeMutableBufferPointer { name in
            guard let made = mkdtemp(name.baseAddress!) else { throw Problem(description: "mkdtemp: errno \(errno)") }
            return String(cString: made)
        }
    }

    /// Of a directory, sorted; none when there is no such directory.
    public static func names(in directory: String) throws -> [String] {
        exists(directory) ? try FileManager.default.contentsOfDirectory(atPath: directory).sorted() : []
    }

    /// Paths of plain files below a directory, relative to it.
    static func all(below directory: String, _ part: String = "") throws -> [String] {
        try names(in: directory + "/" + part).flatMap { name -> [String] in
            let path = part.isEmpty ? name : part + "/" + name
            var status = stat()
            guard lstat(directory + "/" + path, &status) == 0 else { return [] }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: return try all(below: directory, path)
            case S_IFREG: return [path]
            default: return []
            }
        }
    }
}
