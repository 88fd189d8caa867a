public import Core
import Glibc
import Hummingbird
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Pages
import Synchronization

/// Stand-ins for the providers, on loopback, speaking their protocols for real: TLS with an authority of its own, HTTP/2, SMTP with
/// STARTTLS. It writes down what it truly accepted, fails on demand, and shows on a page what each phone and mailbox got.
public final class Sandbox: Sendable {
    public struct Options: Sendable {
        public var host = "127.0.0.1"
        /// 0 takes any free port.
        public var httpPort = 0
        public var httpsPort = 0
        public var smtpPort = 0
        public var smtpsPort = 0
        /// Where `ca.pem`, `endpoints.json` and `ledger.jsonl` go; made when it is missing. Nil: only `ca.pem`, in a temporary directory
        /// that `stop` removes.
        public var directory: String?
        /// Milliseconds since 1970. Dates the ledger and ages tokens.
        public var now: @Sendable () -> Int64 = Sandbox.clock
        /// MAIL and AUTH only after STARTTLS.
        public var smtpRequiresTLS = true
        public var smtpRequiresLogin = false
        /// The only login that SMTP takes; nil takes any that is not empty.
        public var smtpLogin: (user: String, password: String)?
        /// Call `StatusCallback`, `dlr-url` and `dlr_url` when a message was accepted, if they point to plain HTTP on this machine.
        public var sendsReceipts = false
        /// Whose phone, device or mailbox an address is: addresses of one owner share a card on the page. Nil: each for itself.
        public var owner: (@Sendable (_ recipient: String) -> String?)?
        /// In-app inboxes are not the sandbox's; whoever has them may show them on the page.
        public var inbox: (@Sendable () async -> [Inbox])?
        /// Says that an inbox may have changed; asked for once for each page that is open.
        public var inboxChanges: (@Sendable () -> AsyncStream<Void>)?
        /// A link to the real inbox page.
        public var inboxURL: String?

        public init() {}
    }

    /// One owner's in-app messages, newest last.
    public struct Inbox: Sendable, Hashable {
        public struct Item: Sendable, Hashable {
            public var at: Timestamp
            public var title, body: String
            public var isRead: Bool
            public init(at: Timestamp, title: String, body: String, isRead: Bool) {
                (self.at, self.title, self.body, self.isRead) = (at, title, body, isRead)
            }
        }
        public var owner: String
        public var items: [Item]
        public init(owner: String, items: [Item]) { (self.owner, self.items) = (owner, items) }
    }

    public let ledger: Ledger
    public let switches = Switches()
    private let options: Options
    private let receipts: ReceiptDesk?
    private let directory: String
    private let running = Mutex<Running?>(nil)

    private struct Running {
        var servers: [RunningServer]
        var mail: [SMTPServer]
    }

    /// - Throws: `FileProblem` when the directory or its ledger cannot be used.
    public init(_ options: Options) throws {
        self.options = options
        receipts = options.sendsReceipts ? ReceiptDesk() : nil
        if let directory = options.directory { try makeDirectory(directory) }
        directory = try options.directory ?? makeTemporaryDirectory()
        ledger = try Ledger(path: options.directory.map { $0 + "/ledger.jsonl" }, now: options.now)
    }

    /// Binds all four ports and answers on them when it returns.
    public func start() async throws -> Endpoints {
        let authority = try Authority()
        let caFile = directory + "/ca.pem"
        try writeFile(caFile, authority.certificate)
        let page = Page(ledger: ledger, switches: switches, options: options)
        let desk = Desk(ledger: ledger, switches: switches, now: options.now, receipts: receipts, page: nil)
        let front = Desk(ledger: ledger, switches: switches, now: options.now, receipts: receipts, page: page)

        var bound = Running(servers: [], mail: [])
        do {
            let https = try await RunningServer.start(host: options.host, port: options.httpsPort) { configuration, running in
                try Application(
                    responder: desk, server: .http2Upgrade(tlsConfiguration: authority.tls), configuration: configuration,
                    onServerRunning: running, logger: Self.quiet)
            }
            bound.servers.append(https)
            let http = try await RunningServer.start(host: options.host, port: options.httpPort) { configuration, running in
                Application(responder: front, configuration: configuration, onServerRunning: running, logger: Self.quiet)
            }
            bound.servers.append(http)
            let tls = try NIOSSLContext(configuration: authority.tls)
            let smtp = try await listen(options.smtpPort, tls: tls, implicit: false, in: &bound)
            let smtps = try await listen(options.smtpsPort, tls: tls, implicit: true, in: &bound)
            let endpoints = Endpoints(host: options.host, https: https.port, http: http.port, smtp: smtp, smtps: smtps, caFile: caFile)
            if let directory = options.directory { try writeFile(directory + "/endpoints.json", endpoints.json.text + "\n") }
            running.withLock { $0 = bound }
            return endpoints
        } catch {
            await halt(bound)
            throw error
        }
    }

    /// Closes every port and connection. Idempotent.
    public func stop() async {
        let bound = running.withLock { running in
            defer { running = nil }
            return running
        }
        ledger.finish()
        switches.endStalls()
        if let bound { await halt(bound) }
        if options.directory == nil {
            unlink(directory + "/ca.pem")
            rmdir(directory)
        }
    }

    private func halt(_ bound: Running) async {
        for server in bound.servers { await server.stop() }
        for server in bound.mail {
            do { try await server.stop() } catch { Self.quiet.debug("listener was closed already: \(error)") }
        }
    }

    private func listen(_ port: Int, tls: NIOSSLContext, implicit: Bool, in bound: inout Running) async throws -> Int {
        let switches = switches
        let rules = SMTPSession.Rules(
            requiresTLS: options.smtpRequiresTLS, requiresLogin: options.smtpRequiresLogin, login: options.smtpLogin,
            isRetired: { switches.isRetired($0) })
        let server = try await SMTPServer(
            host: options.host, port: port, tls: tls, implicit: implicit, rules: rules, ledger: ledger, switches: switches)
        bound.mail.append(server)
        return server.port
    }

    private static let quiet = Logger(label: "clarion.sandbox") { _ in SwiftLogNoOpLogHandler() }

    /// The machine's clock.
    public static let clock: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// Where a running sandbox listens. Base URLs have no slash at their end.
public struct Endpoints: Sendable, Hashable {
    /// The HTTP providers, HTTP/2 and HTTP/1.1 by ALPN.
    public var https: String
    /// The page; and the HTTP providers without TLS, all but APNs.
    public var http: String
    /// STARTTLS.
    public var smtp: String
    /// TLS from the first byte.
    public var smtps: String
    /// PEM of the authority that signed the servers' certificate: the only root a client needs.
    public var caFile: String

    init(host: String, https: Int, http: Int, smtp: Int, smtps: Int, caFile: String) {
        let name = host.contains(":") ? "[\(host)]" : host
        self.https = "https://\(name):\(https)"
        self.http = "http://\(name):\(http)"
        self.smtp = "smtp://\(name):\(smtp)"
        self.smtps = "smtps://\(name):\(smtps)"
        self.caFile = caFile
    }

    /// What `endpoints.json` holds.
    public var json: JSON {
        ["https": .string(https), "http": .string(http), "smtp": .string(smtp), "smtps": .string(smtps), "ca": .string(caFile)]
    }
    /// Reads what `json` wrote: how another process finds a sandbox.
    public init?(_ json: JSON) {
        guard let https = json["https"]?.string, let http = json["http"]?.string, let smtp = json["smtp"]?.string,
            let smtps = json["smtps"]?.string, let caFile = json["ca"]?.string
        else { return nil }
        (self.https, self.http, self.smtp, self.smtps, self.caFile) = (https, http, smtp, smtps, caFile)
    }
}
