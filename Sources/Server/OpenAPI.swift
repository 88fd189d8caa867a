import Core

/// The document at `/openapi.json`.
enum OpenAPI {
    static let document: JSON = [
        "openapi": "3.1.0",
        "info": [
            "title": "Clarion", "version": "1",
            "description":
                "Payout anomalies in, notices out. Every error is a problem (RFC 9457) whose type is urn:clarion:problem:NAME. Without keys the server is on loopback only.",
        ],
        "servers": [["url": "http://127.0.0.1:8080"]],
        "paths": .object(paths),
        "components": [
            "securitySchemes": [
                "key": ["type": "http", "scheme": "bearer", "description": "A key of role ingest, viewer, operator or admin."],
                "inbox": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A token of POST /v1/inbox/tokens."],
                "inboxInAddress": [
                    "type": "apiKey", "in": "query", "name": "token",
                    "description": "The same token, for EventSource, which cannot set a header.",
                ],
            ],
            "schemas": .object(schemas),
        ],
    ]

    /// One method on one path.
    struct Operation {
        var id, summary: String
        /// What its bearer token is: `key` with the roles in words, or `inbox`; none for the open ones.
        var security: [JSON] = []
        var roles: String?
        var parameters: [JSON] = []
        /// Content type → schema.
        var body: [(type: String, schema: JSON)] = []
        /// Status → words and schema; problems are added by number.
        var answers: [(status: Int, words: String, content: (type: String, schema: JSON)?)]
        var problems: [Int] = []

        var json: JSON {
            var members: [(String, JSON)] = [("operationId", .string(id)), ("summary", .string(summary)), ("security", .array(security))]
            if let roles { members.append(("description", .string("Roles: \(roles)."))) }
            if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
            if !body.isEmpty {
                members.append(
                    ("requestBody", ["required": true, "content": .object(body.map { ($0.type, JSON.object([("schema", $0.schema)])) })]))
            }
            var replies = answers.map { answer -> (String, JSON) in
                var reply: [(String, JSON)] = [("description", .string(answer.words))]
                if let content = answer.content {
                    reply.append(("content", .object([(content.type, JSON.object([("schema", content.schema)]))])))
                }
                return (String(answer.status), .object(reply))
            }
            for status in problems {
                let problem: JSON = ["application/problem+json": ["schema": OpenAPI.ref("Problem")]]
                replies.append((String(status), ["description": .string(OpenAPI.words[status] ?? "A problem"), "content": problem]))
            }
            members.append(("responses", .object(replies)))
            return .object(members)
        }
    }

    static func ref(_ name: String) -> JSON { ["$ref": .string("#/components/schemas/\(name)")] }
    static let text: JSON = ["type": "string"]
    static let moment: JSON = ["type": "string", "format": "date-time"]
    static func list(of items: JSON) -> JSON { ["type": "array", "items": items] }
    static func object(_ members: [(String, JSON)], required: [String]) -> JSON {
        ["type": "object", "properties": .object(members), "required": .array(required.map(JSON.string))]
    }
    static func orNull(_ type: String, format: String? = nil) -> JSON {
        .object([("type", [.string(type), "null"])] + (format.map { [("format", .string($0))] } ?? []))
    }

    private static let words: [Int: String] = [
        400: "The address or the request's form is wrong; errors names the parameter", 401: "No key or token, or not a good one",
        403: "The key's role may not do that, the page is of another origin, or the signature is not the account's",
        404: "There is nothing here, or it is not yours",
        409: "Nothing was changed: it conflicts with what is stored", 413: "The body, batch or list of lines is too large",
        415: "The content type or encoding is not read", 422: "The content is refused; errors names every bad field",
        429: "Enough of them for one customer; see Retry-After", 503: "Not at present; see Retry-After",
    ]
}
