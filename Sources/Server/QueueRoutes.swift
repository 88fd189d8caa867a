import Core
import HTTPTypes
import Hummingbird
import Pipeline

/// `POST /v1/queue`: raw lines, one event each, as they would come from a queue: what cannot be read becomes a dead letter.
struct QueueRoutes: Sendable {
    let intake: Intake
    /// Bytes of one request.
    let limit: Int
    static let lineLimit = 10_000
    static let type = "application/x-ndjson"

    var routes: [Route] { [Route(.post, "/v1/queue", needs: .role(.operator)) { try await post($0) }] }

    /// 200 whatever became of the lines: each has an answer, or a dead letter and a problem with its number, from 1.
    private func post(_ call: Call) async throws -> Response {
        guard call.contentType == Self.type else {
            return Replies.problem(
                .unsupportedMediaType, "unsupported-media-type", "Expected \(Self.type)", headers: [HTTPField.Name("Accept-Post")!: Self.type])
        }
        let lines = Self.lines(of: try await call.body(atMost: limit))
        guard lines.count <= Self.lineLimit else {
            return Replies.problem(.contentTooLarge, "too-many-lines", "More than \(Self.lineLimit) lines in one request")
        }
        let answers = lines.isEmpty ? [] : try await intake.accept(lines.map { Intake.Raw($0) }, from: .queue("cli"))
        return Replies.json(.ok, Self.sum(answers))
    }

    /// A line feed at the end ends the last line; an empty line elsewhere is an empty message.
    private static func lines(of body: [UInt8]) -> [[UInt8]] {
        var lines = body.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func sum(_ answers: [Intake.Answer]) -> JSON {
        var (accepted, duplicate, conflict, rejected) = (0, 0, 0, 0)
        var problems: [JSON] = []
        func note(_ line: Int, _ errors: [FieldProblem]) { problems.append(["line": .integer(line), "errors": Replies.list(errors)]) }
        for (line, answer) in zip(1..., answers) {
            switch answer {
            case .accepted: accepted += 1
            case .duplicate: duplicate += 1
            case .conflict:
                conflict += 1
                note(line, [FieldProblem("id", "an event with this source and id and other content came before")])
            case .refused(let refusal):
                rejected += 1
                note(line, refusal.problems)
            }
        }
        return [
            "accepted": .integer(accepted), "duplicate": .integer(duplicate), "conflict": .integer(conflict), "rejected": .integer(rejected),
            "problems": .array(problems),
        ]
    }
}
