import Core
import HTTPTypes
import Hummingbird
import NIOCore

extension Page {
    /// `event: row`, `id: N`, `data: {"n":N,"at":…,"channel":…,"provider":…}`: that something came, not what; the page fetches what it
    /// shows. Without a position it begins now. Rows that have left memory are skipped: `event: gap`.
    func events(after position: String?) -> Response {
        let ledger = ledger
        let start = position.flatMap { Int($0) } ?? ledger.count
        let changes = ledger.changes()
        var fields = HTTPFields()
        fields[.contentType] = "text/event-stream"
        fields[.cacheControl] = "no-store"
        return Response(
            status: .ok, headers: fields,
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
                var last = start
                for await change in Self.beating(changes) {
                    var text = change ? "" : ": still here\n\n"
                    for row in ledger.rows(after: last) {
                        if row.n > last + 1 { text += "event: gap\ndata: \(row.n - last - 1)\n\n" }
                        text += Self.event(row)
                        last = row.n
                    }
                    if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
                }
                try await writer.finish(nil)
            })
    }

    private static func event(_ row: Row) -> String {
        let data: JSON = [
            "n": .integer(row.n), "at": .integer(row.at.milliseconds), "channel": .string(row.channel.rawValue),
            "provider": .string(row.provider.rawValue),
        ]
        return "id: \(row.n)\nevent: row\ndata: \(data.text)\n\n"
    }

    /// `true` at once and at each change, `false` every 15 s, so that proxies and browsers see a living stream. Ends with `changes`.
    private static func beating(_ changes: AsyncStream<Void>) -> AsyncStream<Bool> {
        AsyncStream { continuation in
            continuation.yield(true)
            let task = Task {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        do {
                            while true {
                                try await Task.sleep(for: .seconds(15))
                                continuation.yield(false)
                            }
                        } catch { return }
                    }
                    for await _ in changes { continuation.yield(true) }
                    group.cancelAll()
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}
