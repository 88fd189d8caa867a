import Core
import Hummingbird
import Pipeline

/// `/v1/complaints`: what customers complain of, as support records it.
struct ComplaintRoutes: Sendable {
    let desk: Desk

    var routes: [Route] {
        [
            Route(.post, "/v1/complaints", needs: .role(.operator)) { try await add($0) },
            Route(.post, "/v1/complaints/{id}/end", needs: .role(.operator)) { try await end($0) },
        ]
    }

    /// `{"order": …, "reason": …, "who": …}`; 404 for an order that nothing is known of.
    private func add(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        guard let order = body["order"]?.string.flatMap({ OrderNumber($0) }) else {
            let words = body["order"] == nil ? "missing" : "expected an order number"
            return Replies.invalid("invalid-request", "Say which order it is about", [FieldProblem("order", words)])
        }
        return try await call.act(body) { try await desk.complain(about: order, who: $0, reason: $1) }
    }

    private func end(_ call: Call) async throws -> Response {
        guard let id = Int64(call.id), id > 0 else { return Replies.notFound }
        return try await call.act(try await call.json(atMost: 16384, isOptional: true)) {
            try await desk.end(complaint: id, who: $0, reason: $1)
        }
    }
}
