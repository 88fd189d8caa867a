import Core
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
public import Pipeline
public import ServiceLifecycle
public import Store

/// The HTTP faces of a worker: intake, inbox, preferences, health; on TCP and, for our own commands, on a Unix socket.
public struct HTTPService: Service {
    public struct Parts: Sendable {
        public var store: any Store
        public var intake: Intake
        public var desk: Desk
        public var tokens: InboxTokens
        public var clock: any Clock
        public var inboxChanges: Broadcast
        public var batchLimit: Int
        public init(
            store: any Store, intake: Intake, desk: Desk, tokens: InboxTokens, clock: any Clock, inboxChanges: Broadcast, batchLimit: Int
        ) {
            (self.store, self.intake, self.desk, self.tokens) = (store, intake, desk, tokens)
            (self.clock, self.inboxChanges, self.batchLimit) = (clock, inboxChanges, batchLimit)
        }
    }

    public enum Address: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    private let parts: Parts
    private let address: Address
    private let access: Access
    private let ready: @Sendable (Int) async -> Void

    /// - Parameter ready: called once with the port (0 for a socket) when requests are answered.
    public init(_ parts: Parts, at address: Address, access: Access, ready: @escaping @Sendable (Int) async -> Void = { _ in }) {
        (self.parts, self.address, self.access, self.ready) = (parts, address, access, ready)
    }

    public func run() async throws {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: Manners())
        router.get("/healthz") { _, _ in Replies.json(.ok, ["status": "ok"]) }
        let store = parts.store
        router.get("/readyz") { _, _ in
            _ = try await store.read { try $0.lastLogSeq() }
            return Replies.json(.ok, ["status": "ready"])
        }
        EventRoutes(intake: parts.intake, access: access, batchLimit: parts.batchLimit).add(to: router)
        InboxRoutes(store: store, tokens: parts.tokens, clock: parts.clock, access: access, changes: parts.inboxChanges).add(to: router)
        CustomerRoutes(desk: parts.desk, access: access).add(to: router)
        OperatorRoutes(desk: parts.desk, access: access).add(to: router)
        let bind: BindAddress =
            switch address {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        let ready = ready
        let application = Application(
            router: router, server: .http1(configuration: .init(idleTimeout: .seconds(30))), configuration: .init(address: bind, serverName: "clarion"),
            onServerRunning: { await ready($0.localAddress?.port ?? 0) }, logger: Logger(label: "clarion.http") { _ in SwiftLogNoOpLogHandler() })
        try await application.run()
    }
}

/// Headers every answer has, and errors that show nothing of our insides.
private struct Manners: RouterMiddleware {
    typealias Context = BasicRequestContext

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch is NIOTooManyBytesError {
            response = Replies.problem(.contentTooLarge, "too-large", "The body is too large")
        } catch let error as HTTPError {
            response = error.status == .notFound ? Replies.notFound : Replies.problem(error.status, "refused", error.status.reasonPhrase)
        } catch let error as StoreError {
            response = error == .full ? EventRoutes.full : Replies.problem(.serviceUnavailable, "unavailable", "Not at present", headers: [.retryAfter: "5"])
        }
        response.headers[HTTPField.Name("X-Content-Type-Options")!] = "nosniff"
        return response
    }
}
