import Core
import HTTPTypes
import Hummingbird
import Pipeline
import Store

/// `PUT` and `GET /v1/customers/{id}`: language, zone, channels switched off, verified contacts. Answers are masked.
struct CustomerRoutes: Sendable {
    let desk: Desk
    let access: Access

    func add(to router: Router<BasicRequestContext>) {
        router.put("/v1/customers/:id") { request, context in try await put(request, id: context.parameters.require("id")) }
        router.get("/v1/customers/:id") { request, context in try await get(request, id: context.parameters.require("id")) }
    }

    private func put(_ request: Request, id: String) async throws -> Response {
        let verdict = access.verdict(request.headers, needs: .operator)
        guard verdict == .allowed else { return Replies.refused(verdict) }
        let bytes = Array(buffer: try await request.body.collect(upTo: EventReader.sizeLimit))
        let record: CustomerRecord
        do throws(EventRefusal) {
            record = try CustomerReader.read(bytes, id: id)
        } catch {
            return Replies.problem(.unprocessableContent, "invalid-customer", "The record cannot be taken", errors: error.problems)
        }
        _ = try await desk.set(record, who: "api")
        return Replies.json(.ok, CustomerReader.masked(record))
    }

    private func get(_ request: Request, id: String) async throws -> Response {
        let verdict = access.verdict(request.headers, needs: .viewer)
        guard verdict == .allowed else { return Replies.refused(verdict) }
        guard let record = try await desk.store.read({ try $0.customer(id) }) else { return Replies.notFound }
        return Replies.json(.ok, CustomerReader.masked(record))
    }
}
