import App
import Config
import Core
import Foundation
import Templates

/// What every simulated world shares: catalogue, policy, texts, accounts and the stories that producers tell. Read once.
public struct Setting: Sendable {
    let configuration: Configuration
    let templates: TemplateSet
    let stories: [Story]

    /// - Parameter repository: the project's directory.
    public static func load(repository: String) throws -> Setting {
        let configuration = try Configuration.load(
            settingsFile: repository + "/Tests/Faults/simulator.yaml",
            providers: [SimulatedSMS.self, SimulatedPush.self, SimulatedMail.self])
        let templates = try Runtime.loadTemplates(repository + "/templates")
        let events = try readFile(repository + "/Tests/Fixtures/events-sample.jsonl")
        return Setting(configuration: configuration, templates: templates, stories: try Story.read(events))
    }

    private static func readFile(_ path: String) throws -> [UInt8] {
        guard let bytes = FileManager.default.contents(atPath: path) else { throw StoryProblem(words: "\(path) cannot be read") }
        return Array(bytes)
    }
}

struct StoryProblem: Error { var words: String }
