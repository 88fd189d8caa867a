import Core
import Glibc
import Synchronization
import Testing

@testable import Store

@Suite("a store under faults")
struct FaultTests {
    @Test("what a killed process was told is committed is there, and the chain holds", arguments: 1...4)
    func killed(round: Int) async throws {
        let bench = Bench()
        var told: [String] = []
        for pass in 1...2 {
            let child = try Child("commit", bench.path)
            while told.count < 100 * round * pass, let id = child.line() { told.append(id) }
            child.kill()
            while let id = child.line() { told.append(id) }
            child.end()
        }
        let store = try bench.open()
        let ids = told.filter { $0.hasPrefix("ev-") }
        let (missing, sums, broken) = try await store.read { [ids] reader in
            (try ids.filter { try reader.event(id: $0) == nil }, try reader.accounting(), try reader.verifyChain())
        }
        #expect(ids.count >= 200 * round && missing.isEmpty && broken == nil)
        #expect(sums.accepted >= ids.count && sums.accepted == sums.pending)
        #expect(try await store.read { Int(try $0.lastLogSeq()) } == sums.accepted, "an event and its log row are one transaction")
        try await store.close()
    }

    @Test("after a failed write to the disk nothing more is acknowledged")
    func starved() throws {
        let bench = Bench()
        let child = try Child("starve", bench.path)
        #expect([child.line(), child.line(), child.line(), child.line()] == ["broken", "broken", "broken", nil])
        child.end()
    }

    @Test("a full file refuses what does not fit, keeps what was told, and goes on")
    func full() async throws {
        let bench = Bench()
        let store = try bench.open { $0.maximumPages = 256 }
        let kept = await fill(store)
        #expect(kept > 0)
        try await store.write { try $0.setMeta("hlc", "1") }
        let (events, pending) = try await store.read { (try $0.receivedEvents(limit: 999).count, try $0.accounting().pending) }
        #expect(events == kept && pending == kept)
        try await store.close()
    }

    /// Accepts events of 40 kB until the store is full; returns how many were acknowledged.
    private func fill(_ store: SQLiteStore) async -> Int {
        let body = String(repeating: "x", count: 40000)
        for n in 0..<200 {
            do {
                _ = try await store.write { try $0.accept(Sample.event("ev-\(n)", body: body)) }
            } catch {
                #expect(error as? StoreError == .full, "\(error)")
                return n
            }
        }
        Issue.record("the store never became full")
        return 0
    }

    private static let canMount: Bool = {
        let bench = Bench()
        guard mount("tmpfs", bench.path, "tmpfs", 0, "size=64k") == 0 else { return false }
        return umount(bench.path) == 0
    }()

    @Test("a full disk is survived, and used again when there is room", .enabled(if: canMount))
    func fullDisk() async throws {
        let bench = Bench()
        #expect(mount("tmpfs", bench.path, "tmpfs", 0, "size=4m,mode=0700") == 0)
        defer { umount(bench.path) }
        let ballast = fopen(bench.path + "/ballast", "w")!
        for _ in 0..<2048 { fputs(String(repeating: "b", count: 1024), ballast) }
        fclose(ballast)
        let store = try bench.open()
        let kept = await fill(store)
        #expect(kept > 0)
        unlink(bench.path + "/ballast")
        _ = try await store.write { try $0.accept(Sample.event("ev-after")) }
        #expect(try await store.read { try $0.accounting().accepted } == kept + 1)
        try await store.close()
        let again = try bench.open()
        #expect(try await again.read { try $0.accounting().accepted } == kept + 1)
        try await again.close()
    }

    /// A store that was killed, by the kernel `this` names, and whose file was damaged since.
    ///
    /// - Parameter inside: only where opening it does not read.
    private func damagedStore(inside: Bool = false) throws -> Bench {
        let bench = Bench()
        let child = try Child("commit", bench.path)
        var count = 0
        while count < 200, child.line() != nil { count += 1 }
        child.kill()
        child.end()
        do {
            let connection = try Connection(path: bench.database, access: .write)
            try connection.script(Query("PRAGMA wal_checkpoint(TRUNCATE)"))
            try connection.script(Query("UPDATE meta SET value = 'this' WHERE key = 'boot_id'"))
        }
        let file = fopen(bench.database, "r+")!
        fseek(file, 0, SEEK_END)
        let pages = ftell(file) / 4096
        for page in inside ? pages / 2..<pages / 2 + 2 : 8..<40 {
            fseek(file, page * 4096, SEEK_SET)
            fputs(String(repeating: "damage", count: 600), file)
        }
        fclose(file)
        return bench
    }

    @Test(
        "a damaged file is found before it is used after an unclean stop: a small one, and any when the machine was started anew",
        arguments: [(1 << 20, "this"), (0, "another"), (0, nil)] as [(Int64, String?)])
    func damaged(checkedFirst: Int64, bootID: String?) async throws {
        let bench = try damagedStore()
        do {
            try await bench.open { ($0.checkedFirst, $0.bootID) = (checkedFirst, bootID) }.close()
            Issue.record("the damage was not found")
        } catch {
            #expect((error as? StoreError)?.isFatal == true, "\(error)")
        }
    }

    @Test("a large file is looked through beside the work after a kill, and damage ends it") func damagedAndLarge() async throws {
        let bench = try damagedStore(inside: true)
        let store = try bench.open { ($0.checkedFirst, $0.bootID) = (0, "this") }
        await store.check?.wait()
        await #expect(throws: StoreError.self) { try await store.write { try $0.setMeta("a", "b") } }
        await #expect(throws: StoreError.self) { try await store.close() }
    }
}

@Suite("group commit")
struct GroupTests {
    @Test("closures that wait for a flush are one group; one that throws is undone alone, callers are told in order")
    func groups() async throws {
        let bench = Bench()
        let store = try bench.open { $0.groupTime = .seconds(60) }
        let (gate, entered) = (Gate(), Latch())
        let holder = Task {
            try await store.write { _ in
                entered.open()
                gate.wait()
            }
        }
        await entered.wait()
        let told = Order()
        let callers = (0..<10).map { n in
            Task {
                // One after the other into the mailbox, so that the order is known.
                while store.writer.mailbox.count < n { await Task.yield() }
                do {
                    try await store.write { writer in
                        let seen = (try writer.meta("seen") ?? "") + String(n)
                        try writer.setMeta("seen", seen)
                        if n == 4 { throw Unexpected() }
                        told.add(n)
                    }
                } catch {
                    #expect(n == 4 && error is Unexpected)
                }
            }
        }
        while store.writer.mailbox.count < 10 { await Task.yield() }
        #expect(try await store.read { try $0.meta("seen") } == nil, "readers do not wait for the writer")
        gate.open()
        try await holder.value
        for caller in callers { await caller.value }
        #expect(told.all == [0, 1, 2, 3, 5, 6, 7, 8, 9])
        #expect(try await store.read { try $0.meta("seen") } == "012356789")
        try await store.close()
    }

    @Test("a group has a bound, and what is beyond it is committed by the next")
    func bounded() async throws {
        let bench = Bench()
        let store = try bench.open { $0.groupLimit = 3 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for n in 0..<20 { group.addTask { try await store.write { try $0.raise(counter: "k", bucket: "\(n % 2)", by: 1) } } }
            try await group.waitForAll()
        }
        #expect(try await store.read { [try $0.counter("k", bucket: "0"), try $0.counter("k", bucket: "1")] } == [10, 10])
        try await store.close()
    }

    @Test("a closure that swallows a fault is failed all the same")
    func swallowed() async throws {
        let bench = Bench()
        let store = try bench.open { $0.maximumPages = 128 }
        await #expect(throws: StoreError.full) {
            try await store.write { writer in
                try writer.setMeta("before", "1")
                do { _ = try writer.accept(Sample.event("ev-1", body: String(repeating: "x", count: 900_000))) } catch {}
            }
        }
        #expect(try await store.read { try $0.meta("before") } == nil)
        try await store.write { try $0.setMeta("after", "1") }
        try await store.close()
    }

    @Test("the log is checkpointed between groups and gone after closing")
    func checkpoints() async throws {
        let bench = Bench()
        let store = try bench.open { $0.checkpointPages = 16 }
        for n in 0..<40 { _ = try await store.write { try $0.accept(Sample.event("ev-\(n)", body: String(repeating: "x", count: 20000))) } }
        #expect(Bench.read(bench.database + "-wal").count < 400_000, "800 kB were written, the log was used again")
        try await store.close()
        #expect(Bench.read(bench.database + "-wal").isEmpty)
        let again = try bench.open()
        #expect(try await again.read { try $0.accounting().accepted } == 40)
        try await again.close()
    }
}

/// Numbers in the order they were added.
final class Order: Sendable {
    private let numbers = Mutex<[Int]>([])
    var all: [Int] { numbers.withLock { $0 } }
    func add(_ n: Int) { numbers.withLock { $0.append(n) } }
}

/// Blocks a thread until it is opened.
///
/// `@unchecked Sendable`: the semaphore is the kernel's; both sides only post to it and wait for it.
final class Gate: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    init() { sem_init(semaphore, 0, 0) }
    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }
    func wait() { while sem_wait(semaphore) != 0 {} }
    func open() { sem_post(semaphore) }
}
