import Config
import Core
import Pipeline
import Reports
import Sources
import Store
public import Terminal

extension EventSendRequest: Command {
    public static var reach: Reach { .server }

    /// Each file is read and sent in batches as it comes, so that a live pipe works too.
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let report: EventSendReport
        if let link = try await context.link() {
            do {
                report = try await send(over: link, within: context.options.timeout, named: context.options.server?.base ?? "worker")
                await link.close()
            } catch {
                await link.close()
                throw error
            }
        } else {
            guard !waits else {
                throw Fault(
                    .unavailable, "no worker runs: nothing would be decided", field: "wait", hint: "clarion run, or leave --wait out")
            }
            report = try await file(context)
        }
        try context.console.show(report)
        return report.status
    }

    /// At most this many events in one request or transaction: 256 events of a usual size are 300 kB.
    private static let batch = 256

    private func send(over link: WorkerLink, within limit: Duration, named name: String) async throws -> EventSendReport {
        var report = EventSendReport(through: name)
        var ids: Set<String> = []
        for file in files {
            var source = try LineSource(file)
            while true {
                let events = try source.next(Self.batch)
                guard let first = events.first else { break }
                let body = events.reduce(into: [UInt8]()) { $0 += $1.bytes + [0x0A] }
                let reply = try await link.call("POST", "/v1/queue", type: "application/x-ndjson", body: body)
                let json = try link.json(reply)
                guard reply.status == 200 else {
                    let words = WorkerLink.words(json, status: reply.status)
                    throw Fault(.failure, "\(link.name) refused \(source.name):\(first.position) and what follows: \(words)")
                }
                report.add(json, events, of: source.name)
                source.acknowledge()
                if waits { ids.formUnion(events.compactMap { Self.id(of: $0.bytes) }) }
            }
        }
        if waits { report.decided = try await decided(ids, over: link, within: limit) }
        return report
    }

    /// What became of each event, once that is decided. Throws when it takes longer than `limit`; the events are stored all the same.
    private func decided(_ ids: Set<String>, over link: WorkerLink, within limit: Duration) async throws -> [String: Int] {
        var words: [String: Int] = [:]
        let end = ContinuousClock.now + limit
        for id in ids {
            while true {
                let reply = try await link.call("GET", "/v1/events/\(WorkerLink.segment(id))")
                // Refused: it was never an event.
                guard reply.status == 200 else { break }
                let word = try link.json(reply)["disposition"]?.string ?? ""
                if word != Disposition.received.word {
                    words[word, default: 0] += 1
                    break
                }
                guard ContinuousClock.now < end else {
                    throw Fault(.failure, "stored, but not all is decided yet", field: "wait", hint: "clarion event show \(PlainText(id))")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        return words
    }

    private static func id(of line: [UInt8]) -> String? {
        do { return try JSON(parsing: line)["id"]?.string } catch { return nil }
    }

    /// No worker runs: take the lock, commit and leave. The next worker plans them.
    private func file(_ context: CommandContext) async throws -> EventSendReport {
        let configuration = try context.configuration()
        let store = try Stores.openWriting(configuration.settings)
        var report = EventSendReport(through: "store")
        do {
            let intake = Intake(
                store: store,
                reader: EventReader(typePrefix: configuration.settings.eventTypePrefix, rails: Set(configuration.catalogue.rails.keys)),
                clock: try await ClockStage.going(onFrom: store, bootID: Host.bootID), accepted: Signal())
            for file in files { try await take(file, intake, into: &report) }
        } catch {
            try await store.close()
            throw error
        }
        try await store.close()
        return report
    }

    private func take(_ file: String, _ intake: Intake, into report: inout EventSendReport) async throws {
        var source = try LineSource(file)
        while true {
            let events = try source.next(Self.batch)
            guard !events.isEmpty else { return }
            let answers = try await intake.accept(events.map { Intake.Raw($0.bytes) }, from: .queue("cli"))
            for (event, answer) in zip(events, answers) { report.add(answer, event, of: source.name) }
            source.acknowledge()
        }
    }
}

/// What became of the lines that were sent.
struct EventSendReport: Document {
    static let schema = "clarion.event.send/1"
    /// `worker`, `store` or a server's address: who took them.
    var through: String
    var accepted = 0, duplicate = 0, conflict = 0, rejected = 0
    /// Where it stands and what is wrong with it.
    var problems: [(file: String, line: Int, words: String)] = []

    /// What became of them, by disposition; nil when nobody waited for it.
    var decided: [String: Int]?

    init(through: String) { self.through = through }

    mutating func add(_ answer: Intake.Answer, _ event: RawEvent, of file: String) {
        switch answer {
        case .accepted: accepted += 1
        case .duplicate: duplicate += 1
        case .conflict(let id, _):
            conflict += 1
            problems.append((file, event.position, "\(id): same id, other content: the first stays"))
        case .refused(let refusal):
            rejected += 1
            problems.append((file, event.position, refusal.description))
        }
    }

    /// The worker's answer to one batch; it counts the lines of the batch from 1.
    mutating func add(_ json: JSON, _ events: [RawEvent], of file: String) {
        accepted += Int(json["accepted"]?.integer ?? 0)
        duplicate += Int(json["duplicate"]?.integer ?? 0)
        conflict += Int(json["conflict"]?.integer ?? 0)
        rejected += Int(json["rejected"]?.integer ?? 0)
        for item in json["problems"]?.array ?? [] {
            let words = (item["errors"]?.array ?? []).compactMap { error -> String? in
                let field = error["field"]?.string ?? ""
                return error["detail"]?.string.map { field.isEmpty ? $0 : "\(field): \($0)" } ?? error.string
            }
            let first = events.first?.position ?? 1
            problems.append((file, first - 1 + Int(item["line"]?.integer ?? 1), words.joined(separator: "; ")))
        }
    }

    /// Refused lines are dead letters: nothing is lost, but not all was taken.
    var status: ExitStatus { conflict + rejected == 0 ? .success : .partial }

    private var sorted: [(word: String, count: Int)] { (decided ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    var members: [(String, JSON)] {
        [
            ("through", .string(through)), ("accepted", .integer(accepted)), ("duplicate", .integer(duplicate)),
            ("conflict", .integer(conflict)),
            ("rejected", .integer(rejected)),
            ("problems", .array(problems.map { ["file": .string($0.file), "line": .integer($0.line), "problem": .string($0.words)] })),
            ("decided", decided == nil ? .null : .object(sorted.map { ($0.word, .integer($0.count)) })),
        ]
    }
    var sheet: Sheet {
        var sheet = Sheet(["file", "line", "problem"])
        for problem in problems { sheet.add([.string(problem.file), .integer(problem.line), .string(problem.words)]) }
        return sheet
    }
    func human(_ look: Look) -> [String] {
        var out = [
            "\(grouped(accepted)) accepted, \(grouped(duplicate)) duplicate, \(grouped(conflict)) conflict, \(grouped(rejected)) rejected"
                + (through == "store" ? " (no worker runs: the next one plans them)" : "")
        ]
        if decided != nil { out.append("decided: " + sorted.map { "\(grouped($0.count)) \($0.word)" }.joined(separator: ", ")) }
        out += problems.prefix(20).map { look.mark(.bad, "\($0.file):\($0.line): \($0.words)") }
        if problems.count > 20 { out.append("… and \(problems.count - 20) more; --json has them all") }
        if rejected > 0 { out.append("Rejected lines are kept as dead letters: clarion dead list") }
        return out
    }
}
