import Core
import Reports
import Store
public import Terminal

/// The log as it grows. History first (`--since`, else the last `--limit` rows), then what comes; asks the store four times a second.
extension TailRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let store = try await context.reading()
        let (since, limit) = (context.options.since, Int64(context.options.limit))
        var position = try await store.read { try Self.start(in: $0, since: since, limit: limit) }
        var isLive = false
        while true {
            let after = position
            let rows = try await store.read { try $0.log(after: after, limit: 500) }
            for row in rows where isWanted(row) {
                try context.console.show(text: TailLine(row).text(as: context.console.form, context.console.look))
            }
            if let last = rows.last {
                position = last.seq
                continue
            }
            if ends { return .success }
            if !isLive { try context.console.note("-- live, Ctrl-C stops --") }
            isLive = true
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    private func isWanted(_ row: LogRow) -> Bool {
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
