import Core
import Reports
import Store
public import Terminal

/// The log as it grows. History first (`--since`, else the last `--limit` rows), then what comes; asks the store twice a second.
extension TailRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let store = try await context.reading()
        let (since, limit) = (context.options.since, Int64(context.options.limit))
        let start = try await store.read { try Self.start(in: $0, since: since, limit: limit) }
        var tail = Tail(request: self, store: store, console: context.console, position: start)
        try await tail.catchUp()
        if ends { return .success }
        // Before anybody is told that Ctrl-C stops it.
        let interrupt = Interrupt()
        try context.console.note("-- live, Ctrl-C stops --")
        let (follower, console) = (tail, context.console)
        return try await withThrowingTaskGroup(of: ExitStatus.self) { group in
            group.addTask { try await follower.follow() }
            group.addTask {
                await interrupt.wait(console, saying: "")
                return .interrupted
            }
            let status = try await group.next() ?? .interrupted
            group.cancelAll()
            // The follower says how much it showed before it ends.
            return try await group.next() ?? status
        }
    }

    fileprivate func isWanted(_ row: LogRow) -> Bool {
        (order == nil || row.entry.order == order) && (acts.isEmpty || acts.contains(row.entry.act.rawValue))
    }

    /// The row before the first to show. Rows stand in the order of time, so the search goes back page by page from the end.
    private static func start(in reader: any StoreReader, since: Timestamp?, limit: Int64) throws -> Int64 {
        var end = try reader.lastLogSeq()
        guard let since else { return max(0, end - limit) }
        while end > 0 {
            let low = max(0, end - 1000)
            let older = try reader.log(after: low, limit: Int(end - low)).last { $0.entry.at < since }
            if let older { return older.seq }
            end = low
        }
        return 0
    }
}

/// Where a tail is in the log.
private struct Tail: Sendable {
    let request: TailRequest
    let store: any StoreReading
    let console: Console
    var position: Int64
    var shown = 0

    /// Shows all there is.
    mutating func catchUp() async throws {
        while true {
            let after = position
            let rows = try await store.read { try $0.log(after: after, limit: 500) }
            guard let last = rows.last else { return }
            for row in rows where request.isWanted(row) {
                try console.show(text: TailLine(row).text(as: console.form, console.look))
                shown += 1
            }
            position = last.seq
        }
    }

    /// Until the task is cancelled.
    func follow() async throws -> ExitStatus {
        var tail = self
        do {
            while true {
                try await Task.sleep(for: .milliseconds(500))
                try await tail.catchUp()
            }
        } catch is CancellationError {
            try console.note("\(counted(tail.shown, "row")) shown")
            return .interrupted
        }
    }
}
