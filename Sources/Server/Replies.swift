import Core
import HTTPTypes
import Hummingbird
import Pipeline
import NIOCore

/// Answers in JSON; errors as RFC 9457 problems that say nothing of our insides.
enum Replies {
    static func json(_ status: HTTPResponse.Status, _ body: JSON, headers: HTTPFields = [:]) -> Response {
        reply(status, body, type: "application/json", headers: headers)
    }

    /// - Parameter name: the last part of the problem's `type`, `invalid-event`.
    static func problem(
        _ status: HTTPResponse.Status, _ name: String, _ title: String, detail: String? = nil, errors: [FieldProblem] = [],
        headers: HTTPFields = [:]
    ) -> Response {
        reply(status, problemBody(status, name, title, detail: detail, errors: errors), type: "application/problem+json", headers: headers)
    }

    static func problemBody(
        _ status: HTTPResponse.Status, _ name: String, _ title: String, detail: String? = nil, errors: [FieldProblem] = []
    ) -> JSON {
        var body: [(String, JSON)] = [
            ("type", .string("urn:clarion:problem:\(name)")), ("title", .string(title)), ("status", .integer(status.code)),
        ]
        if let detail { body.append(("detail", .string(detail))) }
        if !errors.isEmpty { body.append(("errors", list(errors))) }
        return .object(body)
    }

    /// Every bad field with its path, the same path as a JSON pointer (RFC 6901), and what is wrong.
    static func list(_ errors: [FieldProblem]) -> JSON {
        .array(errors.map { ["field": .string($0.field), "pointer": .string(pointer($0.field)), "detail": .string($0.problem)] })
    }

    /// `data.amount.minor` is `/data/amount/minor`.
    private static func pointer(_ field: String) -> String {
        field.isEmpty ? "" : "/" + field.split(separator: ".").joined(separator: "/")
    }

    private static func reply(_ status: HTTPResponse.Status, _ body: JSON, type: String, headers: HTTPFields) -> Response {
        var fields = headers
        fields[.contentType] = type
        fields[.cacheControl] = "no-store"
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.bytes)))
    }

    // MARK: What many routes answer

    static let notFound = problem(.notFound, "not-found", "There is nothing here")
    static func invalid(_ name: String, _ title: String, _ errors: [FieldProblem]) -> Response {
        problem(.unprocessableContent, name, title, errors: errors)
    }
    static func tooLarge(_ limit: Int) -> Response { problem(.contentTooLarge, "too-large", "Larger than \(limit) bytes") }
    /// Nothing of the request was stored.
    static func overloaded(_ refusal: Admission.Refusal) -> Response {
        unavailable("overloaded", "Not taken: \(refusal.words)", after: Int(refusal.retryAfter.components.seconds))
    }
    static let full = unavailable("no-space", "Nothing can be stored at present", after: 30)
    static func unavailable(_ name: String, _ title: String, after seconds: Int) -> Response {
        problem(.serviceUnavailable, name, title, headers: [.retryAfter: String(seconds)])
    }
    static func refused(_ verdict: Access.Verdict) -> Response {
        verdict == .unauthorized
            ? problem(.unauthorized, "unauthorized", "A bearer key is needed", headers: [.wwwAuthenticate: "Bearer"])
            : problem(.forbidden, "forbidden", "This key may not do that")
    }
    static let noToken = problem(.unauthorized, "unauthorized", "An inbox token is needed", headers: [.wwwAuthenticate: "Bearer"])
}
