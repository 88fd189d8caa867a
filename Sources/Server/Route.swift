import Core
import HTTPTypes
import Hummingbird
import NIOCore

/// One method on one path, who may call it, and what answers. The list of them is all the server serves.
struct Route: Sendable {
    enum Needs: Sendable, Hashable {
        case nothing
        case role(Access.Role)
        /// An inbox token; `urlToo`: also as `?token=`.
        case inbox(urlToo: Bool)
    }

    let method: HTTPRequest.Method
    /// `/v1/inbox/messages/{id}/seen`
    let path: String
    let needs: Needs
    let answer: @Sendable (Call) async throws -> Response
    private let segments: [Substring]

    init(_ method: HTTPRequest.Method, _ path: String, needs: Needs, answer: @escaping @Sendable (Call) async throws -> Response) {
        (self.method, self.path, self.needs, self.answer) = (method, path, needs, answer)
        segments = path.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The decoded values of `{…}` in their order; nil when the path is another one.
    func match(_ parts: [Substring]) -> [String]? {
        guard parts.count == segments.count else { return nil }
        var found: [String] = []
        for (part, segment) in zip(parts, segments) {
            if segment.first == "{" {
                guard let value = Percent.decoded(part), !value.isEmpty else { return nil }
                found.append(value)
            } else if part != segment {
                return nil
            }
        }
        return found
    }
}

/// One request on its way to its route.
struct Call: Sendable {
    let request: Request
    /// The value of `{id}`, and of a second one.
    var id = "", more = ""
    /// The address it came from.
    var peer: String?
    /// Whose inbox it is, and until when; only on routes that need an inbox token.
    var holder: InboxTokens.Holder?
    /// The role of the key; nil where none was needed.
    var role: Access.Role?

    var headers: HTTPFields { request.headers }
    var query: [(name: String, value: String)] { request.uri.queryParameters.map { (String($0.key), String($0.value)) } }

    /// Lower case, without parameters.
    var contentType: String {
        (headers[.contentType] ?? "").split(separator: ";").first.map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() } ?? ""
    }

    /// Refuses compressed bodies: what unpacks to a gigabyte is never unpacked.
    func checkEncoding() throws {
        guard let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" else { return }
        throw Refusal(Replies.problem(.unsupportedMediaType, "unsupported-encoding", "Compressed bodies are not read"))
    }

    /// The whole body. Throws `Refusal` when it is larger; a body that was cut off is never handed on as if it were whole.
    func body(atMost limit: Int) async throws -> [UInt8] {
        try checkEncoding()
        let announced = headers[.contentLength].flatMap { Int($0) }
        guard announced ?? 0 <= limit else { throw Refusal(Replies.tooLarge(limit)) }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Refusal(Replies.tooLarge(limit))
        } catch {
            throw BrokenRequest(cause: error)
        }
        guard announced ?? buffer.readableBytes == buffer.readableBytes else { throw BrokenRequest(cause: ChannelError.inputClosed) }
        return Array(buffer: buffer)
    }

    /// A JSON object from a body that says it is JSON: a page of another origin cannot send that type unasked.
    func json(atMost limit: Int, isOptional: Bool = false) async throws -> JSON {
        let bytes = try await body(atMost: limit)
        if bytes.isEmpty, isOptional { return [:] }
        guard contentType == "application/json" else {
            throw Refusal(Replies.problem(.unsupportedMediaType, "unsupported-media-type", "Expected application/json"))
        }
        let json: JSON
        do throws(JSONProblem) {
            json = try JSON(parsing: bytes)
        } catch {
            throw Refusal(Replies.invalid("invalid-request", "The request cannot be read", [FieldProblem(error.path, error.problem)]))
        }
        guard json.object != nil else {
            throw Refusal(Replies.invalid("invalid-request", "The request cannot be read", [FieldProblem("", "expected one JSON object")]))
        }
        return json
    }
}

/// An answer thrown from deep inside.
struct Refusal: Error {
    let response: Response
    init(_ response: Response) { self.response = response }
}

/// The request ended before it was whole; there is nobody to answer, or the server itself answers.
struct BrokenRequest: Error {
    let cause: any Error
}

enum Percent {
    static func decoded(_ text: some StringProtocol) -> String? { PercentDecoding.text(text.utf8) }

    /// For one segment of a path: an event's id may hold a slash.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
