import Core
import Glibc
import Store

/// `StoreCrashChild commit|hold|starve DIRECTORY`: what a test kills, meets at the lock, or takes the disk from. Keys are 32 bytes of 7 and of 9.
@main
struct StoreCrashChild {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else { exit(64) }
        let keys = StoreKeys(master: Sensitive([UInt8](repeating: 7, count: 32)), lookup: Sensitive([UInt8](repeating: 9, count: 32)))
        let store = try SQLiteStore(directory: arguments[2], keys: keys, random: KernelRandom())
        switch arguments[1] {
        case "commit": try await commit(store)
        case "hold":
            say("ready")
            _ = readLine()
            try await store.close()
        case "starve": await starve(store)
        default: exit(64)
        }
    }

    /// Eight tasks accept events for ever. An id is printed when its event is committed, never before.
    static func commit(_ store: SQLiteStore) async throws {
        let run = getpid()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for n in 0... {
                        let id = "ev-\(run)-\(task)-\(n)"
                        try await store.write { writer in
                            let now = Timestamp(seconds: 1_763_000_000)
                            guard case .accepted(let seq) = try writer.accept(event(id, at: now)) else { exit(65) }
                            try writer.append(LogEntry(.eventAccepted, at: now, event: seq, body: ["id": .string(id)]))
                        }
                        say(id)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// No file may grow any more: a write of the log fails, and the store must stop for good.
    static func starve(_ store: SQLiteStore) async {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 1, rlim_max: 1)
        guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { exit(66) }
        for _ in 0..<3 {
            do {
                try await store.write { try $0.setMeta("a", "b") }
                say("written")
            } catch StoreError.broken {
                say("broken")
            } catch {
                say("other: \(error)")
            }
        }
    }

    static func event(_ id: String, at now: Timestamp) -> NewEvent {
        NewEvent(
            source: "/test", id: id, contentHash: [UInt8](repeating: 1, count: 32), order: nil, customer: "CU-\(id.utf8.count)", type: "t",
            time: now,
            receivedAt: now, body: Array("{}".utf8))
    }

    static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }
}

struct KernelRandom: RandomSource {
    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255) } }
}
