import Core
import Glibc
import Store
public import Transport

/// What kills left open, and what the flight recorder said of each, read as the next start reads it: lines of `open.jsonl`.
public struct KillWitness: Sendable {
    private let run: RunDirectory
    public private(set) var counts: [RunFacts.LeftOpen.Known: Int] = [:]

    public init(of run: RunDirectory) { self.run = run }

    /// After a kill, before the next start. Returns what is known of each open attempt.
    @discardableResult
    public mutating func look() async throws -> [FlightLog.Found?] {
        let bootID = try TextFile.read("/proc/sys/kernel/random/boot_id").split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let log = FlightLog.read(directory: run.data, bootID: bootID)
        let audit = try SQLiteStore.openReadOnly(directory: run.data, keys: try run.keys())
        let open = try await audit.read { try $0.openIntents() }
        await audit.close()
        let found = open.map { log.found($0.publicID, inSlot: $0.recorderSlot) }
        var lines = ""
        for (attempt, found) in zip(open, found) {
            let left = RunFacts.LeftOpen(attempt: attempt.publicID, known: RunFacts.LeftOpen.Known(found))
            counts[left.known, default: 0] += 1
            lines += String(decoding: left.json.bytes, as: UTF8.self) + "\n"
        }
        try TextFile.append(lines, to: run.path + "/open.jsonl")
        return found
    }

    /// `48 open: 12 in_doubt, 30 not_started, 6 taken`
    public var summary: String {
        let words = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
        return "\(counts.values.reduce(0, +)) open: \(words.joined(separator: ", "))"
    }
}

extension RunFacts.LeftOpen.Known {
    init(_ found: FlightLog.Found?) {
        self =
            switch found {
            case .notStarted: .notStarted
            case .inDoubt: .inDoubt
            case .answered(.taken): .taken
            case .answered(.notTaken): .notTaken
            case nil: .nothing
            }
    }
}
