public import Core
public import Reports
public import Store
public import Terminal

/// The work of one sub-command: a request with its arguments, carried out. The executable only parses, calls this and exits with the answer.
///
/// A request without this conformance has no sub-command: the list of sub-commands does not compile with one.
public protocol Command: Sendable {
    /// Where its answer comes from.
    static var reach: Reach { get }
    /// Answers on the context's console. Throws `Fault`, or what `Fault(describing:)` understands.
    func run(in context: CommandContext) async throws -> ExitStatus
}

extension Command {
    public static var reach: Reach { .store }
}

/// Where a command's answer comes from, and so what `--server` means for it. Nothing that was asked of a server is answered from here.
public enum Reach: Sendable {
    /// The program itself.
    case anywhere
    /// The store of this machine: the HTTP interface does not show it.
    case store
    /// The settings, files and ports of this machine: for a server it means nothing.
    case machine
    /// The store of this machine, or a server.
    case server

    /// Throws for a command that a server cannot answer.
    public func check(_ options: GlobalOptions) throws(Fault) {
        guard options.server != nil else { return }
        switch self {
        case .anywhere, .server: return
        case .store:
            throw Fault(.unavailable, "the HTTP interface does not show this", field: "server", hint: "run it on the server's own machine")
        case .machine:
            throw Fault(
                .usage, "this command works on this machine alone", field: "server", hint: "leave --server and the profile's server out")
        }
    }
}

/// What a command may use.
public struct CommandContext: Sendable {
    public var options: GlobalOptions
    public var console: Console
    public var clock: @Sendable () -> Timestamp
    /// Of the process: settings may come from it.
    public var environment: [String: String]
    /// Opens the store of the settings for reading: no lock, no write, also beside a running worker. Nil where there are no settings.
    public var openReading: (@Sendable () async throws -> any StoreReading)?
    /// Where the store's checkpoints are written outside of the database. Nil where there are no settings.
    public var checkpointDirectory: (@Sendable () throws -> String)?

    public init(
        options: GlobalOptions, console: Console, clock: @escaping @Sendable () -> Timestamp, environment: [String: String] = [:],
        openReading: (@Sendable () async throws -> any StoreReading)? = nil, checkpointDirectory: (@Sendable () throws -> String)? = nil
    ) {
        self.checkpointDirectory = checkpointDirectory
        (self.options, self.console, self.clock, self.environment, self.openReading) = (options, console, clock, environment, openReading)
    }

    /// The store, for reading; a restriction is named to nobody who does not ask for it. Throws a configuration fault where there is none.
    public func reading() async throws -> any StoreReading {
        guard let openReading else { throw Fault(.configuration, "there are no settings, so no store to read", hint: "--config FILE") }
        let store = try await openReading()
        return options.namesRestrictions ? store : DiscreetStore(store)
    }
    public func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Result) async throws -> Result {
        try await reading().read(body)
    }

    /// The same with a query, whose own words go before.
    public func search(_ query: String) throws(Fault) -> Search {
        let times = console.look.times
        var search = try Search(query, limit: options.limit, now: clock(), offset: { times.offset(at: $0) })
        search.query.since = search.query.since ?? options.since
        search.query.until = search.query.until ?? options.until
        return search
    }

    /// What `--since`, `--until` and `--limit` say, as a search.
    public var search: Search {
        var search = Search(limit: options.limit)
        (search.query.since, search.query.until) = (options.since, options.until)
        return search
    }
}

/// The flags that every command has, read and checked.
public struct GlobalOptions: Sendable {
    /// The settings file; nil: `CLARION_CONFIG`, then the usual place.
    public var config: String?
    public var limit: Int
    public var since, until: Timestamp?
    /// 0 says least on stderr, 3 most.
    public var verbosity: Int
    /// Say what would happen, and change nothing.
    public var isDryRun: Bool
    /// How many things a change is to be about: the answer to the question that it would ask.
    public var saysYes: Int?
    /// Ask nothing: a question is an error.
    public var asksNothing: Bool
    /// Why, for the log: needed by everything that sends, discards or reveals.
    public var reason: String?
    /// Show what is masked; needs a reason, and is logged.
    public var reveals: Bool
    /// A restriction is called one, instead of looking like a review of risk.
    public var namesRestrictions = false
    public var timeout: Duration
    /// Another machine's Clarion, instead of the store of this one.
    public var server: ServerPlace?

    public init(
        config: String? = nil, limit: Int = 50, since: Timestamp? = nil, until: Timestamp? = nil, verbosity: Int = 1,
        isDryRun: Bool = false,
        saysYes: Int? = nil, asksNothing: Bool = false, reason: String? = nil, reveals: Bool = false, timeout: Duration = .seconds(30),
        server: ServerPlace? = nil
    ) {
        (self.config, self.limit, self.since, self.until, self.verbosity) = (config, limit, since, until, verbosity)
        (self.isDryRun, self.saysYes, self.asksNothing) = (isDryRun, saysYes, asksNothing)
        (self.reason, self.reveals, self.timeout, self.server) = (reason, reveals, timeout, server)
    }
}
