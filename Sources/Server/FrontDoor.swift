import Core
import HTTPTypes
import Hummingbird
import Pipeline
import Store

/// Finds the route, lets in who may come in, and gives every answer the headers that all have. Nothing of our insides gets out.
struct FrontDoor: HTTPResponder {
    typealias Context = Peer

    let routes: [Route]
    let access: Access
    let inbox: Inbox
    /// The names this listener answers to; nil for any, when keys or the socket's owner already decide who comes in.
    let names: Set<String>?
    /// A proxy on this machine says who asks.
    let isBehindProxy: Bool

    /// Who an inbox token belongs to.
    struct Inbox: Sendable {
        let tokens: InboxTokens
        let now: @Sendable () -> Timestamp
        func holder(of token: String) async -> InboxTokens.Holder? { await tokens.holder(of: token, now: now()) }
    }

    func respond(to request: Request, context: Peer) async throws -> Response {
        var response: Response
        do {
            response = try await answer(request, from: context)
        } catch let refusal as Refusal {
            response = refusal.response
        } catch let broken as BrokenRequest {
            throw broken.cause
        } catch let refusal as Admission.Refusal {
            response = Replies.overloaded(refusal)
        } catch StoreError.full {
            response = Replies.full
        } catch is StoreError {
            response = Replies.unavailable("unavailable", "Not at present", after: 5)
        } catch {
            response = Replies.problem(.internalServerError, "internal", "Something went wrong here")
        }
        response.headers[HTTPField.Name("X-Content-Type-Options")!] = "nosniff"
        // A token in the address of a stream goes nowhere else.
        response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
        return response
    }

    private func answer(_ request: Request, from peer: Peer) async throws -> Response {
        if let refused = misdirected(request) ?? crossOrigin(request) { return refused }
        let parts = request.uri.path.split(separator: "/", omittingEmptySubsequences: false)
        let found = routes.compactMap { route in route.match(parts).map { (route: route, values: $0) } }
        guard !found.isEmpty else { return Replies.notFound }
        let method = request.method == .head ? .get : request.method
        guard let (route, values) = found.first(where: { $0.route.method == method }) else {
            let allow: HTTPFields = [.allow: Self.allowed(found.map(\.route.method))]
            if method == .options { return Response(status: .noContent, headers: allow) }
            return Replies.problem(.methodNotAllowed, "method-not-allowed", "This method does nothing here", headers: allow)
        }
        var call = Call(request: request, id: values.first ?? "", more: values.dropFirst().first ?? "")
        call.peer = peer.address(of: request.headers, isBehindProxy: isBehindProxy)
        if let refused = await identify(&call, route.needs) { return refused }
        let response = try await route.answer(call)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private static func allowed(_ methods: [HTTPRequest.Method]) -> String {
        let names = methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] } + ["OPTIONS"]
        return names.joined(separator: ", ")
    }

    // MARK: Who is it

    private func identify(_ call: inout Call, _ needs: Route.Needs) async -> Response? {
        switch needs {
        case .nothing: return nil
        case .role(let role):
            let verdict = access.verdict(call.headers, needs: role)
            guard case .allowed(let holder) = verdict else { return Replies.refused(verdict) }
            call.role = holder
        case .inbox(let urlToo):
            let inURL = urlToo ? call.query.first { $0.name == "token" }?.value : nil
            guard let token = Access.bearer(call.headers) ?? inURL, let holder = await inbox.holder(of: token) else {
                return Replies.noToken
            }
            call.holder = holder
        }
        return nil
    }

    // MARK: Pages of other people

    /// A page of a stranger whose name was made to point at 127.0.0.1 still sends its own name.
    private func misdirected(_ request: Request) -> Response? {
        guard let host = request.head.authority, !host.isEmpty, !request.headers.contains(HTTPField.Name("Host")!) else {
            return Replies.problem(.badRequest, "no-host", "One Host header is needed")
        }
        guard let names, !names.contains(Self.name(of: host)) else { return nil }
        return Replies.problem(.misdirectedRequest, "misdirected", "This name is not served here")
    }

    /// Browsers send `Origin` with what changes something; only our own pages may. No answer ever has a CORS header.
    private func crossOrigin(_ request: Request) -> Response? {
        guard request.method != .get, request.method != .head, request.method != .options else { return nil }
        guard let origin = request.headers[HTTPField.Name("Origin")!] else { return nil }
        let host = origin.split(separator: "/").last.map { $0.lowercased() }
        guard host != request.head.authority?.lowercased() else { return nil }
        return Replies.problem(.forbidden, "cross-origin", "Pages of another origin may not do that")
    }

    /// `LOCALHOST:8080` is `localhost`, `[::1]:8080` is `[::1]`.
    private static func name(of authority: String) -> String {
        let text = authority.lowercased()
        if text.hasPrefix("[") { return text.firstIndex(of: "]").map { String(text[...$0]) } ?? text }
        return text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? text
    }
}
