public import Config
import Core
import Crypto
public import Pipeline
import Sandbox
public import Store
public import Templates
public import Transport

/// The composition root: settings in, running services out. Everything is built here and nowhere else.
public struct Runtime: Sendable {
    public let configuration: Configuration
    public let templates: TemplateSet
    public let store: SQLiteStore
    public let transport: Transport
    public let engine: Engine

    /// Opens the store, registers the accounts, builds the engine. Starts nothing.
    /// - Parameters:
    ///   - clock: nil is the machine's.
    ///   - templates: loaded already; nil reads them from where the settings say.
    public static func make(
        _ configuration: Configuration, clock: (any Clock)? = nil, random: any RandomSource = SystemRandom(),
        authority: String? = nil, templates loaded: TemplateSet? = nil
    ) throws -> Runtime {
        let templates = try loaded ?? loadTemplates(configuration.settings.templatesDirectory)
        let settings = configuration.settings
        try Host.makeDirectory(settings.storeDirectory)
        let keys = try Keys.load(settings, random: random)
        let store = try SQLiteStore(directory: settings.storeDirectory, keys: keys, random: random, options: settings.storeOptions)
        // Room for what every account may have open, and for the calls that fetch credentials.
        let transport = Transport(capacity: settings.accounts.reduce(1024) { $0 + 3 * $1.transport.maxInFlight })
        for account in settings.accounts { transport.register(connection(of: account, settings: settings, authority: authority)) }
        let (flown, recorder) = try flight(settings)
        let engine = Engine(
            configuration: configuration, templates: templates, store: store, transport: transport,
            clock: clock ?? HybridClock(bootID: Host.bootID), zones: SystemZones(), flown: flown, recorder: recorder,
            admission: admission(settings, store))
        return Runtime(configuration: configuration, templates: templates, store: store, transport: transport, engine: engine)
    }

    private static func admission(_ settings: Settings, _ store: any Store) -> Admission {
        let (directory, limits) = (settings.storeDirectory, settings.limits)
        return Admission(Admission.Marks(pending: limits.pending, free: limits.free), store: store) {
            Host.freeSpace(of: directory).map { Admission.Space(free: $0, log: Host.size(of: directory + "/clarion.db-wal")) }
        }
    }

    /// What the last process left, and the recorder of this one. None of both when it cannot be known whether the machine was started anew.
    private static func flight(_ settings: Settings) throws -> (FlightLog, FlightRecorder?) {
        guard let bootID = Host.bootID else { return (.absent(bootID: "unknown"), nil) }
        // One for each attempt that may be open (`Slots`), and for those that a transaction has set aside.
        let slots = settings.accounts.reduce(256) { $0 + 64 + 3 * $1.transport.maxInFlight }
        let flown = FlightLog.read(directory: settings.storeDirectory, bootID: bootID)
        return (flown, try FlightRecorder(directory: settings.storeDirectory, slots: slots, bootID: bootID))
    }

    public func close() async throws {
        await transport.shutdown()
        try await store.close()
    }

    /// Reads and checks the texts. Throws `Problems` with all mistakes.
    public static func loadTemplates(_ directory: String, scope: TemplateSet.Scope = .everything) throws -> TemplateSet {
        try TemplateSet.compile(files: templateFiles(directory), scope: scope, digest: sha256)
    }

    /// Texts and fixtures, by the paths that problems name them with.
    static func templateFiles(_ directory: String) throws -> [(path: String, text: String)] {
        try Host.files(below: directory, endingIn: [".yaml", ".html"]).map { file in
            (path: "templates/" + file.path.dropFirst(directory.count).drop { $0 == "/" }, text: file.text)
        }
    }

    static func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// In capture mode an account can open sockets to the sandbox's ports and to nothing else.
    static func connection(of account: Account, settings: Settings, authority: String?) -> TransportAccount {
        let options = account.transport
        var connection = TransportAccount(
            name: account.name, caFile: options.caFile, allowPlain: options.allowsPlain, maxInFlight: options.maxInFlight,
            timeout: options.timeout)
        switch options.reach {
        case .any: connection.addresses = .any
        case .publicOnly: connection.addresses = .publicOnly
        case .loopback: connection.addresses = .loopbackOnly
        case .only(let places): connection.addresses = .only(places.compactMap { SocketAddress(ip: $0.ip, port: $0.port) })
        }
        if settings.mode == .capture {
            // Nothing but the sandbox's own ports, whatever the account says.
            let ports = [settings.sandbox.httpsPort, settings.sandbox.smtpPort]
            connection.caFile = authority ?? settings.sandbox.authorityFile
            connection.addresses = .only(ports.compactMap { SocketAddress(ip: "127.0.0.1", port: UInt16(clamping: $0)) })
        }
        return connection
    }
}
