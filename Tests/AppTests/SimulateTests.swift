import Config
import Core
import Foundation
import MemoryStore
import Pipeline
import Reports
import Store
import Synchronization
import Terminal
import TestKit
import Testing

@testable import App

/// Recorded events by other rules: what differs is exact, guards hold or do not, and nothing is written.
struct SimulateTests {
    private static let policy = Program.root.appending(path: "config/policy.yaml").path

    /// A copy of the policy with other words in it.
    private static func changed(_ changes: [(String, String)], in folder: Folder) throws -> String {
        var text = try String(contentsOfFile: policy, encoding: .utf8)
        for (old, new) in changes {
            guard text.contains(old) else { throw Failure(words: "the policy has no \(old)") }
            text = text.replacing(old, with: new)
        }
        let path = folder.path + "/policy-next.yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
    private struct Failure: Error { var words: String }

    private static func simulate(_ arguments: [String]) async throws -> (ended: Program.Ended, json: JSON) {
        try await FilledStore.ready.value
        let ended = try Program.run(["rules", "simulate"] + arguments + ["--json"], environment: FilledStore.environment)
        return (ended, ended.output.isEmpty ? .null : try JSON(parsing: ended.output))
    }

    private static let aside: Set = ["clarion.db-wal", "clarion.db-shm"]

    /// Every file of the store with its bytes, but for the index, which readers share.
    private static func files() throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: FilledStore.directory)
        return try names.reduce(into: [:]) { files, name in
            let path = FilledStore.directory + "/" + name
            var isDirectory: ObjCBool = false
            guard name != "clarion.db-shm", FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue
            else { return }
            files[name] = try Data(contentsOf: URL(filePath: path))
        }
    }

    @Test("the rules of now differ in nothing, and not a byte of the store is another") func sameRules() async throws {
        try await FilledStore.ready.value
        let before = try Self.files()
        let (ended, json) = try await Self.simulate(["--policy", Self.policy, "--guard", "newly-silent=0", "--guard", "messages=+0"])
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(json["events"]?.integer == 38 && json["events_refused"] == 0 && json["events_kept_no_longer"] == 0)
        #expect(json["changes"]?.object?.isEmpty == true && json["differences"]?.array?.isEmpty == true)
        let figures = try #require(json["figures"]?.object)
        #expect(figures.allSatisfy { $0.1["now"] == $0.1["next"] } && !figures.isEmpty)
        #expect(json["figures"]?["notices"]?["now"]?.string.flatMap { Int($0) } ?? 0 > 19)
        #expect(json["guards"]?.array?.allSatisfy { $0["kept"] == true } == true)
        // SQLite puts an empty write-ahead log and its index beside what it reads.
        let after = try Self.files()
        #expect(before.allSatisfy { after[$0.key] == $0.value } && Set(after.keys).subtracting(before.keys).isSubset(of: Self.aside))
        #expect(after["clarion.db-wal"]?.isEmpty ?? true)
    }

    @Test("what a rule silences is named with its reason, and a guard that is not kept is status 3") func silenced() async throws {
        let folder = try Folder()
        let next = try Self.changed([("caps:\n", "exclude:\n  - name: silent\n    kinds: [amount_error]\n\ncaps:\n")], in: folder)
        let (ended, json) = try await Self.simulate(["--policy", next, "--guard", "newly-silent=0", "--guard", "never-told=1"])
        #expect(ended.status == 3, "\(ended.errors)")
        #expect(json["changes"]?.object.map { $0.map(\.0) } == ["newly_silent"] && json["changes"]?["newly_silent"] == 1)
        let only = try #require(json["differences"]?.array?.first)
        #expect(only["kind"] == "amount_error" && only["why"] == "rule_excluded" && only["next"] == .null)
        #expect(only["now"]?["channels"]?.array?.contains("in_app") == true)
        #expect(json["figures"]?["never-told"]?["now"] == "0" && json["figures"]?["never-told"]?["next"] == "1")
        #expect(json["guards"]?.array?.map { $0["kept"] } == [false, true])
        let (lenient, _) = try await Self.simulate(["--policy", next, "--guard", "newly-silent=1"])
        #expect(lenient.status == 0)
    }

    @Test("another plan is a difference of channels alone, and a restriction goes by the name of a review of risk") func channels()
        async throws
    {
        let folder = try Folder()
        let next = try Self.changed([("now: [sms, push, in_app]", "now: [sms, in_app]")], in: folder)
        let (ended, json) = try await Self.simulate(["--policy", next, "--guard", "push=+0", "--guard", "cost=+5%"])
        #expect(ended.status == 0, "\(ended.errors)")
        let differences = try #require(json["differences"]?.array)
        #expect(!differences.isEmpty && differences.allSatisfy { $0["changes"] == ["channels"] })
        #expect(differences.allSatisfy { $0["now"]?["channels"]?.array?.contains("push") == true })
        #expect(differences.allSatisfy { $0["next"]?["channels"]?.array?.contains("push") == false })
        #expect(differences.allSatisfy { $0["now"]?["priority"] == "high" })
        #expect(!ended.output.contains("compliance") && ended.output.contains("risk_hold"))
        let (open, _) = try await Self.simulate(["--policy", next, "--restricted"])
        #expect(open.output.contains("compliance_restricted"))
        let sheet = try Program.run(["rules", "simulate", "--policy", next, "-o", "csv"], environment: FilledStore.environment)
        #expect(sheet.output.split(separator: "\r\n").count == differences.count + 1)
    }

    @Test("other words are found in the notices that say them, and nowhere else") func words() async throws {
        let folder = try Folder()
        try FileManager.default.copyItem(atPath: Program.root.appending(path: "templates").path, toPath: folder.path + "/templates")
        for locale in ["zh-Hans", "zh-Hant", "en"] {
            let path = folder.path + "/templates/payout_returned/\(locale).yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("{order}"))
            try text.replacing("{order}", with: "#{order}").write(toFile: path, atomically: true, encoding: .utf8)
        }
        let (ended, json) = try await Self.simulate(["--texts", folder.path + "/templates"])
        #expect(ended.status == 0, "\(ended.errors)")
        let differences = json["differences"]?.array ?? []
        #expect(!differences.isEmpty && differences.allSatisfy { $0["kind"] == "payout_returned" })
        #expect(
            differences.contains { $0["stage"] == "opened" } && differences.allSatisfy { $0["changes"]?.array?.contains("words") == true })
    }

    @Test(
        "what cannot be simulated is a mistake of usage",
        arguments: [
            ([], "next"), (["--policy", policy, "--guard", "never-tolt=0"], "guard"),
            (["--policy", policy, "--guard", "never-told"], "guard"),
            (["--policy", policy, "--guard", "never-told=few"], "guard"), (["--policy", policy, "--limit", "0"], "limit"),
        ])
    func usage(_ arguments: [String], _ field: String) async throws {
        let (ended, _) = try await Self.simulate(arguments)
        #expect(ended.status == 64 && ended.output.isEmpty)
        #expect(try JSON(parsing: ended.errors)["field"]?.string == field, "\(ended.errors)")
    }

    @Test("no event of that time is not found, and a policy that cannot be read is a mistake of the settings") func nothing() async throws {
        let (none, _) = try await Self.simulate(["--policy", Self.policy, "--since", "2030-01-01"])
        #expect(none.status == 5)
        let (bad, _) = try await Self.simulate(["--policy", Program.root.appending(path: "README.md").path])
        #expect(bad.status == 78)
    }

    @Test("by the same settings an order is decided as it was") func recomputed() async throws {
        try await FilledStore.ready.value
        let context = CommandBench.reading()
        let rules = try await Rules.inForce(in: context)
        let reading = try await context.reading()
        let settings = rules.configuration.settings
        let recorded = RecordedEvents(
            reading: reading,
            reader: EventReader(typePrefix: settings.eventTypePrefix, rails: Set(rules.configuration.catalogue.rails.keys)))
        let span = try await recorded.span(since: nil, until: nil)
        let all = try await recorded.page(after: span.after, through: span.through)
        #expect(all.count == 38)
        let run = DryRun(rules)
        try await run.begin()
        try await run.play(all)
        try await run.finish()
        var comparison = Comparison(tolerance: .zero, limit: 10, isOpen: false)
        for order in Set(all.compactMap(\.stored.order)) {
            let decided = try await reading.read { try rules.outcome(of: order, in: $0) }
            comparison.add(now: decided, next: try await run.store.read { try rules.outcome(of: order, in: $0) })
        }
        #expect(comparison.orders == 19 && comparison.isEmpty, "\(comparison.differences)")
        #expect(await run.refused == 0)
    }

    @Test("explain says what the settings of now make of it") func explain() async throws {
        let found = try await FilledStore.run("audit", "search", "kind:payout_returned", "-o", "ndjson")
        let order = try #require(try JSON(parsing: String(found.output.split(separator: "\n")[0]))["order"]?.string)
        let same = try await FilledStore.run("explain", order, "--recompute", "--json")
        let recomputed = try #require(try JSON(parsing: same.output)["recomputed"])
        #expect(recomputed["differences"]?.array?.isEmpty == true && recomputed["notices"]?.array?.isEmpty == false)
        let folder = try Folder()
        let next = try Self.changed([("caps:\n", "kinds:\n  payout_returned:\n    now: []\n\ncaps:\n"), ("kinds: {}\n", "")], in: folder)
        let other = try Program.run(
            ["explain", order, "--recompute", "--json"], environment: FilledStore.environment.merging(["CLARION_POLICY": next]) { $1 })
        let silent = try #require(try JSON(parsing: other.output)["recomputed"]?["differences"]?.array?.first)
        #expect(silent["changes"]?.array?.first == "newly_silent" && silent["why"] != .null && silent["recomputed"] == .null)
        let human = try Program.run(["explain", order, "--recompute"], environment: FilledStore.environment)
        #expect(human.output.contains("nothing differs from what was decided"))
    }
}

/// What stays in memory of a long log must not change what is counted.
struct SimulationMemoryTests {
    @Test("what is forgotten on the way is counted as if it were not") func folding() async throws {
        let week = try Generated.make(seed: 7)
        let context = CommandBench.reading()
        let rules = try await Rules.inForce(in: context)
        let settings = rules.configuration.settings
        let reader = EventReader(typePrefix: settings.eventTypePrefix, rails: Set(rules.configuration.catalogue.rails.keys))
        let (log, clock) = (MemoryStore(), SteppedClock(Timestamp(milliseconds: 0)))
        let intake = Intake(store: log, reader: reader, clock: clock, accepted: Signal())
        // A fifth of the orders: as many days, and a minute less.
        for event in week.events where ["1", "6"].contains(event["subject"]?.string?.last) {
            if let at = event["receivedat"]?.string.flatMap({ Timestamp(rfc3339: $0) }) { clock.advance(to: at) }
            _ = try await intake.accept([Intake.Raw(event.bytes)], from: .queue("test"))
        }
        var next = rules
        next.configuration.policy.storm.count = 2
        next.configuration.policy.caps.perDay = [.sms: 1, .push: 1]
        let recorded = RecordedEvents(reading: log, reader: reader)
        var simulation = Simulation(
            now: rules, next: next, recorded: recorded, since: nil, until: nil, guards: [], limit: 100_000, isOpen: true)
        let span = try await simulation.span()
        simulation.foldsEvery = .max
        let whole = try await simulation.run(span)
        (simulation.foldsEvery, simulation.memory) = (32, .days(2))
        let folded = try await simulation.run(span)
        for figure in Tally.Figure.allCases {
            #expect(whole.now[figure] == folded.now[figure] && whole.next[figure] == folded.next[figure], "\(figure)")
        }
        #expect(whole.comparison.counts == folded.comparison.counts && !whole.comparison.isEmpty)
        func lines(_ result: Simulation.Result) -> Set<String> { Set(result.comparison.differences.map { "\($0)" }) }
        #expect(lines(whole) == lines(folded))
        #expect(folded.folded > 20 && whole.folded == 0)
    }
}

extension CommandBench {
    /// A context on the filled store, with the repository's own settings.
    static func reading() -> CommandContext {
        let look = Look(screen: Screen(isTerminal: false), times: TimeFormat(.utc, zones: SystemZones()))
        let options = GlobalOptions(config: Program.root.appending(path: "config/clarion.yaml").path)
        let console = Console(form: .json, look: look, errorLook: look) { _, _ in }
        return CommandContext(
            options: options, console: console, clock: { noon }, environment: FilledStore.environment,
            openReading: { try SettingsOfCommand(options, FilledStore.environment).openStore() })
    }
}
