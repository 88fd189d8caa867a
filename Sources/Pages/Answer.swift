package import Core
import HTTPTypes
package import Hummingbird
import NIOCore

/// What goes back on the wire.
package struct Answer: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    package static func json(_ status: Int, _ json: JSON, headers: [(name: String, value: String)] = []) -> Answer {
        Answer(status: status, headers: [("content-type", "application/json")] + headers, body: json.bytes)
    }
    package static func text(_ status: Int, _ text: String, type: String = "text/plain; charset=utf-8") -> Answer {
        Answer(status: status, headers: [("content-type", type)], body: Array(text.utf8))
    }
    /// A page of ours.
    package static func html(_ text: String, status: Int = 200) -> Answer {
        Answer.text(status, text, type: "text/html; charset=utf-8").hardened()
    }
    package func adding(_ name: String, _ value: String?) -> Answer {
        var copy = self
        if let value { copy.headers.append((name, value)) }
        return copy
    }

    /// What a page of ours may load: its own script and style, and nothing from elsewhere.
    package static let pagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    /// A mail may style itself and show pictures that it carries; it reaches nothing and runs nothing.
    package static let mailPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

    /// With the headers that every answer of a page carries.
    package func hardened(_ policy: String = Answer.pagePolicy) -> Answer {
        var copy = self
        copy.headers += [
            ("content-security-policy", policy), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"), ("cross-origin-resource-policy", "same-origin"),
        ]
        return copy
    }

    package var response: Response {
        var fields = HTTPFields()
        for (name, value) in headers { if let name = HTTPField.Name(name) { fields[name] = value } }
        return Response(status: HTTPResponse.Status(code: status), headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

/// A stream of server-sent events that lasts until `body` ends.
package func eventStream(_ body: @escaping @Sendable (_ send: (String) async throws -> Void) async throws -> Void) -> Response {
    var fields = HTTPFields()
    fields[.contentType] = "text/event-stream"
    fields[.cacheControl] = "no-store"
    return Response(
        status: .ok, headers: fields,
        body: ResponseBody { writer in
            var writer = writer
            try await body { try await writer.write(ByteBuffer(string: $0)) }
            try await writer.finish(nil)
        })
}
