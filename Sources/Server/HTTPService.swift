public import Core
import Glibc
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
        /// Time zones that a customer's record may name; nil takes every name.
        public var zones: (any ZoneTable)?
        /// What providers say of messages; nil takes nothing.
        public var receipts: Receipts?
        /// `X-Forwarded-For` says who asks.
        public var isBehindProxy: Bool
        /// What `GET /v1/system` answers; nil: 404.
        public var facts: (@Sendable () async throws -> JSON)?
        /// Sends messages that try an account; nil: 404.
        public var tester: ProviderTest?
        /// Takes the master key that was put into the key file; nil: 404.
        public var rotation: (@Sendable (_ key: Desk.RotatedKey, _ who: String, _ reason: String) async throws -> Desk.Answer)?
        /// The texts of this machine; nil: 404.
        public var templates: TemplateDesk?
        /// Where an item of the inbox leads; nil: to the app.
        public var links: (@Sendable (Kind, OrderNumber) -> String?)?
        /// What an SMS part costs, by account.
        public var prices: [SMSPrice] = []
        public init(
            store: any Store, intake: Intake, desk: Desk, tokens: InboxTokens, clock: any Clock, inboxChanges: Broadcast, batchLimit: Int,
            zones: (any ZoneTable)? = nil, receipts: Receipts? = nil, tester: ProviderTest? = nil, isBehindProxy: Bool = false,
            rotation: (@Sendable (_ key: Desk.RotatedKey, _ who: String, _ reason: String) async throws -> Desk.Answer)? = nil,
            facts: (@Sendable () async throws -> JSON)? = nil, templates: TemplateDesk? = nil,
            links: (@Sendable (Kind, OrderNumber) -> String?)? = nil
        ) {
            self.links = links
            (self.store, self.intake, self.desk, self.tokens) = (store, intake, desk, tokens)
            (self.clock, self.inboxChanges, self.batchLimit) = (clock, inboxChanges, batchLimit)
            (self.zones, self.receipts, self.tester, self.isBehindProxy, self.facts) = (zones, receipts, tester, isBehindProxy, facts)
            (self.rotation, self.templates) = (rotation, templates)
        }
    }

    public enum Address: Sendable, Hashable {
        case tcp(host: String, port: Int)
        /// Mode 0600 before anything is answered. The directory should let nobody else in: between bind and chmod it is all there is.
        case unix(path: String)
    }

    /// What one peer, and all together, may take.
    public struct Limits: Sendable {
        /// From a request's first byte, or the connection's begin, to the end of its headers; and from there to the end of its body.
        public var headerTime = Duration.seconds(5), bodyTime = Duration.seconds(10)
        /// Between two requests; and while an answer is not taken.
        public var idleTime = Duration.seconds(30), stallTime = Duration.seconds(30)
        public var headerBytes = 16384, headerLines = 64
        public var connections = 512
        /// Live inboxes, of all and of one customer.
        public var streams = 256, streamsOfOne = 8
        /// A quiet stream's sign of life: below the minute after which proxies give up.
        public var beat = Duration.seconds(15)
        public init() {}
    }

    private let parts: Parts
    private let address: Address
    private let access: Access
    private let limits: Limits
    private let ready: @Sendable (Int) async -> Void

    /// - Parameter ready: called once with the port (0 for a socket) when requests are answered.
    public init(
        _ parts: Parts, at address: Address, access: Access, limits: Limits = Limits(),
        ready: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        (self.parts, self.address, self.access, self.limits, self.ready) = (parts, address, access, limits, ready)
    }

    /// Serves until the group stops: then streams end, what was begun is answered, and nothing new is taken.
    public func run() async throws {
        let streams = Streams(most: limits.streams, mostOfOne: limits.streamsOfOne, beat: limits.beat)
        let application = application(streams)
        // Before anyone can ask: no change is missed.
        let (news, beat) = (parts.inboxChanges.listen(), limits.beat)
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in news { streams.tick() } }
                group.addTask {
                    while true {
                        do { try await Task.sleep(for: beat) } catch { return }
                        streams.tick()
                    }
                }
                defer { group.cancelAll() }
                try await application.run()
            }
        } onGracefulShutdown: {
            streams.finish()
        }
    }

    private func application(_ streams: Streams) -> Application<FrontDoor> {
        let (limits, address, ready) = (limits, address, ready)
        let connections = Connections(most: limits.connections)
        let channel = HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(limits.idleTime),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes, maxHeaderFieldCount: limits.headerLines))
        let server = HTTPServerBuilder { responder in
            KeptChannel(inner: HTTP1Channel(responder: responder, configuration: channel), limits: limits, connections: connections)
        }
        let clock = parts.clock
        let door = FrontDoor(
            routes: Self.routes(parts, streams), access: access, inbox: .init(tokens: parts.tokens, now: { clock.now() }), names: names,
            isBehindProxy: parts.isBehindProxy)
        return Application(
            responder: door, server: server, configuration: .init(address: bind, serverName: "clarion"),
            onServerRunning: { channel in
                if case .unix(let path) = address { chmod(path, 0o600) }
                await ready(channel.localAddress?.port ?? 0)
            }, logger: Logger(label: "clarion.http") { _ in SwiftLogNoOpLogHandler() })
    }

    private var bind: BindAddress {
        switch address {
        case .tcp(let host, let port): .hostname(host, port: port)
        case .unix(let path): .unixDomainSocket(path: path)
        }
    }

    /// Without keys only this machine may come in, and a browser on it can be told by a stranger's page to: so only by our own names.
    private var names: Set<String>? {
        guard access.keys == nil, case .tcp(let host, _) = address else { return nil }
        return ["localhost", "127.0.0.1", "[::1]", host.contains(":") ? "[\(host.lowercased())]" : host.lowercased()]
    }

    /// All that is served.
    static func routes(_ parts: Parts, _ streams: Streams) -> [Route] {
        let store = parts.store
        let own = [
            Route(.get, "/healthz", needs: .nothing) { _ in Replies.json(.ok, ["status": "ok"]) },
            Route(.get, "/readyz", needs: .nothing) { _ in
                _ = try await store.read { try $0.lastLogSeq() }
                return Replies.json(.ok, ["status": "ready"])
            },
            Route(.get, "/openapi.json", needs: .nothing) { _ in Replies.json(.ok, OpenAPI.document) },
        ]
        return own + EventRoutes(intake: parts.intake, batchLimit: parts.batchLimit).routes
            + QueueRoutes(intake: parts.intake, limit: parts.batchLimit).routes
            + InboxRoutes(
                store: store, tokens: parts.tokens, clock: parts.clock, changes: parts.inboxChanges, streams: streams,
                receipts: parts.receipts, links: parts.links
            ).routes
            + CustomerRoutes(desk: parts.desk, zones: parts.zones).routes
            + OperatorRoutes(desk: parts.desk, tester: parts.tester, rotation: parts.rotation, templates: parts.templates).routes
            + AuditRoutes(desk: parts.desk, prices: parts.prices).routes + ReceiptRoutes(receipts: parts.receipts).routes
            + SystemRoutes(facts: parts.facts).routes
    }
}
