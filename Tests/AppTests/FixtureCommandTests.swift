import App
import Config
import Core
import Foundation
import TestKit
import Testing

/// `preview` with fixtures, and `template`.
struct FixtureCommandTests {
    @Test func aFixtureBringsItsLanguageItsStageAndItsZone() throws {
        let yuan = try JSON(parsing: Program.run(["preview", "bank_delay", "--fixture", "yuan", "--json"]).output)
        let sms = try #require(yuan["texts"]?.array?.first)
        #expect(sms["locale"]?.string == "zh-Hans" && sms["stage"]?.string == "opened" && sms["fixture"]?.string == "yuan")
        #expect(sms["text"]?.string?.contains("WD251110001241已提交，邮储银行") == true && sms["text"]?.string?.contains("11月10日17:00") == true)
        let arrived = try Program.run([
            "preview", "bank_delay", "--fixture", "arrived", "--channel", "push", "-o", "plain", "--fields", "stage",
        ])
        #expect(arrived.output == "stage\nresolved_arrived\n")
        // What is asked for goes before what the fixture says.
        let asked = try JSON(
            parsing: Program.run(["preview", "bank_delay", "--fixture", "yuan", "--locale", "en", "--stage", "progress", "--json"]).output)
        #expect(asked["texts"]?.array?.first?["locale"]?.string == "en" && asked["texts"]?.array?.first?["stage"]?.string == "progress")
    }

    @Test func allFixturesAreShownInTurn() throws {
        let ended = try Program.run(["preview", "bank_delay", "--all-fixtures", "--channel", "sms", "--json"])
        let names = try JSON(parsing: ended.output)["texts"]?.array?.compactMap { $0["fixture"]?.string } ?? []
        #expect(names.count > 8 && Set(names).count == names.count && names.first == "usual")
        let list = try Program.run(["preview", "bank_delay", "--channel", "sms"])
        #expect(list.output.contains("Fixtures  usual, "))
    }

    @Test(
        arguments: [
            (["preview", "bank_delay", "--fixture", "longst"], 5, "did you mean \"longest\"?"),
            (["preview", "bank_delay", "--fixture", "usual", "--data", "-"], 64, "one of them at most"),
            (["preview", "--fixture", "usual"], 64, "needs a kind"), (["preview", "--all-fixtures"], 64, "needs a kind"),
            (["preview", "bank_delay", "--save", "x"], 64, "needs --from-order"),
            (["preview", "bank_delay", "--from-order", "WD1"], 64, "exactly one"),
        ] as [([String], Int32, String)])
    func faultsSayWhatToDo(_ arguments: [String], _ status: Int32, _ words: String) throws {
        let ended = try Program.run(arguments, input: "{}")
        #expect(ended.status == status && ended.errors.contains(words))
    }

    // MARK: What an order was told

    private struct Order: Sendable {
        var kind: Kind
        var number: String
        /// Whatever would name it: runs of digits, as they are and as they are printed.
        var secrets: Set<String>
    }

    /// Those that `FilledStore` holds, made once more.
    private static func orders() throws -> [Order] {
        let configuration = try SampleEventsTests.configuration()
        var samples = EventSamples(seed: 1, typePrefix: configuration.settings.eventTypePrefix, catalogue: configuration.catalogue)
        return try Kind.allCases.enumerated().map { n, kind in
            var (story, event) = samples.detected(kind, at: SampleEventsTests.now + .hours(n))
            _ = samples.resolved(&story, at: SampleEventsTests.now + .hours(n) + .minutes(50))
            let data = try #require(event["data"])
            let number = try #require(data["payout_id"]?.string)
            let minor = try #require(data["amount"]?["minor"]?.integer)
            let texts = [
                number, data["account"]?["last4"]?.string ?? "", data["details"]?["trace_ref"]?.string ?? "",
                data["details"]?["first_payout_id"]?.string ?? "", String(minor),
            ]
            var secrets = Set(texts.flatMap { $0.split { !$0.isNumber }.map(String.init) }.filter { $0.count >= 4 })
            secrets.insert(number)
            return Order(kind: kind, number: number, secrets: secrets)
        }
    }

    @Test func nothingThatNamesTheOrderSurvives() async throws {
        try await FilledStore.ready.value
        var told = 0
        for order in try Self.orders() {
            var ended = try Program.run(["preview", "--from-order", order.number, "--stacked"], environment: FilledStore.environment)
            // Nobody is told of what heals by itself.
            if ended.status == 5 { continue }
            told += 1
            if order.kind.isDiscreet {
                #expect(ended.status == 64 && ended.errors.contains("--restricted"), "\(order.kind)")
                ended = try Program.run(
                    ["preview", "--from-order", order.number, "--stacked", "--restricted"], environment: FilledStore.environment)
            }
            #expect(ended.status == 0 && ended.output.contains("from_order:\n  title: \"As an order was told on 2026-11-"), "\(order.kind)")
            // Marks between digits hide none.
            let bare = ended.output.filter { !",.  ".contains($0) }
            for secret in order.secrets { #expect(!ended.output.contains(secret) && !bare.contains(secret), "\(order.kind): \(secret)") }
        }
        #expect(told > 12)
    }

    @Test func whatIsSavedIsReadAgain() async throws {
        try await FilledStore.ready.value
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "clarion-fixtures-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: Program.root.appending(path: "templates"), to: folder)
        let environment = FilledStore.environment.merging(["CLARION_TEMPLATES_DIRECTORY": folder.path]) { _, new in new }
        for order in try Self.orders().prefix(3) {
            let saved = try Program.run(
                ["preview", "--from-order", order.number, "--save", "real_one", "--json"], environment: environment)
            let shown = try JSON(parsing: saved.output)
            #expect(shown["written"]?.array?.map(\.string) == ["\(folder.path)/\(order.kind.rawValue)/fixtures.yaml"])
            let again = try Program.run(["preview", order.kind.rawValue, "--fixture", "real_one", "--json"], environment: environment)
            #expect(try JSON(parsing: again.output)["texts"] == shown["texts"])
            // Nothing is put in the place of another.
            let twice = try Program.run(["preview", "--from-order", order.number, "--save", "real_one"], environment: environment)
            #expect(twice.status == 64 && twice.errors.contains("real_one"))
        }
        let check = try Program.run(["template", "check", "--json"], environment: environment)
        #expect(check.status == 0)
        #expect(try Program.run(["preview", "--from-order", "WD404"], environment: environment).status == 5)
        #expect(try Program.run(["preview", "--from-order", "WD404", "--save", "No Name"], environment: environment).status == 64)
    }

    // MARK: template

    @Test func listCheckAndCoverageAnswerInEveryForm() throws {
        let list = try JSON(parsing: Program.run(["template", "list", "--json"]).output)
        #expect(list["kinds"]?.array?.count == Kind.allCases.count && list["kinds"]?.array?[0]["fixtures"]?.array?.first?.string == "usual")
        let coverage = try Program.run(["template", "coverage", "risk_hold", "-o", "csv", "--fields", "kind,locale,text,reviewed"])
        #expect(coverage.output.hasPrefix("kind,locale,text,reviewed\r\nrisk_hold,zh-Hans,own,true\r\n"))
        #expect(try Program.run(["template", "coverage"]).output.contains("every branch is taken"))
        let check = try JSON(parsing: Program.run(["template", "check", "bank_delay", "--json"]).output)
        #expect(check["read"]?["kinds"]?.integer == 1 && (check["read"]?["renders"]?.integer ?? 0) > 1000)
        let whole = try Program.run(["check"]).output.split(separator: "\n").last ?? ""
        for words in ["19 kinds", "13 languages", "4 channels", "fixtures", "10,036 texts", "renders"] { #expect(whole.contains(words)) }
    }

    @Test func aMistakeInAFixtureIsAFinding() throws {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "clarion-fixtures-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: Program.root.appending(path: "templates"), to: folder)
        try "usual: { title: t, values: { bnk: x } }\n".write(
            to: folder.appending(path: "bank_delay/fixtures.yaml"), atomically: true, encoding: .utf8)
        let environment = ["CLARION_TEMPLATES_DIRECTORY": folder.path]
        let words = "templates/bank_delay/fixtures.yaml:1:30: error: usual.values.bnk: unknown key (did you mean \"bank\"?)"
        for arguments in [["check"], ["template", "check"], ["template", "check", "bank_delay"]] {
            let ended = try Program.run(arguments, environment: environment)
            #expect(ended.status == 3 && ended.output.contains(words))
        }
        #expect(try Program.run(["template", "check", "risk_hold"], environment: environment).status == 0)
        // It is in nobody's way who does not ask for it.
        #expect(try Program.run(["preview", "bank_delay"], environment: environment).status == 0)
        let asked = try Program.run(["preview", "bank_delay", "--fixture", "usual"], environment: environment)
        #expect(asked.status == 78 && asked.errors.contains(words))
    }
}
