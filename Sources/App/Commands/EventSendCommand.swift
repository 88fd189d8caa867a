import Config
import Core
import Pipeline
import Reports
import Store
public import Terminal

extension EventSendRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let settings = try context.settings()
        var lines: [[UInt8]] = []
        for file in files { lines += try Lines.read(file) }
        let report: EventSendReport
        if let link = await WorkerLink.find(settings, timeout: context.options.timeout) {
            report = try await send(lines, over: link)
            await link.close()
        } else {
            report = try await file(lines, context)
        }
        try context.console.show(report)
        return report.status
    }

    /// At most this many bytes in one request.
    private static let chunk = 400_000

    private func send(_ lines: [[UInt8]], over link: WorkerLink) async throws(Fault) -> EventSendReport {
        var report = EventSendReport(through: "worker")
        var body: [UInt8] = []
        var first = 0
        for (n, line) in lines.enumerated() {
            body += line + [0x0A]
            guard body.count >= Self.chunk || n == lines.count - 1 else { continue }
            let reply = try await link.call("POST", "/v1/queue", type: "application/x-ndjson", body: body)
            let json = try read(reply)
            guard reply.status == 200 else {
                throw Fault(
                    .failure, "the worker refused line \(first + 1) and what follows: \(json["title"]?.string ?? "status \(reply.status)")")
            }
            report.add(json, firstLine: first)
            body = []
            first = n + 1
        }
        return report
    }

    private func read(_ reply: ProviderReply) throws(Fault) -> JSON {
        do { return try JSON(parsing: reply.body) } catch { throw Fault(.failure, "the worker's answer cannot be read") }
    }

    /// No worker runs: take the lock, commit and leave. The next worker plans them.
    private func file(_ lines: [[UInt8]], _ context: CommandContext) async throws -> EventSendReport {
        let configuration = try context.configuration()
        let store = try Stores.openWriting(configuration.settings)
        let intake = Intake(
            store: store,
            reader: EventReader(typePrefix: configuration.settings.eventTypePrefix, rails: Set(configuration.catalogue.rails.keys)),
            clock: SystemClock(), accepted: Signal())
        var report = EventSendReport(through: "store")
        do {
            for start in stride(from: 0, to: lines.count, by: 256) {
                let part = lines[start..<min(start + 256, lines.count)]
                let answers = try await intake.accept(part.map { Intake.Raw($0) }, from: .queue("cli"))
                for (n, answer) in answers.enumerated() { report.add(answer, line: start + n + 1) }
            }
        } catch {
            try await store.close()
            throw error
        }
        try await store.close()
        return report
    }
}

/// What became of the lines that were sent.
struct EventSendReport: Document {
    static let schema = "clarion.event.send/1"
    /// `worker` or `store`: who took them.
    var through: String
    var accepted = 0, duplicate = 0, conflict = 0, rejected = 0
    /// Line number and what is wrong with it.
    var problems: [(line: Int, words: String)] = []

    init(through: String) { self.through = through }

    mutating func add(_ answer: Intake.Answer, line: Int) {
        switch answer {
        case .accepted: accepted += 1
        case .duplicate: duplicate += 1
        case .conflict(let id, _):
            conflict += 1
            problems.append((line, "\(id): same id, other content: the first stays"))
        case .refused(let refusal):
            rejected += 1
            problems.append((line, refusal.description))
        }
    }

    mutating func add(_ json: JSON, firstLine: Int) {
        accepted += Int(json["accepted"]?.integer ?? 0)
        duplicate += Int(json["duplicate"]?.integer ?? 0)
        conflict += Int(json["conflict"]?.integer ?? 0)
        rejected += Int(json["rejected"]?.integer ?? 0)
        for item in json["problems"]?.array ?? [] {
            let words = (item["errors"]?.array ?? []).compactMap { error -> String? in
                let field = error["field"]?.string ?? ""
                return error["detail"]?.string.map { field.isEmpty ? $0 : "\(field): \($0)" } ?? error.string
            }
            problems.append((firstLine + Int(item["line"]?.integer ?? 0), words.joined(separator: "; ")))
        }
    }

    /// Refused lines are dead letters: nothing is lost, but not all was taken.
    var status: ExitStatus { conflict + rejected == 0 ? .success : .partial }

    var members: [(String, JSON)] {
        [
            ("through", .string(through)), ("accepted", .integer(accepted)), ("duplicate", .integer(duplicate)),
            ("conflict", .integer(conflict)),
            ("rejected", .integer(rejected)),
            ("problems", .array(problems.map { ["line": .integer($0.line), "problem": .string($0.words)] })),
        ]
    }
    var sheet: Sheet {
        var sheet = Sheet(["line", "problem"])
        for problem in problems { sheet.add([.integer(problem.line), .string(problem.words)]) }
        return sheet
    }
    func human(_ look: Look) -> [String] {
        var out = [
            "\(grouped(accepted)) accepted, \(grouped(duplicate)) duplicate, \(grouped(conflict)) conflict, \(grouped(rejected)) rejected"
                + (through == "store" ? " (no worker runs: the next one plans them)" : "")
        ]
        out += problems.prefix(20).map { look.mark(.bad, "line \($0.line): \($0.words)") }
        if problems.count > 20 { out.append("… and \(problems.count - 20) more; --json has them all") }
        if rejected > 0 { out.append("Rejected lines are kept as dead letters: clarion dead list") }
        return out
    }
}
