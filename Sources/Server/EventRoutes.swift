import Core
import HTTPTypes
import Hummingbird
import Pipeline
import Store

/// `POST /v1/events`: CloudEvents 1.0 structured, batch and binary. 202 after the commit, 200 for a repeat, 409 for the same id with other
/// content, 422 with every bad field.
struct EventRoutes: Sendable {
    let intake: Intake
    /// Bytes of one request with a batch.
    let batchLimit: Int
    /// Events of one batch: a megabyte of commas must not become a hundred of problems.
    static let countLimit = 1000

    private static let structured = "application/cloudevents+json"
    private static let batch = "application/cloudevents-batch+json"

    var routes: [Route] {
        [
            Route(.post, "/v1/events", needs: .role(.ingest)) { try await post($0) },
            Route(.get, "/v1/events/{id}", needs: .role(.viewer)) { try await fate($0) },
        ]
    }

    private func post(_ call: Call) async throws -> Response {
        switch call.contentType {
        case Self.structured:
            return try await one(try await call.body(atMost: EventReader.sizeLimit))
        case Self.batch:
            return try await batch(try await call.body(atMost: batchLimit))
        case "application/json" where call.headers.contains(Self.header("id")) || call.headers.contains(Self.header("specversion")):
            return try await binary(call.headers, try await call.body(atMost: EventReader.sizeLimit))
        default:
            return Replies.problem(
                .unsupportedMediaType, "unsupported-media-type", "Not a CloudEvents content type",
                detail: "expected \(Self.structured), \(Self.batch), or application/json with ce- headers",
                headers: [HTTPField.Name("Accept-Post")!: "\(Self.structured), \(Self.batch), application/json"])
        }
    }

    // MARK: One

    private func one(_ body: [UInt8]) async throws -> Response {
        let answers = try await intake.accept([Intake.Raw(body)], from: .http)
        switch answers[0] {
        case .accepted(let id, _): return Replies.json(.accepted, Self.status(id, "accepted"), headers: Self.location(id))
        case .duplicate(let id, _): return Replies.json(.ok, Self.status(id, "duplicate"), headers: Self.location(id))
        case .conflict(let id, _):
            return Replies.problem(.conflict, "conflict", Self.conflict, detail: id, headers: Self.location(id))
        case .refused(let refusal): return Replies.invalid("invalid-event", Self.refused, refusal.problems)
        }
    }

    private static let conflict = "An event with this source and id and other content came before"
    private static let refused = "The event cannot be accepted"
    private static func status(_ id: String, _ word: String) -> JSON { ["id": .string(id), "status": .string(word)] }
    private static func location(_ id: String) -> HTTPFields { [.location: "/v1/events/" + Percent.encoded(id)] }

    // MARK: Batch

    /// Each event stands for itself; all are stored in one transaction, and results have the order of the events. 207 as soon as one was
    /// refused or is in conflict, 422 when all were, else 202 when at least one is new, else 200.
    private func batch(_ body: [UInt8]) async throws -> Response {
        let items: [[UInt8]]
        do throws(JSONProblem) {
            guard let list = try JSON.items(of: body) else {
                return Replies.invalid("invalid-batch", "Not a batch", [FieldProblem("", "expected a JSON array of events")])
            }
            items = list
        } catch {
            return Replies.invalid("invalid-batch", "Not a batch", [FieldProblem(error.path, error.problem)])
        }
        guard items.count <= Self.countLimit else {
            return Replies.problem(.contentTooLarge, "too-many-events", "More than \(Self.countLimit) events in one batch")
        }
        let answers = items.isEmpty ? [] : try await intake.accept(items.map { Intake.Raw($0) }, from: .http)
        return Replies.json(Self.status(of: answers), ["results": .array(answers.map(Self.result))])
    }

    private static func status(of answers: [Intake.Answer]) -> HTTPResponse.Status {
        var isNew = false
        var bad = 0
        for answer in answers {
            switch answer {
            case .accepted: isNew = true
            case .duplicate: break
            case .conflict, .refused: bad += 1
            }
        }
        if bad > 0 { return bad == answers.count ? .unprocessableContent : HTTPResponse.Status(code: 207, reasonPhrase: "Multi-Status") }
        return isNew ? .accepted : .ok
    }

    private static func result(_ answer: Intake.Answer) -> JSON {
        switch answer {
        case .accepted(let id, _): status(id, "accepted")
        case .duplicate(let id, _): status(id, "duplicate")
        case .conflict(let id, _):
            ["id": .string(id), "status": "conflict", "problem": Replies.problemBody(.conflict, "conflict", conflict)]
        case .refused(let refusal):
            [
                "status": "refused",
                "problem": Replies.problemBody(.unprocessableContent, "invalid-event", refused, errors: refusal.problems),
            ]
        }
    }

    // MARK: Binary

    /// Attributes in `ce-` headers, percent-decoded; the body is `data`. Source: CloudEvents HTTP binding 1.0.2 section 3.1.
    private func binary(_ headers: HTTPFields, _ body: [UInt8]) async throws -> Response {
        var members: [(String, JSON)] = []
        var problems: [FieldProblem] = []
        for name in ["specversion", "id", "source", "type", "subject", "time", "receivedat", "test"] {
            let values = headers[values: Self.header(name)]
            guard let value = values.first else { continue }
            guard values.count == 1, let text = Percent.decoded(value) else {
                problems.append(FieldProblem(name, values.count == 1 ? "not percent-encoded UTF-8" : "the same header twice"))
                continue
            }
            // Headers know only text; `test` is a Boolean.
            members.append((name, name == "test" && (text == "true" || text == "false") ? .bool(text == "true") : .string(text)))
        }
        do throws(JSONProblem) {
            members.append(("data", try JSON(parsing: body)))
        } catch {
            problems.append(FieldProblem(error.path.isEmpty ? "data" : "data." + error.path, error.problem))
        }
        guard problems.isEmpty else { return Replies.invalid("invalid-event", Self.refused, problems) }
        return try await one(JSON.object(members).bytes)
    }

    private static func header(_ name: String) -> HTTPField.Name { HTTPField.Name("ce-" + name)! }

    // MARK: Fate

    /// An event's whole name is source and id. Without `?source=` the id alone will do as long as one source uses it; of several the answer
    /// is 300 with their addresses, and nothing of what became of any.
    private func fate(_ call: Call) async throws -> Response {
        for (name, _) in call.query where name != "source" {
            let problem = FieldProblem(PlainText(name).description, "unknown parameter")
            return Replies.problem(.badRequest, "invalid-query", "An event cannot be asked for like that", errors: [problem])
        }
        let sources = call.query.map(\.value)
        let events = try await intake.store.read { try $0.events(id: call.id) }.filter { sources.isEmpty || sources.contains($0.source) }
        guard let event = events.first else { return Replies.notFound }
        guard events.count == 1 else {
            return Replies.json(.multipleChoices, ["choices": .array(events.map(Self.choice))])
        }
        return Replies.json(.ok, event.fate)
    }

    private static func choice(_ event: StoredEvent) -> JSON {
        let address = "/v1/events/\(Percent.encoded(event.id))?source=\(Percent.encoded(event.source))"
        return ["source": .string(event.source), "href": .string(address)]
    }
}

extension StoredEvent {
    /// What became of it, without what it says.
    fileprivate var fate: JSON {
        [
            "id": .string(id), "source": .string(source), "type": .string(type), "received_at": .string(receivedAt.description),
            "disposition": .string(disposition.word), "reason": disposition.reason.map { .string($0.rawValue) } ?? .null,
            "order": order.map { .string($0.description) } ?? .null,
        ]
    }
}
