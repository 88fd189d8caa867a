import App
import ArgumentParser

@main
struct Clarion: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "clarion", abstract: "Tells people what happened to their money.", subcommands: [ReplayCommand.self])
}

struct ReplayCommand: AsyncParsableCommand {
    @Option var config: String?
    static let configuration = CommandConfiguration(commandName: "replay", abstract: "Run a file of events through the whole pipeline.")
    @Argument var file: String
    @Option var store: String?
    @Option var sandbox: String?

    func run() async throws {
        var options = Replay.Options(settingsFile: config, environment: [:], storeDirectory: store)
        options.sandboxDirectory = sandbox
        let result = try await Replay.run(try Lines.read(file), options)
        print(result.accounting, result.elapsed)
    }
}
