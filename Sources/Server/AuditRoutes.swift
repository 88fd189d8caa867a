import Core
import Hummingbird
import Pipeline
import Reports
import Store
import Terminal

/// `/v1/audit`: the log as support and auditors ask it, and what they find out; `/v1/resends`: a message once more.
struct AuditRoutes: Sendable {
    let desk: Desk
    /// Of an SMS part, by account.
    let prices: [SMSPrice]

    var routes: [Route] {
        [
            Route(.get, "/v1/audit", needs: .role(.viewer)) { try await search($0) },
            Route(.get, "/v1/audit/stats", needs: .role(.viewer)) { try await stats($0) },
            Route(.post, "/v1/verdicts", needs: .role(.operator)) { try await judge($0) },
            Route(.post, "/v1/resends", needs: .role(.operator)) { try await resend($0) },
        ]
    }

    /// `?q=kind:risk_hold -state:read&limit=50&after=dlv_…&facets=true`; times in the query are UTC.
    private func search(_ call: Call) async throws -> Response {
        func query(_ name: String) -> String? { call.query.first { $0.name == name }?.value }
        let limit = min(1000, max(1, query("limit").flatMap { Int($0) } ?? 50))
        let (cursor, facets) = (query("after"), query("facets") == "true")
        do {
            let search = try Search(query("q") ?? "", limit: limit, now: desk.clock.now(), offset: { _ in 0 })
            let report = try await DiscreetStore(desk.store).read {
                try SearchReport.gather(from: $0, search: search, cursor: cursor, facets: facets)
            }
            return Replies.json(.ok, report.json)
        } catch let fault as Fault where fault.status == .usage {
            let place = fault.quoted.map { " at character \($0.column)" } ?? ""
            let words = fault.detail + place + (fault.hint.map { "; \($0)" } ?? "")
            return Replies.problem(
                .badRequest, "invalid-query", "The query cannot be read",
                errors: [FieldProblem(fault.field == "cursor" ? "after" : "q", words)])
        }
    }

    /// `?by=bank,channel&since=2026-11-01T00:00:00Z&until=…`
    private func stats(_ call: Call) async throws -> Response {
        func query(_ name: String) -> String? { call.query.first { $0.name == name }?.value }
        var problems: [FieldProblem] = []
        func moment(_ name: String) -> Timestamp? {
            guard let text = query(name) else { return nil }
            let moment = TimeArgument.moment(text, now: desk.clock.now(), offset: { _ in 0 })
            if moment == nil { problems.append(FieldProblem(name, "expected a time: 24h, 2026-11-18, or RFC 3339")) }
            return moment
        }
        let (since, until) = (moment("since"), moment("until"))
        let words = (query("by") ?? "").split(separator: ",").map(String.init)
        let dimensions = words.compactMap(StatsDimension.init(rawValue:))
        if dimensions.count < words.count {
            problems.append(FieldProblem("by", "expected words of \(StatsDimension.allCases.map(\.rawValue).joined(separator: ", "))"))
        }
        guard problems.isEmpty else {
            return Replies.problem(.badRequest, "invalid-query", "The query cannot be read", errors: problems)
        }
        let report = try await DiscreetStore(desk.store).read { [prices] in
            try StatsReport.gather(from: $0, since: since, until: until, by: dimensions, prices: prices)
        }
        return Replies.json(.ok, report.json)
    }

    /// `{"delivery": …, "right": true, "reason": …, "who": …}`: the reason is the note.
    private func judge(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        var problems: [FieldProblem] = []
        if body["delivery"]?.string == nil {
            problems.append(FieldProblem("delivery", body["delivery"] == nil ? "missing" : "expected text"))
        }
        if body["right"]?.bool == nil {
            problems.append(FieldProblem("right", body["right"] == nil ? "missing" : "expected true or false"))
        }
        guard problems.isEmpty, let delivery = body["delivery"]?.string, let isRight = body["right"]?.bool else {
            return Replies.invalid("invalid-request", "Say what is judged, and how", problems)
        }
        return try await call.act(body) { try await desk.judge(delivery: delivery, isRight: isRight, who: $0, note: $1) }
    }

    /// `{"delivery" | "order": …, "channel": …, "even_if_in_doubt": true, "reason": …, "who": …}`
    private func resend(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        let (delivery, order) = (body["delivery"]?.string, body["order"]?.string.flatMap { OrderNumber($0) })
        var problems: [FieldProblem] = []
        if (delivery == nil) == (order == nil) { problems.append(FieldProblem("", "expected one of delivery, order")) }
        let channel = body["channel"]?.string.flatMap(Channel.init(rawValue:))
        if let given = body["channel"], !given.isNull, channel == nil || delivery != nil {
            problems.append(FieldProblem("channel", delivery == nil ? "expected a channel" : "a delivery has its channel"))
        }
        let forced = body["even_if_in_doubt"]
        if let forced, forced.bool == nil { problems.append(FieldProblem("even_if_in_doubt", "expected true or false")) }
        guard problems.isEmpty else { return Replies.invalid("invalid-request", "Say what is sent once more", problems) }
        let what: Desk.Resent = delivery.map { .delivery($0) } ?? .order(order!, channel)
        return try await call.act(body) {
            try await desk.resend(what, evenIfInDoubt: forced?.bool ?? false, who: $0, reason: $1)
        }
    }
}
