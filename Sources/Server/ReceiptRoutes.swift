import Core
import HTTPTypes
import Hummingbird
import Pipeline
import Providers

/// `/v1/receipts/ACCOUNT`: where providers say what became of a message. 204 after the commit, whatever was said of whatever message: a
/// stranger learns nothing. 403 when the signature or secret is not the account's, 404 when there is no such account.
struct ReceiptRoutes: Sendable {
    /// Nil: nothing is received here.
    let receipts: Receipts?

    var routes: [Route] {
        ["/v1/receipts/{account}", "/v1/receipts/{account}/{secret}"].flatMap { path in
            [HTTPRequest.Method.post, .get].map { Route($0, path, needs: .nothing) { try await take($0) } }
        }
    }

    private func take(_ call: Call) async throws -> Response {
        // HEAD asks for nothing to be done.
        guard let receipts, call.request.method != .head else { return Replies.notFound }
        let body = try await call.body(atMost: ReceiptRequest.sizeLimit)
        let request = ReceiptRequest(
            method: call.request.method.rawValue, secret: call.more, query: call.request.uri.query ?? "",
            headers: call.headers.map { ($0.name.canonicalName, $0.value) }, body: body, peer: call.peer)
        switch try await receipts.take(request, account: call.id) {
        case .taken: return Response(status: .noContent, headers: [.cacheControl: "no-store"])
        case .noAccount: return Replies.notFound
        case .refused(.forged): return Replies.problem(.forbidden, "forged", "The signature or secret is not this account's")
        case .refused(.unreadable(let words)):
            return Replies.invalid("invalid-receipt", "The receipt cannot be read", [FieldProblem("", words)])
        }
    }
}
