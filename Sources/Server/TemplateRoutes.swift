public import Core
import Hummingbird
import Pipeline
import Store

/// What of the templates is the machine's own: which files there are now, and whether a second person has to approve.
public struct TemplateDesk: Sendable {
    /// As they lie in the directory.
    public var files: @Sendable () throws -> [TemplateFile]
    public var mustBeApproved: Bool
    public init(files: @escaping @Sendable () throws -> [TemplateFile], mustBeApproved: Bool) {
        (self.files, self.mustBeApproved) = (files, mustBeApproved)
    }
}

/// `/v1/templates`: which texts are in force, and their way there. `/v1/contacts`: who spoke with support, which is counted for each revision.
struct TemplateRoutes: Sendable {
    let desk: Desk
    /// Nil: 404 for what needs the directory.
    let templates: TemplateDesk?

    var routes: [Route] {
        [
            Route(.get, "/v1/templates", needs: .role(.viewer)) { try await list($0) },
            Route(.post, "/v1/templates/submit", needs: .role(.operator)) { try await submit($0) },
            // Keys of two roles make two persons of it.
            Route(.post, "/v1/templates/{id}/approve", needs: .role(.admin)) { try await decide($0, approved: true) },
            Route(.post, "/v1/templates/{id}/reject", needs: .role(.admin)) { try await decide($0, approved: false) },
            Route(.post, "/v1/templates/{id}/publish", needs: .role(.operator)) { try await publish($0) },
            Route(.post, "/v1/templates/rollback", needs: .role(.operator)) { call in
                try await call.act(try await call.json(atMost: 16384)) { try await desk.rollBack(who: $0, reason: $1) }
            },
            Route(.post, "/v1/contacts", needs: .role(.operator)) { try await contact($0) },
        ]
    }

    private func list(_ call: Call) async throws -> Response {
        let limit = min(1000, max(1, call.query.first { $0.name == "limit" }.flatMap { Int($0.value) } ?? 50))
        let now = desk.clock.now()
        return Replies.json(.ok, try await desk.store.read { try RevisionStanding.json(of: $0, limit: limit, at: now) })
    }

    private func submit(_ call: Call) async throws -> Response {
        guard let templates else { return Replies.notFound }
        let files = try templates.files()
        return try await call.act(try await call.json(atMost: 16384)) { try await desk.submit(files, who: $0, reason: $1) }
    }

    private func decide(_ call: Call, approved: Bool) async throws -> Response {
        try await call.act(try await call.json(atMost: 16384)) {
            try await desk.decide(call.id, approved: approved, who: $0, reason: $1)
        }
    }

    /// `{"percent": 5, "reason": …, "who": …}`
    private func publish(_ call: Call) async throws -> Response {
        guard let templates else { return Replies.notFound }
        let body = try await call.json(atMost: 16384)
        guard let percent = body["percent"]?.integer, (1...100).contains(percent) else {
            let words = body["percent"] == nil ? "missing" : "expected 1 to 100"
            return Replies.invalid("invalid-request", "Say how many of a hundred customers get it", [FieldProblem("percent", words)])
        }
        return try await call.act(body) {
            try await desk.publish(
                call.id, percent: Int(percent), mustBeApproved: templates.mustBeApproved, who: $0, reason: $1)
        }
    }

    /// `{"order": …, "reason": …, "who": …}`
    private func contact(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        guard let order = body["order"]?.string.flatMap({ OrderNumber($0) }) else {
            let words = body["order"] == nil ? "missing" : "expected an order number"
            return Replies.invalid("invalid-request", "Say which order it is about", [FieldProblem("order", words)])
        }
        return try await call.act(body) { try await desk.contact(about: order, who: $0, reason: $1) }
    }
}
