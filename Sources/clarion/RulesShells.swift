import App
import ArgumentParser
import Core
import Reports
import Terminal

struct RulesGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "What other rules would have decided.", subcommands: [enabled(SimulateShell.self)])
}

struct SimulateShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Play recorded events by other settings, policy, catalogue or texts: who would be told otherwise, when, at what cost.",
        discussion: """
            EXAMPLES
              clarion rules simulate next/clarion.yaml --since 30d
              clarion rules simulate --policy policy-next.yaml --guard never-told-money-lost=0 --guard cost=+5%
              clarion rules simulate --texts ./templates --since 7d -o csv > differences.csv

            Both sets of rules decide anew, so what differs is the rules' doing alone. Nothing is sent and nothing is written. A guard that is not kept
            makes the status 3: NAME=4 is the most there may be, +4 the most there may be more than now, +5% the same in hundredths.
            Guards: \(RuleGuard.names.joined(separator: " ")) (any span).

            Page: docs/simulate.md
            """)
    @Argument(help: ArgumentHelp("Settings to try.", valueName: "next"), completion: .file(extensions: ["yaml", "yml"]))
    var settings: String?
    @Option(help: ArgumentHelp("A policy to try.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var policy: String?
    @Option(help: ArgumentHelp("A catalogue of kinds to try.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var kinds: String?
    @Option(
        help: ArgumentHelp("Texts to try: a directory, a revision of the store, or a commit.", valueName: "texts"), completion: .directory)
    var texts: String?
    @Option(
        name: .customLong("guard"), help: ArgumentHelp("What the new rules have to keep. May be repeated.", valueName: "name=limit"),
        completion: Completions.list(RuleGuard.names.map { $0 + "=" }))
    var guards: [String] = []
    @Option(
        name: [.customLong("since"), .customLong("from")],
        help: ArgumentHelp("Events from then on: 30d, yesterday, RFC 3339.", valueName: "time"))
    var since: String?
    @Option(name: [.customLong("until"), .customLong("to")], help: ArgumentHelp("Events before.", valueName: "time"))
    var until: String?
    @Option(help: ArgumentHelp("Examples of each change. Default: 10, in csv and json all.", valueName: "n"))
    var limit: Int?
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags

    func work() throws -> SimulateRequest {
        SimulateRequest(
            settings: settings, policy: policy, kinds: kinds, texts: texts,
            guards: try guards.map { text throws(Fault) in try RuleGuard(text) },
            limit: try limit.map { limit throws(Fault) in try positive(limit) })
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        discretion.apply(to: &options)
        options.since = try moment(since, "since", now, times)
        options.until = try moment(until, "until", now, times)
    }
}
