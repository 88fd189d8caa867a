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
            func rows() -> String {
                var text = ""
                for row in ledger.rows(after: last) {
                    if row.n > last + 1 { text += "event: gap\ndata: \(row.n - last - 1)\n\n" }
                    text += Self.event(row)
                    last = row.n
                }
                return text
            }
            let missed = rows()
            if !missed.isEmpty { try await send(missed) }
            let sources = [(changes, Beat.rows)] + (inbox.map { [($0, Beat.inbox)] } ?? [])
            for await beat in heartbeat(sources, quiet: .quiet, keeps: 64) {
                let head = beat == .quiet ? ": still here\n\n" : beat == .inbox ? "event: inbox\ndata: {}\n\n" : ""
                let text = head + rows()
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
}
