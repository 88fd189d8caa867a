import Core
import Foundation
import Terminal
import TestKit
import Testing

@testable import App

/// What a shell is offered, asked in the words of the generated scripts.
struct CompletionTests {
    /// - Parameters:
    ///   - path: of the sub-command.
    ///   - argument: `positional@0`, or an option.
    private func offered(_ path: [String], _ argument: String, _ word: String, environment: [String: String] = FilledStore.environment)
        throws -> [String]
    {
        let words = ["clarion"] + path + [word]
        let ended = try Program.run(
            ["---completion"] + path + ["--", argument, String(words.count - 1), String(word.count)] + words, environment: environment)
        #expect(ended.status == 0 && ended.errors == "")
        return ended.output.split(separator: "\n").map(String.init)
    }

    @Test func namesComeFromTheStore() async throws {
        let found = try JSON(parsing: try await FilledStore.run("audit", "search", "channel:sms", "--json").output)
        let row = try #require(found["deliveries"]?.array?.first)
        let (order, delivery) = (try #require(row["order"]?.string), try #require(row["id"]?.string))
        let customer = try #require(row["customer"]?.string)
        for (path, argument, word, expected) in [
            (["audit", "order"], "positional@0", "WD", order), (["audit", "delivery"], "positional@0", "dlv_", delivery),
            (["explain"], "positional@0", "", order), (["explain"], "positional@0", "dlv", delivery),
            (["customer", "show"], "positional@0", "CU", customer), (["audit", "search"], "positional@0", "order:W", "order:" + order),
            (["preview"], "--delivery", "dlv_", delivery), (["tail"], "--order", "", order),
        ] {
            #expect(try offered(path, argument, word).contains(expected), "\(path) \(argument)")
        }
    }

    @Test func wordsOfClosedListsNeedNoStore() throws {
        let nowhere = ["CLARION_STORE_DIRECTORY": "/nowhere"]
        #expect(try offered(["audit", "search"], "positional@0", "st", environment: nowhere) == ["state:", "stage:"])
        #expect(try offered(["audit", "search"], "positional@0", "channel:s", environment: nowhere) == ["channel:sms"])
        #expect(try offered(["audit", "search"], "positional@0", "kind:risk", environment: nowhere) == ["kind:risk_hold"])
        #expect(try offered(["preview"], "--channel", "sms,ma", environment: nowhere) == ["sms,mail"])
        #expect(try offered(["preview"], "--locale", "zh", environment: nowhere) == ["zh-Hans", "zh-Hant"])
        #expect(try offered(["tail"], "--act", "dec", environment: nowhere) == ["decision"])
    }

    @Test func withoutAStoreNothingIsOfferedAndNothingFails() throws {
        #expect(try offered(["audit", "order"], "positional@0", "", environment: ["CLARION_STORE_DIRECTORY": "/nowhere"]) == [])
        #expect(try offered(["audit", "order"], "positional@0", "", environment: ["CLARION_CONFIG": "/nowhere.yaml"]) == [])
    }

    @Test func aStoreThatDoesNotAnswerIsNotWaitedFor() async {
        let (never, _) = AsyncStream<String>.makeStream()
        let found = await Candidates.within(.milliseconds(1)) {
            for await name in never { return [name] }
            return ["late"]
        }
        #expect(found == [])
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func theScriptsAskUs(_ shell: String) throws {
        let script = try Program.run(["completion", shell]).output
        #expect(script.contains("---completion audit order -- positional@0"))
        #expect(script.contains("risk_hold"))
    }
}
