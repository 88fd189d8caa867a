import Core
import Hummingbird
import Pages

extension Page {
    /// `event: row`, `id: N`, `data: {"n":N,"at":…,"channel":…,"provider":…}`: that something came, not what; the page fetches what it
    /// shows. Without a position it begins now. Rows that have left memory are skipped: `event: gap`. `event: inbox`: one may have changed.
    func events(after position: String?) -> Response {
        let ledger = ledger
        let start = position.flatMap { Int($0) } ?? ledger.count
        let (changes, inbox) = (ledger.changes(), options.inboxChanges?())
        return eventStream { send in
            try await send("retry: 2000\n\n")
            var last = start
            for await beat in Self.beating(changes, inbox) {
                var text = beat == .quiet ? ": still here\n\n" : beat == .inbox ? "event: inbox\ndata: {}\n\n" : ""
                for row in ledger.rows(after: last) {
                    if row.n > last + 1 { text += "event: gap\ndata: \(row.n - last - 1)\n\n" }
                    text += Self.event(row)
                    last = row.n
                }
                if !text.isEmpty { try await send(text) }
            }
        }
    }

    private static func event(_ row: Row) -> String {
        let data: JSON = [
            "n": .integer(row.n), "at": .integer(row.at.milliseconds), "channel": .string(row.channel.rawValue),
            "provider": .string(row.provider.rawValue),
        ]
        return "id: \(row.n)\nevent: row\ndata: \(data.text)\n\n"
    }

    private enum Beat { case rows, inbox, quiet }

    /// `rows` at once and at each change, `inbox` when one may have changed, `quiet` every 15 s, so that proxies and browsers see a living
    /// stream. Ends with `changes`. At most 64 beats wait for a page that reads slowly: the next one brings it all that came.
    private static func beating(_ changes: AsyncStream<Void>, _ inbox: AsyncStream<Void>?) -> AsyncStream<Beat> {
        AsyncStream(bufferingPolicy: .bufferingNewest(64)) { continuation in
            continuation.yield(.rows)
            let task = Task {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        do {
                            while true {
                                try await Task.sleep(for: .seconds(15))
                                continuation.yield(.quiet)
                            }
                        } catch { return }
                    }
                    if let inbox { group.addTask { for await _ in inbox { continuation.yield(.inbox) } } }
                    for await _ in changes { continuation.yield(.rows) }
                    group.cancelAll()
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}
