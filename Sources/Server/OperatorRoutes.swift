import Core
import HTTPTypes
import Hummingbird
import Pipeline

/// What the command line asks a running worker to do: dead letters and reviews.
struct OperatorRoutes: Sendable {
    let desk: Desk
    let access: Access

    func add(to router: Router<BasicRequestContext>) {
        router.post("/v1/dead/:id/retry") { request, context in
            try await act(request, id: context.parameters.require("id")) { try await desk.retry(deadLetter: $0, who: $1, reason: $2) }
        }
        router.post("/v1/reviews/:id/close") { request, context in
            try await act(request, id: context.parameters.require("id")) { try await desk.close(review: $0, note: $2, who: $1) }
        }
    }

    private func act(
        _ request: Request, id: String, _ work: @Sendable (Int64, String, String) async throws -> Desk.Answer
    ) async throws -> Response {
        let verdict = access.verdict(request.headers, needs: .operator)
        guard verdict == .allowed else { return Replies.refused(verdict) }
        guard let id = Int64(id) else { return Replies.notFound }
        let bytes = Array(buffer: try await request.body.collect(upTo: 16384))
        let body: JSON
        do throws(JSONProblem) {
            body = bytes.isEmpty ? [:] : try JSON(parsing: bytes)
        } catch {
            return Replies.problem(.unprocessableContent, "invalid-request", "Not JSON", errors: [FieldProblem(error.path, error.problem)])
        }
        guard let reason = body["reason"]?.string, !reason.isEmpty else {
            return Replies.problem(.unprocessableContent, "reason-missing", "A reason is needed", errors: [FieldProblem("reason", "missing")])
        }
        switch try await work(id, PlainText(body["who"]?.string ?? "api").description, PlainText(reason, limit: 200).description) {
        case .done(let words): return Replies.json(.ok, ["done": .string(words)])
        case .notFound: return Replies.notFound
        case .refused(let words): return Replies.problem(.conflict, "refused", "Nothing was changed", detail: words)
        }
    }
}
