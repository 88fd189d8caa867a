import Core
import HTTPTypes
import Hummingbird
import NIOCore
import Pipeline
import Store

/// `POST /v1/events`: CloudEvents 1.0 structured, batch and binary. 202 after the commit, 200 for a repeat, 409 for the same id with other
/// content, 422 with every bad field.
struct EventRoutes: Sendable {
    let intake: Intake
    let access: Access
    /// Bytes of one request with a batch.
    let batchLimit: Int

    func add(to router: Router<BasicRequestContext>) {
        router.post("/v1/events") { request, _ in try await post(request) }
        router.get("/v1/events/:id") { request, context in try await get(request, id: context.parameters.require("id")) }
    }

    private func post(_ request: Request) async throws -> Response {
        let verdict = access.verdict(request.headers, needs: .ingest)
        guard verdict == .allowed else { return Replies.refused(verdict) }
        if request.headers[.contentEncoding] != nil {
            return Replies.problem(.unsupportedMediaType, "unsupported-encoding", "Compressed bodies are not read")
        }
        let type = (request.headers[.contentType] ?? "").split(separator: ";").first.map { $0.trimmingPrefix(" ").lowercased() } ?? ""
        let isBatch = type == "application/cloudevents-batch+json"
        let body: [UInt8]
        do {
            body = Array(buffer: try await request.body.collect(upTo: isBatch ? batchLimit : EventReader.sizeLimit))
        } catch is NIOTooManyBytesError {
            return Replies.problem(.contentTooLarge, "too-large", "Larger than \(isBatch ? batchLimit : EventReader.sizeLimit) bytes")
        }
        switch type {
        case "application/cloudevents+json":
            return try await one(body)
        case "application/cloudevents-batch+json":
            return try await batch(body)
        case "application/json" where request.headers[Self.header("id")] != nil:
            return try await binary(request.headers, body)
        default:
            return Replies.problem(
                .unsupportedMediaType, "unsupported-media-type",
                "Expected application/cloudevents+json, application/cloudevents-batch+json, or application/json with ce- headers")
        }
    }

    // MARK: Structured

    private func one(_ body: [UInt8]) async throws -> Response {
        let answers: [Intake.Answer]
        do { answers = try await intake.accept([Intake.Raw(body)], from: .http) } catch StoreError.full { return Self.full }
        return reply(to: answers[0])
    }

    private func reply(to answer: Intake.Answer) -> Response {
        switch answer {
        case .accepted(let id, _):
            return Replies.json(.accepted, ["id": .string(id), "status": "accepted"], headers: [.location: "/v1/events/\(id)"])
        case .duplicate(let id, _):
            return Replies.json(.ok, ["id": .string(id), "status": "duplicate"], headers: [.location: "/v1/events/\(id)"])
        case .conflict(let id, _):
            return Replies.problem(.conflict, "conflict", "An event with this id and other content came before", detail: id)
        case .refused(let refusal):
            return Replies.problem(.unprocessableContent, "invalid-event", "The event cannot be accepted", errors: refusal.problems)
        }
    }

    static let full = Replies.problem(
        .serviceUnavailable, "no-space", "Nothing can be stored at present", headers: [.retryAfter: "30"])

    // MARK: Batch

    /// Each event stands for itself: 202 when at least one is new and none refused, 207 when some were refused, 422 when all were.
    private func batch(_ body: [UInt8]) async throws -> Response {
        let items: [JSON]
        do throws(JSONProblem) {
            guard let list = try JSON(parsing: body).array else {
                return Replies.problem(.unprocessableContent, "invalid-batch", "Expected a JSON array of events")
            }
            items = list
        } catch {
            return Replies.problem(
                .unprocessableContent, "invalid-batch", "Not a JSON array", errors: [FieldProblem(error.path, error.problem)])
        }
        let answers: [Intake.Answer]
        do { answers = try await intake.accept(items.map { Intake.Raw($0.bytes) }, from: .http) } catch StoreError.full { return Self.full }
        let refused = answers.filter { if case .refused = $0 { true } else if case .conflict = $0 { true } else { false } }.count
        let isNew = answers.contains { if case .accepted = $0 { true } else { false } }
        let status: HTTPResponse.Status =
            refused == answers.count && refused > 0 ? .unprocessableContent : refused > 0 ? .init(code: 207, reasonPhrase: "Multi-Status") : isNew ? .accepted : .ok
        return Replies.json(status, ["results": .array(answers.map(result))])
    }

    private func result(_ answer: Intake.Answer) -> JSON {
        switch answer {
        case .accepted(let id, _): return ["id": .string(id), "status": "accepted"]
        case .duplicate(let id, _): return ["id": .string(id), "status": "duplicate"]
        case .conflict(let id, _): return ["id": .string(id), "status": "conflict"]
        case .refused(let refusal):
            return [
                "status": "refused",
                "problem": Replies.problemBody(
                    .unprocessableContent, "invalid-event", "The event cannot be accepted", errors: refusal.problems),
            ]
        }
    }

    // MARK: Binary

    /// Attributes in `ce-` headers, percent-decoded; the body is `data`. Source: CloudEvents HTTP binding 1.0.2 section 3.1.
    private func binary(_ headers: HTTPFields, _ body: [UInt8]) async throws -> Response {
        var members: [(String, JSON)] = []
        for name in ["specversion", "id", "source", "type", "subject", "time", "receivedat"] {
            guard let value = headers[Self.header(name)] else { continue }
            members.append((name, .string(Self.percentDecoded(value))))
        }
        let data: JSON
        do throws(JSONProblem) {
            data = try JSON(parsing: body)
        } catch {
            let problem = FieldProblem(error.path.isEmpty ? "data" : "data." + error.path, error.problem)
            return Replies.problem(.unprocessableContent, "invalid-event", "The event cannot be accepted", errors: [problem])
        }
        members.append(("data", data))
        return try await one(JSON.object(members).bytes)
    }

    private static func header(_ name: String) -> HTTPField.Name { HTTPField.Name("ce-" + name)! }

    private static func percentDecoded(_ text: String) -> String {
        var out: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            if byte == 0x25, bytes.count >= 2, let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16) {
                out.append(value)
                bytes.removeFirst(2)
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    // MARK: Fate

    private func get(_ request: Request, id: String) async throws -> Response {
        let verdict = access.verdict(request.headers, needs: .viewer)
        guard verdict == .allowed else { return Replies.refused(verdict) }
        guard let event = try await intake.store.read({ try $0.event(id: id) }) else { return Replies.notFound }
        var body: [(String, JSON)] = [
            ("id", .string(event.id)), ("source", .string(event.source)), ("type", .string(event.type)), ("received_at", .string(event.receivedAt.description)),
            ("disposition", .string(event.disposition.word)),
        ]
        if let reason = event.disposition.reason { body.append(("reason", .string(reason.rawValue))) }
        if let order = event.order { body.append(("order", .string(order.description))) }
        return Replies.json(.ok, .object(body))
    }
}
