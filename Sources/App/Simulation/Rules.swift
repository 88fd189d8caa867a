import Config
import Core
import Pipeline
import Reports
import Store
import Templates
import Terminal

/// What decides: policy, catalogue, accounts and texts, read whole. For dry runs: no secret of an account is needed.
struct Rules: Sendable {
    var name: String
    var configuration: Configuration
    var templates: TemplateSet

    var shown: SimulationReport.Rules { SimulationReport.Rules(name: name, texts: String(templates.revision.prefix(12))) }

    /// What a store says that an order's events came to.
    func outcome(of order: OrderNumber, in reader: any StoreReader) throws -> OrderOutcome {
        try OrderOutcome.gather(from: reader, order: order, catalogue: configuration.catalogue)
    }

    /// The settings as they are, with the texts in force: those of the store, else those of the directory.
    static func inForce(in context: CommandContext) async throws -> Rules {
        let path = SettingsOfCommand(context).path
        let configuration = try load(path, context.environment)
        let files = try await context.read { reader in
            try reader.revisionsInForce().base.flatMap { try reader.templateFiles(of: $0.revision) }
        }
        let templates = try Texts.compile(try files ?? Runtime.templateFiles(configuration.settings.templatesDirectory), scope: scope)
        return Rules(name: path, configuration: configuration, templates: templates)
    }

    /// What a store keeps was judged when it came in, perhaps by other rules than those of this version.
    private static let scope = TemplateSet.Scope.everything.unjudged

    /// These rules with what a request changes of them.
    func changed(by request: SimulateRequest, in context: CommandContext) async throws -> Rules {
        var next = self
        if request.settings != nil || !request.overrides.isEmpty {
            let file = request.settings ?? SettingsOfCommand(context).path
            next.configuration = try Self.load(file, context.environment, overrides: request.overrides)
        }
        next.name = request.words
        if let texts = request.texts {
            next.templates = try Texts.compile(try await TextSource.find(texts, in: context).files)
        } else {
            let (old, new) = (configuration.settings.templatesDirectory, next.configuration.settings.templatesDirectory)
            if old != new { next.templates = try Runtime.loadTemplates(new) }
        }
        return next
    }

    /// In capture mode an account needs no secret; what is planned goes by the mode that is set all the same.
    private static func load(_ file: String, _ environment: [String: String], overrides: [String: String] = [:]) throws(Problems)
        -> Configuration
    {
        let mode = try Settings.read(file: file, environment: environment, overrides: overrides, channels: []).settings.mode
        var all = overrides
        all["mode"] = Mode.capture.rawValue
        var configuration = try Configuration.load(settingsFile: file, environment: environment, overrides: all)
        configuration.settings.mode = mode
        configuration.settings.accounts = configuration.settings.accounts.map { account in
            var account = account
            account.provider = WillingProvider(account.provider)
            return account
        }
        return configuration
    }
}
