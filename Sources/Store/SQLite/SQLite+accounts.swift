import Core

extension SQL {
    static let accountStandings = Query("SELECT account, state, changed_at FROM provider_state ORDER BY account")
    static let saveAccountStanding = Query("INSERT OR REPLACE INTO provider_state (account, state, changed_at) VALUES (?, ?, ?)")
}

extension SQLiteReads {
    func accountStandings() throws -> [AccountStanding] {
        try db.all(SQL.accountStandings) { row in
            let name = row.text(0)
            do {
                return try AccountStanding(account: name, state: try JSON(parsing: row.text(1)), changedAt: row.time(2))
            } catch {
                throw StoreError.integrity("what is remembered of account \(name) cannot be read: \(error)")
            }
        }
    }
}

extension SQLiteWrites {
    func save(_ standing: AccountStanding) throws {
        try db.run(SQL.saveAccountStanding) {
            $0(standing.account, String(decoding: standing.state.bytes, as: UTF8.self), standing.changedAt)
        }
    }
}

extension AccountStanding {
    fileprivate var state: JSON {
        var state: [(String, JSON)] = []
        if let opening {
            state += [
                ("openings", .integer(opening.count)), ("open_since", .integer(opening.since.milliseconds)),
                ("open_until", .integer(opening.until.milliseconds)),
            ]
        }
        if let heldUntil { state.append(("held_until", .integer(heldUntil.milliseconds))) }
        if let pause {
            state += [
                ("paused_by", .string(pause.who)), ("pause_reason", .string(pause.reason)),
                ("paused_at", .integer(pause.at.milliseconds)),
            ]
        }
        if !lastFailure.isEmpty { state.append(("last_failure", .string(lastFailure))) }
        if let window = measure.window {
            state += [("window", .decimal(window.size)), ("window_fast_to", .decimal(window.threshold))]
        }
        if let bucket = measure.bucket {
            state += [("rate_left", .decimal(bucket.tokens)), ("rate_at", .integer(bucket.at.milliseconds))]
        }
        if measure.trust < 1 { state.append(("trust", .decimal(measure.trust))) }
        return .object(state)
    }

    fileprivate init(account: String, state: JSON, changedAt: Timestamp) throws(JSONProblem) {
        func time(_ name: String) -> Timestamp? { state[name]?.integer.map { Timestamp(milliseconds: $0) } }
        self.init(account: account, changedAt: changedAt)
        if let since = time("open_since"), let until = time("open_until") {
            opening = Opening(since: since, until: until, count: Int(state["openings"]?.integer ?? 1))
        }
        heldUntil = time("held_until")
        if let at = time("paused_at") {
            pause = Pause(who: state["paused_by"]?.string ?? "", reason: state["pause_reason"]?.string ?? "", at: at)
        }
        lastFailure = state["last_failure"]?.string ?? ""
        if let size = state["window"]?.decimal, let threshold = state["window_fast_to"]?.decimal {
            measure.window = Measure.Window(size: size, threshold: threshold)
        }
        if let tokens = state["rate_left"]?.decimal, let at = time("rate_at") { measure.bucket = Measure.Bucket(tokens: tokens, at: at) }
        measure.trust = state["trust"]?.decimal ?? 1
    }
}

extension JSON {
    fileprivate static func decimal(_ value: Double) -> JSON { .number(value.description) }
    fileprivate var decimal: Double? { if case .number(let text) = self { Double(text) } else { nil } }
}
