import Core
import Glibc
import Store
import Synchronization

/// A directory of its own for one test, removed with its files when the test is over.
final class Bench: Sendable {
    let path: String
    static let keys = StoreKeys(master: Sensitive([UInt8](repeating: 7, count: 32)), lookup: Sensitive([UInt8](repeating: 9, count: 32)))

    init() {
        var template = Array("/tmp/clarion-store-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)!) }
    }
    deinit {
        for file in ["clarion.db", "clarion.db-wal", "clarion.db-shm", "clarion.lock", "clarion.fence", "clarion.fence.new", "ballast"] {
            unlink(path + "/" + file)
        }
        if let files = opendir(path + "/checkpoints") {
            while let entry = readdir(files) {
                unlink(
                    path + "/checkpoints/"
                        + withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
            }
            closedir(files)
            rmdir(path + "/checkpoints")
        }
        rmdir(path)
    }

    var database: String { path + "/clarion.db" }

    func open(keys: StoreKeys = Bench.keys, _ change: (inout SQLiteStore.Options) -> Void = { _ in }) throws -> SQLiteStore {
        var options = SQLiteStore.Options()
        change(&options)
        return try SQLiteStore(directory: path, keys: keys, random: SeededRandom(), options: options)
    }

    /// Every byte of the database, its log and its index.
    func bytes() -> [UInt8] {
        ["", "-wal", "-shm"].flatMap { Bench.read(database + $0) }
    }

    static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return all }
            all += buffer[..<count]
        }
    }

    static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        let needle = Array(text.utf8)
        return bytes.withUnsafeBytes { hay in
            var at = 0
            while at + needle.count <= hay.count,
                let found = memchr(hay.baseAddress! + at, Int32(needle[0]), hay.count - needle.count + 1 - at)
            {
                at = UnsafeRawPointer(found) - hay.baseAddress!
                if memcmp(found, needle, needle.count) == 0 { return true }
                at += 1
            }
            return false
        }
    }
}

/// A process of its own: `StoreCrashChild`, beside the test program.
final class Child {
    let pid: pid_t
    private let input: UnsafeMutablePointer<FILE>
    private let output: UnsafeMutablePointer<FILE>

    init(_ mode: String, _ directory: String) throws {
        // One at a time: a child that inherits another's pipe would keep it open.
        let started = try Child.starting.withLock { _ in try Child.start(mode, directory) }
        (pid, input, output) = started
    }

    private static let starting = Mutex(0)
    private typealias Started = (pid: pid_t, input: UnsafeMutablePointer<FILE>, output: UnsafeMutablePointer<FILE>)

    private static func start(_ mode: String, _ directory: String) throws -> sending Started {
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw Unexpected() }
        for descriptor in toChild + fromChild { guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw Unexpected() } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let program = try Child.program()
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup(mode), strdup(directory), nil]
        defer { for argument in arguments { free(argument) } }
        var pid = pid_t()
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        guard posix_spawn(&pid, program, &actions, nil, &arguments, &environment) == 0 else { throw Unexpected() }
        close(toChild[0])
        close(fromChild[1])
        return (pid, fdopen(toChild[1], "w")!, fdopen(fromChild[0], "r")!)
    }

    func line() -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        guard fgets(&buffer, Int32(buffer.count), output) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    func kill() { Glibc.kill(pid, SIGKILL) }
    /// Closes its input and waits for its end.
    func end() {
        fclose(input)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        fclose(output)
    }

    private static func program() throws -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = own.lastIndex(of: "/") else { throw Unexpected() }
        return own[..<slash] + "/StoreCrashChild"
    }
}
