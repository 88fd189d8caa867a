import ArgumentParser

@main
struct Clarion: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "clarion", abstract: "Tells people what happened to their money.")
}
