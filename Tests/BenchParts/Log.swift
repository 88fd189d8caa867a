import App
import Config
import Core
import Store

extension BenchParts {
    /// Rows as a worker writes them, as many as are wanted, into the store of these settings.
    ///
    /// - Parameter word: in every row: another history has another one.
    static func log(settings file: String, rows: Int, word: String) async throws {
        let configuration = try Configuration.load(settingsFile: file, environment: [:], overrides: [:], channels: [])
        let runtime = try Runtime.make(configuration)
        let first = Int(try await runtime.store.read { try $0.lastLogSeq() })
        for start in stride(from: first, to: first + rows, by: 5000) {
            try await runtime.store.write { writer in
                for n in start..<min(start + 5000, first + rows) {
                    try writer.append(row(n, word))
                }
            }
        }
        try await runtime.close()
        say("{\"rows\":\(first + rows)}")
    }

    private static func row(_ n: Int, _ word: String) -> LogEntry {
        let acts: [LogEntry.Act] = [.eventAccepted, .decision, .delivery, .intent, .outcome]
        let at = Timestamp(milliseconds: 1_795_000_000_000 + Int64(n) * 20)
        return LogEntry(
            acts[n % 5], at: at, order: OrderNumber("WD26\(n / 5)"), event: Int64(n / 5), notice: Int64(n / 5),
            delivery: Int64(n / 5) * 8 + 1,
            body: [
                "channel": "sms", "reason": "first", "template": .string(word), "to": "+86****96", "account": "sms-main", "n": .integer(n),
                "customer": "cus_7YWJ5PCV83NA00VRP3MEEEY4GD", "class": "accepted",
            ])
    }
}
