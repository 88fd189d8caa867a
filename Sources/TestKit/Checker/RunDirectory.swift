public import Core
import FoundationEssentials
import Sandbox
public import Store

/// The files of one run (docs/faults.md):
///
/// | file | lines of |
/// |---|---|
/// | `input.jsonl` | `{"id", "acknowledged", "refused"?}` |
/// | `sandbox/ledger.jsonl` | what the sandbox took; and any `providers/*.jsonl` of scripted providers |
/// | `data/` | the store, with `master.key` and `lookup.key` |
/// | `open.jsonl` | `{"attempt", "known"}` of what each end left open |
/// | `processes.jsonl` | `{"ready_ms"?, "exit"?, "expected"?, "last_line"?, "expected_line"?}` |
/// | `samples.jsonl` | `{"rss"?, "fds"?, "threads"?, "quiet"?, "pid"?}` |
/// | `output/*.txt` | what each worker said |
/// | `planted.txt` | values that may stand nowhere else |
/// | `limits.json` | `{"rss_bytes", "fds", "threads", "ready_ms", "high_p99_ms", …}` |
///
/// Only `data/` has to be there.
public struct RunDirectory: Sendable {
    public let path: String
    private let store: String
    /// - Parameter store: the directory of the store in it.
    public init(_ path: String, store: String = "data") { (self.path, self.store) = (path, store) }

    public var data: String { path + "/" + store }
    public var ledger: String { path + "/sandbox/ledger.jsonl" }

    /// Beside the store.
    public func keys() throws -> StoreKeys {
        func keys(_ name: String) throws -> [Sensitive<[UInt8]>] {
            let lines = try TextFile.read("\(data)/\(name).key").split(whereSeparator: \.isNewline)
            let keys = lines.compactMap { Base64.decode(String($0)) }
            guard !keys.isEmpty else { throw TextFile.Problem(description: "\(data)/\(name).key is no key") }
            return keys.map { Sensitive($0) }
        }
        let masters = try keys("master")
        // A store that no worker has had yet signs nothing.
        let audit = TextFile.exists(data + "/audit.key") ? try keys("audit") : []
        return StoreKeys(master: masters[0], formerMasters: Array(masters.dropFirst()), lookup: try keys("lookup")[0], audit: audit)
    }

    /// Whatever there is. What is there and cannot be read is a finding; a file that is not JSON lines is an error of the run.
    public func read() async throws -> RunFacts {
        var facts = RunFacts()
        facts.input = try lines("input.jsonl").map { try $0.map(RunFacts.Input.init) }
        facts.taken = try taken()
        facts.leftOpen = try lines("open.jsonl").map { try $0.map(RunFacts.LeftOpen.init) }
        facts.processes = try lines("processes.jsonl").map { $0.map(RunFacts.ProcessEnd.init) }
        facts.samples = try lines("samples.jsonl").map { $0.map(RunFacts.Sample.init) }
        facts.longestTurn = try longestTurn()
        if TextFile.exists(path + "/limits.json") {
            let members = try JSON(parsing: TextFile.read(path + "/limits.json")).object ?? []
            facts.limits = Dictionary(members.compactMap { name, value in value.integer.map { (name, Int($0)) } }) { _, last in last }
        }
        if TextFile.exists(path + "/planted.txt") { facts.leaks = try LeakScan(of: self).leaks() }
        do {
            let store = try SQLiteStore.openReadOnly(directory: data, keys: try keys())
            facts.store = try await StoreFacts.gather(from: store, ids: facts.input?.map(\.id) ?? [])
            await store.close()
        } catch let error as StoreError {
            facts.unreadable.append(Finding(invariant: .integrity, words: "the store cannot be read: \(error)"))
        }
        return facts
    }

    private func taken() throws -> [Taken]? {
        var all: [Taken]?
        if let rows = try lines("sandbox/ledger.jsonl") {
            all = Taken.rows(
                try rows.enumerated().map { number, json in
                    guard let row = Row(json) else { throw TextFile.Problem(description: "\(ledger): line \(number + 1) is no row") }
                    return row
                })
        }
        for name in try TextFile.names(in: path + "/providers") where name.hasSuffix(".jsonl") {
            all = try (all ?? []) + (lines("providers/" + name) ?? []).map { try Taken($0, in: name) }
        }
        return all
    }

    /// Nil when there is no such file. A last line that was cut off was never written.
    private func lines(_ name: String) throws -> [JSON]? {
        guard TextFile.exists(path + "/" + name) else { return nil }
        let text = try TextFile.read(path + "/" + name)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        return try lines.filter { !$0.isEmpty }.map { try JSON(parsing: String($0)) }
    }
}

extension RunFacts.Input {
    fileprivate init(_ json: JSON) throws {
        guard let id = json["id"]?.string else { throw TextFile.Problem(description: "input.jsonl holds a line without an id") }
        self.init(id: id, isAcknowledged: json["acknowledged"]?.bool ?? false, isRefused: json["refused"]?.bool ?? false)
    }
}

extension RunFacts.LeftOpen {
    fileprivate init(_ json: JSON) throws {
        guard let attempt = json["attempt"]?.string, let known = json["known"]?.string.flatMap(Known.init(rawValue:)) else {
            throw TextFile.Problem(description: "open.jsonl holds a line that is none of its")
        }
        self.init(attempt: attempt, known: known)
    }
    public var json: JSON { ["attempt": .string(attempt), "known": .string(known.rawValue)] }
}

extension RunFacts.ProcessEnd {
    fileprivate init(_ json: JSON) {
        self.init(
            readyMilliseconds: json["ready_ms"]?.integer.map(Int.init), status: json["exit"]?.integer.map(Int.init),
            expected: json["expected"]?.array?.compactMap { $0.integer.map(Int.init) } ?? [0], lastLine: json["last_line"]?.string,
            expectedLine: json["expected_line"]?.string)
    }
}

extension RunFacts.Sample {
    fileprivate init(_ json: JSON) {
        func number(_ name: String) -> Int? { json[name]?.integer.map(Int.init) }
        self.init(
            bytes: number("rss"), descriptors: number("fds"), threads: number("threads"), isQuiet: json["quiet"]?.bool ?? false,
            process: number("pid"))
    }
}
