import Core
import Hummingbird
import Pipeline
import Store

/// `PUT`, `PATCH` and `GET /v1/customers/{id}`: language, zone, channels switched off, verified contacts. Answers are masked.
struct CustomerRoutes: Sendable {
    let desk: Desk
    /// Zones that exist; nil takes every name.
    let zones: (any ZoneTable)?

    var routes: [Route] {
        [
            Route(.put, "/v1/customers/{id}", needs: .role(.operator)) { try await put($0) },
            Route(.patch, "/v1/customers/{id}", needs: .role(.operator)) { try await patch($0) },
            Route(.get, "/v1/customers/{id}", needs: .role(.viewer)) { try await get($0) },
        ]
    }

    /// Replaces the whole record: what is left out is as the events say.
    private func put(_ call: Call) async throws -> Response {
        let json = try await call.json(atMost: EventReader.sizeLimit)
        let record: CustomerRecord
        do throws(EventRefusal) {
            record = try CustomerReader.read(json, id: call.id, zones: zones, now: desk.clock.now())
        } catch {
            return Replies.invalid("invalid-customer", "The record cannot be taken", error.problems)
        }
        _ = try await desk.set(record, who: call.role.map { "api \($0.rawValue)" } ?? "api")
        return Replies.json(.ok, CustomerReader.masked(record))
    }

    /// Changes what is named and keeps the rest, also addresses that the caller cannot see. A reason is needed.
    private func patch(_ call: Call) async throws -> Response {
        let json = try await call.json(atMost: EventReader.sizeLimit)
        let reason = PlainText(json["reason"]?.string ?? "", limit: 200).description
        var problems = reason.isEmpty ? [FieldProblem("reason", json["reason"] == nil ? "missing" : "expected text")] : []
        var change = CustomerChange()
        do throws(EventRefusal) {
            change = try CustomerReader.change(json, id: call.id, zones: zones, now: desk.clock.now())
        } catch {
            problems += error.problems
        }
        guard problems.isEmpty else { return Replies.invalid("invalid-customer", "The change cannot be made", problems) }
        let record = try await desk.change(customer: call.id, change, who: call.who(json), reason: reason)
        return Replies.json(.ok, CustomerReader.masked(record))
    }

    private func get(_ call: Call) async throws -> Response {
        guard let record = try await desk.store.read({ try $0.customer(call.id) }) else { return Replies.notFound }
        return Replies.json(.ok, CustomerReader.masked(record))
    }
}
