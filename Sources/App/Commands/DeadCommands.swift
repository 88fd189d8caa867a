import Core
import Pipeline
import Reports
import Store
public import Terminal

extension DeadChangeRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let batch = try await batch(context)
        guard !batch.letters.isEmpty else { throw nothing }
        let some = batch.words(verb)
        if context.options.isDryRun {
            try context.console.show(DeskReport(done: ["\(some); nothing was changed"]))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        try context.confirm(batch.letters.count, some)
        let report = try await context.withWay { [self] way in
            var report = DeskReport(done: [], next: verb.next)
            for (n, id) in batch.letters.enumerated() {
                if n > 0, let rate { try await Task.sleep(for: .microseconds(1_000_000 / rate)) }
                switch try await change(id, way, who: who, reason: reason) {
                case .done(let words): report.done.append(words)
                case .notFound: report.refused.append("dead letter \(id): gone")
                case .refused(let words): report.refused.append("dead letter \(id): \(words)")
                }
            }
            return report
        }
        try context.console.show(report)
        return report.refused.isEmpty ? .success : report.done.isEmpty ? .failure : .partial
    }

    private func change(_ id: Int64, _ way: Way, who: String, reason: String) async throws -> Desk.Answer {
        try await way.operate("/v1/dead/\(id)/\(verb.rawValue)", ["reason": .string(reason), "who": .string(who)]) { [verb] desk in
            switch verb {
            case .retry: try await desk.retry(deadLetter: id, who: who, reason: reason)
            case .discard: try await desk.discard(deadLetter: id, who: who, reason: reason)
            case .restore: try await desk.restore(deadLetter: id, who: who, reason: reason)
            }
        }
    }

    private var nothing: Fault {
        let hint = verb == .restore ? "clarion dead list --discarded" : "clarion dead list"
        guard let name = names.first else { return Fault(.notFound, "no dead letter fits", field: "all", hint: hint) }
        return Fault(.notFound, "no dead letter or group \(PlainText(name))", field: "name", hint: hint)
    }

    // MARK: Which

    /// The letters as they are now: what comes later is not among them.
    private func batch(_ context: CommandContext) async throws -> DeadBatch {
        if context.options.server != nil { return DeadBatch(letters: try numbers(context)) }
        let (now, most) = (context.clock(), context.options.limit)
        return try await context.read { [self] reader in
            let report = try DeadReport.gather(from: reader, state: verb == .restore ? .discarded : .open, now: now)
            var ids: [Int64] = isAll ? report.groups.flatMap(\.letters) : []
            for name in names {
                // A number is taken as it is: what cannot be done to it, its own answer says.
                if let id = Int64(name), try reader.deadLetter(id) != nil {
                    ids.append(id)
                } else if let group = report.letters(name) {
                    ids += group
                } else {
                    return DeadBatch(letters: [])
                }
            }
            return try DeadBatch.gather(Set(ids).sorted(), channel: channel, stage: stage, most: most, from: reader)
        }
    }

    /// A server shows no groups: there a letter is named by its number.
    private func numbers(_ context: CommandContext) throws -> [Int64] {
        let numbers = names.compactMap { Int64($0) }
        guard !isAll, channel == nil, stage == nil, numbers.count == names.count, !context.options.isDryRun else {
            throw Fault(
                .unavailable, "the HTTP interface does not show dead letters", field: "name",
                hint: "name them by their numbers, without --dry-run; groups on the server's own machine")
        }
        return numbers
    }
}

extension DeadChangeRequest.Verb {
    /// The command that shows what came of it.
    fileprivate var next: String {
        switch self {
        case .retry: "clarion tail --act outcome,dead_letter"
        case .discard: "clarion dead list --discarded"
        case .restore: "clarion dead list"
        }
    }
    fileprivate func words(_ count: Int) -> String {
        switch self {
        case .retry: counted(count, "dead letter goes again", "dead letters go again")
        case .discard: counted(count, "dead letter is discarded", "dead letters are discarded")
        case .restore: counted(count, "dead letter is open again", "dead letters are open again")
        }
    }
}

/// What one command is about to change, and what may be said of it before.
struct DeadBatch: Sendable {
    var letters: [Int64]
    /// Letters that fit and are left for another time, since one command changes no more than so many.
    var left = 0
    var channels: [Channel: Int] = [:]
    /// What they are about is over: they are dropped instead of sent.
    var over = 0

    static func gather(
        _ ids: [Int64], channel: Channel?, stage: DeadLetter.Stage?, most: Int, from reader: any StoreReader
    ) throws -> DeadBatch {
        var batch = DeadBatch(letters: [])
        for id in ids {
            guard let letter = try reader.deadLetter(id), stage.map({ $0 == letter.stage }) ?? true else { continue }
            let delivery = try letter.delivery.flatMap { try reader.delivery($0) }
            guard channel.map({ $0 == delivery?.channel }) ?? true else { continue }
            guard batch.letters.count < most else {
                batch.left += 1
                continue
            }
            batch.letters.append(id)
            guard let delivery else { continue }
            batch.channels[delivery.channel, default: 0] += 1
            if delivery.episode != 0, try reader.episode(delivery.episode)?.status != .open { batch.over += 1 }
        }
        return batch
    }

    func words(_ verb: DeadChangeRequest.Verb) -> String {
        var words = verb.words(letters.count)
        let parts = channels.sorted { $0.key < $1.key }.map { "\(grouped($0.value)) \($0.key.rawValue)" }.joined(separator: ", ")
        if !parts.isEmpty { words += " (\(parts))" }
        if verb == .retry, over > 0 { words += ", of which \(grouped(over)) \(over == 1 ? "is" : "are") no longer true and dropped" }
        return left > 0 ? words + "; \(grouped(left)) more are left for the next time (--limit)" : words
    }
}
