import Core
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers in JSON; errors as RFC 9457 problems that say nothing of our insides.
enum Replies {
    static func json(_ status: HTTPResponse.Status, _ body: JSON, headers: HTTPFields = [:]) -> Response {
        reply(status, body, type: "application/json", headers: headers)
    }

    /// - Parameter name: the last part of the problem's `type`, `invalid-event`.
    static func problem(
        _ status: HTTPResponse.Status, _ name: String, _ title: String, detail: String? = nil, errors: [FieldProblem] = [], headers: HTTPFields = [:]
    ) -> Response {
        reply(status, problemBody(status, name, title, detail: detail, errors: errors), type: "application/problem+json", headers: headers)
    }

    static func problemBody(_ status: HTTPResponse.Status, _ name: String, _ title: String, detail: String? = nil, errors: [FieldProblem] = []) -> JSON {
        var body: [(String, JSON)] = [
            ("type", .string("https://clarion.dev/problems/\(name)")), ("title", .string(title)), ("status", .integer(status.code)),
        ]
        if let detail { body.append(("detail", .string(detail))) }
        if !errors.isEmpty {
            body.append(
                ("errors", .array(errors.map { ["field": .string($0.field), "pointer": .string(pointer($0.field)), "detail": .string($0.problem)] })))
        }
        return .object(body)
    }

    /// RFC 6901: `data.amount.minor` is `/data/amount/minor`.
    private static func pointer(_ field: String) -> String {
        field.isEmpty ? "" : "/" + field.split(separator: ".").joined(separator: "/")
    }

    private static func reply(_ status: HTTPResponse.Status, _ body: JSON, type: String, headers: HTTPFields) -> Response {
        var fields = headers
        fields[.contentType] = type
        fields[.cacheControl] = "no-store"
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.bytes)))
    }

    static let notFound = problem(.notFound, "not-found", "There is nothing here")
    static func refused(_ verdict: Access.Verdict) -> Response {
        verdict == .unauthorized
            ? problem(.unauthorized, "unauthorized", "A bearer key is needed", headers: [.wwwAuthenticate: "Bearer"])
            : problem(.forbidden, "forbidden", "This key may not do that")
    }
}
