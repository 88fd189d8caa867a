import Core
import Hummingbird
import Pipeline
import Store

/// `/v1/holds`: what operators keep from leaving.
struct HoldRoutes: Sendable {
    let desk: Desk

    var routes: [Route] {
        [
            Route(.get, "/v1/holds", needs: .role(.viewer)) { try await list($0) },
            Route(.post, "/v1/holds", needs: .role(.operator)) { try await add($0) },
            Route(.post, "/v1/holds/{id}/end", needs: .role(.operator)) { try await end($0) },
        ]
    }

    /// `?all=true` with those that are over.
    private func list(_ call: Call) async throws -> Response {
        let now = desk.clock.now()
        func query(_ name: String) -> String? { call.query.first { $0.name == name }?.value }
        let isAll = query("all") == "true"
        let limit = min(1000, max(1, query("limit").flatMap { Int($0) } ?? 50))
        let holds = try await desk.store.read { try HoldStanding.all(in: $0, onlyInForce: !isAll, limit: limit, now: now) }
        return Replies.json(.ok, ["holds": .array(holds.map(\.json))])
    }

    /// `{"kind": …, "channel": …, "for": 7200, "reason": …, "who": …}`: everything is held only by that name.
    private func add(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        var problems: [FieldProblem] = []
        var scope = HoldScope()
        switch HoldScope.read(body) {
        case .success(let read): scope = read
        case .failure(let refusal): problems = refusal.problems
        }
        if problems.isEmpty, scope.isEverything != (body["everything"]?.bool ?? false) {
            problems.append(FieldProblem("everything", "expected what is held, or everything alone"))
        }
        var span: Duration?
        if let given = body["for"], given != .null {
            span = given.integer.flatMap { $0 > 0 && $0 <= 3_200_000_000 ? .seconds($0) : nil }
            if span == nil { problems.append(FieldProblem("for", "expected seconds, more than 0")) }
        }
        guard problems.isEmpty else { return Replies.invalid("invalid-request", "Say what is held", problems) }
        let (settled, length) = (scope, span)
        return try await call.act(body) { try await desk.hold(settled, for: length, who: $0, reason: $1) }
    }

    private func end(_ call: Call) async throws -> Response {
        guard let id = Hold.id(named: call.id) else { return Replies.notFound }
        return try await call.act(try await call.json(atMost: 16384, isOptional: true)) {
            try await desk.end(hold: id, who: $0, reason: $1)
        }
    }
}
