package import Core
package import Hummingbird
import HTTPTypes

/// A request that has been read to its end.
package struct Incoming: Sendable {
    package var method: String
    package var path: String
    package var query: Form
    /// Names in lower case; several fields of one name stay several.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    package var isHTTP2: Bool
    package var now: Timestamp

    package init(_ request: Request, body: [UInt8], isHTTP2: Bool = false, now: Timestamp) {
        let target = (request.head.path ?? "/").utf8.split(separator: 0x3F, maxSplits: 1, omittingEmptySubsequences: false)
        (method, path, query) = (request.method.rawValue, percentDecoded(target[0]), Form(target.count > 1 ? Array(target[1]) : []))
        headers = request.headers.map { ($0.name.canonicalName, $0.value) }
        (self.body, self.isHTTP2, self.now) = (body, isHTTP2, now)
        // HTTP/2 has `:authority`, which the library keeps apart from the fields.
        if header("host") == nil, let authority = request.head.authority { headers.append(("host", authority)) }
    }

    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// A page elsewhere must not press our buttons (`Origin`), nor read us under a name of its own (`Host`, when we listen on loopback).
    package func isFromOurPage(listeningOn address: String) -> Bool {
        guard let host = header("host") else { return false }
        if let origin = header("origin"), origin != "http://\(host)" { return false }
        guard ["127.0.0.1", "::1", "localhost"].contains(address) else { return true }
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return ["127.0.0.1", "localhost", "[::1]"].contains(name)
    }
}
