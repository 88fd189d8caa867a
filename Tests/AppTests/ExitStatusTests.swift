import Core
import Foundation
import Terminal
import TestKit
import Testing

/// The table of exit statuses holds for every command alike.
struct ExitStatusTests {
    /// Arguments that are good, so that only what the test breaks is broken.
    static let store = [
        ["audit", "order", "WD1"], ["audit", "customer", "CU1"], ["audit", "delivery", "dlv_1"], ["audit", "search"], ["audit", "stats"],
        ["audit", "verify"], ["explain", "WD1"], ["tail", "--end"], ["dead", "list"], ["dead", "show", "d1"],
        ["dead", "retry", "d1", "--reason", "x"], ["review", "list"], ["review", "show", "1"],
        ["review", "close", "1", "--reason", "x", "--dry-run"], ["customer", "show", "CU1"], ["inbox", "show", "CU1"],
        ["event", "show", "ev-1"], ["preview", "--delivery", "dlv_1"],
    ]
    static let settings =
        store + [
            ["config", "show"], ["preview", "risk_hold"], ["event", "sample"], ["event", "validate", "/dev/null"], ["run"], ["worker"],
        ]
    static let all =
        settings + [
            ["check"], ["doctor"], ["sandbox"], ["demo"], ["replay", "/dev/null"], ["event", "send", "/dev/null"],
            ["customer", "set", "CU1", "--locale", "en", "--reason", "x"], ["reasons", "list"], ["reasons", "show", "first"],
            ["states", "list"], ["version"],
        ]

    @Test(arguments: all) func aFlagThatIsNotThereIsUsage(_ command: [String]) throws {
        let ended = try Program.run(command + ["--no-such-flag"])
        #expect(ended.status == 64 && ended.output == "" && ended.errors.contains("--no-such-flag"))
        let json = try Program.run(command + ["--no-such-flag", "--json"])
        #expect(try JSON(parsing: json.errors)["exit"]?.integer == 64)
    }

    @Test(arguments: settings) func settingsThatAreNotThereAreConfiguration(_ command: [String]) throws {
        let ended = try Program.run(command + ["--config", "/nowhere.yaml"])
        #expect(ended.status == 78 && ended.output == "" && ended.errors.contains("/nowhere.yaml"), "\(ended.errors)")
    }

    @Test(arguments: store) func aStoreThatIsNotThereIsUnavailable(_ command: [String]) throws {
        let ended = try Program.run(command, environment: ["CLARION_STORE_DIRECTORY": "/nowhere"])
        #expect(ended.status == 69 && ended.output == "" && ended.errors.contains("/nowhere"), "\(ended.errors)")
    }

    @Test(
        arguments: [
            ["audit", "order", "WD404"], ["audit", "customer", "CU404"], ["audit", "delivery", "dlv_404"], ["explain", "WD404"],
            ["dead", "show", "d404"], ["dead", "retry", "d404", "--reason", "x"], ["review", "show", "404"],
            ["review", "close", "404", "--reason", "x", "--dry-run"], ["customer", "show", "CU404"], ["event", "show", "ev-404"],
            ["preview", "--delivery", "dlv_404"],
        ]) func whatIsNotThereIsNotFound(_ command: [String]) async throws
    {
        try await FilledStore.ready.value
        let ended = try Program.run(command, environment: FilledStore.environment)
        #expect(ended.status == 5 && ended.output == "" && !ended.errors.isEmpty, "\(ended.errors)")
    }

    @Test(
        arguments: [
            ["dead", "retry", "d1"], ["review", "close", "1"], ["customer", "set", "CU1", "--locale", "en"],
            ["customer", "set", "CU1", "--reason", "x"], ["audit", "search", "--limit", "0"], ["tail", "--since", "soonish"],
            ["event", "send", "/dev/null", "--server", "clarion.example.com"], ["version", "--key-file", "x"], ["demo", "--rate", "0"],
            ["event", "send", "/dev/null", "--timeout", "long"], ["reasons", "show", "no_such_code"],
        ]) func argumentsThatMeanNothingAreUsage(_ command: [String]) throws
    {
        let ended = try Program.run(command, environment: ["CLARION_STORE_DIRECTORY": "/nowhere"])
        #expect([64, 5].contains(ended.status) && ended.output == "", "\(ended.errors)")
    }

    @Test(arguments: all) func theHelpBeginsWithTwoExamplesAndNamesItsPage(_ command: [String]) throws {
        let words = Array(command.prefix { !$0.hasPrefix("-") && !$0.contains("/") && $0.lowercased() == $0 }.prefix(2))
        let path =
            ["audit", "dead", "review", "customer", "inbox", "event", "config", "reasons", "states"].contains(words[0]) ? words : [words[0]]
        let ended = try Program.run(path + ["--help"])
        #expect(ended.status == 0 && ended.errors == "")
        let lines = ended.output.split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex { $0.contains("EXAMPLES") })
        #expect(start <= 2, "\(path)")
        #expect(lines[start + 1].contains("clarion \(path.joined(separator: " "))") && lines[start + 2].contains("clarion "))
        #expect(ended.output.contains("Page: docs/"), "\(path)")
    }
}
