public import Config
public import Core
import Glibc
public import Store
import Terminal

/// The settings that a command's flags and environment name, read as far as the command needs them.
public struct SettingsOfCommand: Sendable {
    private let file: String?
    private let environment: [String: String]

    public init(_ options: GlobalOptions, _ environment: [String: String]) { (file, self.environment) = (options.config, environment) }
    init(_ context: CommandContext) { self.init(context.options, context.environment) }

    /// The file that is meant.
    public var path: String { Settings.locate(flag: file, environment: environment) }

    /// Everything, accounts included.
    public func configuration(overrides: [String: String] = [:]) throws(Problems) -> Configuration {
        try Configuration.load(settingsFile: file, environment: environment, overrides: overrides)
    }

    /// The settings without any account: what reading a store or a text needs.
    public func settings(channels: Set<Channel> = []) throws(Problems) -> Settings {
        try Settings.read(file: path, environment: environment, channels: channels).settings
    }

    /// What is needed to read and to make events: no account, no text.
    func catalogue() throws(Problems) -> (typePrefix: String, catalogue: Catalogue) {
        let configuration = try Configuration.load(settingsFile: file, environment: environment, channels: [])
        return (configuration.settings.eventTypePrefix, configuration.catalogue)
    }

    /// The catalogue's kinds alone: the code lists are a hundred times their size.
    public func kinds(of settings: Settings) throws(Problems) -> [Kind: KindRule] { try Configuration.kinds(settings.cataloguePaths).rules }
    /// What people read about the kinds.
    public func notes(of settings: Settings) throws(Problems) -> [Kind: KindNotes] {
        try Configuration.kinds(settings.cataloguePaths).notes
    }

    /// Where checkpoints are written outside of the database.
    public func checkpointDirectory() throws -> String {
        let settings = try settings()
        return settings.checkpointDirectory ?? settings.storeDirectory + "/checkpoints"
    }

    /// The store for reading: no lock, no write, no key is made. A store that is not there is status 69.
    public func openStore() throws -> SQLiteAudit {
        let settings = try settings()
        let directory = settings.storeDirectory
        guard Host.exists(directory + "/clarion.db") else {
            throw Fault(
                .unavailable, "there is no store in \(directory)", field: "store.directory",
                hint: "clarion run makes one; another place: --config FILE or CLARION_STORE_DIRECTORY")
        }
        return try SQLiteStore.openReadOnly(directory: directory, keys: try Keys.existing(settings))
    }
}

extension Host {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
