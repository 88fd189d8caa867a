import App
import Core
import Glibc
import Store
import Synchronization
import Terminal
import Testing

/// Commands that look, over a real store; what they print is caught.
struct CommandTests {
    @Test func anUnknownOrderIsNotFound() async throws {
        let bench = try await CommandBench()
        await #expect(throws: Fault(.notFound, "no order WD9", field: "order", hint: "clarion audit search customer:ID")) {
            try await AuditOrderRequest(order: OrderNumber("WD9")!).run(in: bench.context())
        }
        await #expect(throws: Fault.self) { try await AuditDeliveryRequest(delivery: "dlv_9").run(in: bench.context()) }
        await #expect(throws: Fault.self) { try await ExplainRequest(subject: "WD9").run(in: bench.context()) }
        await #expect(throws: Fault.self) { try await DeadShowRequest(name: "d9").run(in: bench.context()) }
        await #expect(throws: Fault.self) { try await ReviewShowRequest(id: 9).run(in: bench.context()) }
        #expect(bench.output == "")
        try await bench.store.close()
    }

    @Test func withoutSettingsThereIsNoStore() async throws {
        let bench = try await CommandBench()
        var context = bench.context()
        context.openReading = nil
        let bare = context
        await #expect(throws: Fault(.configuration, "there are no settings, so no store to read", hint: "--config FILE")) {
            try await AuditVerifyRequest().run(in: bare)
        }
        #expect(try await StatesRequest().run(in: bare) == .success)
        try await bench.store.close()
    }

    @Test func verifySaysHowManyRecordsItWalked() async throws {
        let bench = try await CommandBench()
        #expect(try await AuditVerifyRequest().run(in: bench.context()) == .success)
        #expect(bench.output.hasPrefix(#"{"schema":"clarion.audit.verify/1","intact":true,"rows":3,"broken_at":null,"problem":null,"#))
        try await bench.store.close()
    }

    @Test(
        arguments: [
            (GlobalOptions(), TailRequest(ends: true), ["1", "2", "3"]), (GlobalOptions(limit: 1), TailRequest(ends: true), ["3"]),
            (GlobalOptions(since: CommandBench.noon + .seconds(2)), TailRequest(ends: true), ["2", "3"]),
            (GlobalOptions(), TailRequest(ends: true, order: OrderNumber("WD2")), ["2"]),
            (GlobalOptions(), TailRequest(ends: true, acts: ["read"]), ["3"]),
        ] as [(GlobalOptions, TailRequest, [String])])
    func tailShowsWhatIsWanted(_ options: GlobalOptions, _ request: TailRequest, _ items: [String]) async throws {
        let bench = try await CommandBench()
        #expect(try await request.run(in: bench.context(options)) == .success)
        let shown = try bench.output.split(separator: "\n").map { try JSON(parsing: String($0))["words"]?.string ?? "" }
        #expect(shown == items)
        try await bench.store.close()
    }

    @Test(
        arguments: [
            (StoreError.locked(path: "/var/lib/clarion", owner: 7), Terminal.ExitStatus.unavailable), (.integrity("row 9"), .integrity),
            (.full, .failure),
            (.unusable("no store"), .unavailable),
        ] as [(StoreError, Terminal.ExitStatus)])
    func storeErrorsHaveTheirExitStatus(_ error: StoreError, _ status: Terminal.ExitStatus) {
        #expect(Fault(describing: error).status == status)
    }

    @Test func mistakesInTheSettingsAreListed() {
        let fault = Fault(describing: Problems([Problem("unknown key", file: "clarion.yaml", line: 3, column: 1, key: "chanel")]))
        #expect(fault.status == .configuration)
        #expect(fault.json["problems"]?.array?.first?["line"]?.integer == 3)
        #expect(Fault(describing: CancellationError()).status == .interrupted)
    }
}

/// A store with three rows in its log, one a second.
final class CommandBench: Sendable {
    static let noon = Timestamp(rfc3339: "2026-11-18T12:00:00.000Z")!
    let path: String
    let store: SQLiteStore
    private let caught = Mutex("")

    init() async throws {
        var template = Array("/tmp/clarion-commands-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)!) }
        let keys = StoreKeys(master: Sensitive([UInt8](repeating: 7, count: 32)), lookup: Sensitive([UInt8](repeating: 9, count: 32)))
        store = try SQLiteStore(directory: path, keys: keys, random: CountingRandom())
        try await store.write { writer in
            for n in 1...3 {
                let body: JSON = ["item": .string(String(n))]
                try writer.append(LogEntry(n == 3 ? .read : .seen, at: Self.noon + .seconds(n), order: OrderNumber("WD\(n)"), body: body))
            }
        }
    }
    deinit {
        for file in ["clarion.db", "clarion.db-wal", "clarion.db-shm", "clarion.lock"] { unlink(path + "/" + file) }
        rmdir(path)
    }

    var output: String { caught.withLock { $0 } }

    func context(_ options: GlobalOptions = GlobalOptions()) -> CommandContext {
        let look = Look(screen: Screen(isTerminal: false), times: TimeFormat(.utc, zones: SystemZones()))
        let console = Console(form: .json, look: look, errorLook: look) { [self] text, _ in caught.withLock { $0 += text } }
        let store = store
        return CommandContext(options: options, console: console, clock: { Self.noon + .minutes(1) }, openReading: { store })
    }
}

/// Bytes that count up: no two alike in a row.
final class CountingRandom: RandomSource {
    private let next = Mutex<UInt8>(0)
    func bytes(_ count: Int) -> [UInt8] {
        next.withLock { next in
            (0..<count).map { _ in
                next &+= 1
                return next
            }
        }
    }
}
