import HTTPTypes
import Hummingbird
import NIOCore

/// Where a request came in. Hummingbird makes one for each request.
struct Peer: InitializableFromSource {
    /// Of the socket; nil on a Unix socket.
    let address: String?

    init(source: ApplicationRequestContextSource) { address = source.channel.remoteAddress?.ipAddress }

    /// Who asks. Behind a proxy that is what the proxy added at the end of `X-Forwarded-For`; what stands before it anybody can write. Nil when it
    /// added nothing.
    func address(of headers: HTTPFields, isBehindProxy: Bool) -> String? {
        guard isBehindProxy else { return address }
        let last = headers[values: HTTPField.Name("X-Forwarded-For")!].last?.split(separator: ",").last
        return last.map { $0.filter { $0 != " " && $0 != "\t" } }
    }
}
