import App
import Config
import Core
import Foundation
import Store
import Terminal
import TestKit
import Testing

/// Sample events are true to the contract and lead to the kind they name.
struct SampleEventsTests {
    static let now = Timestamp(rfc3339: "2026-11-21T09:30:00.000Z")!
    static func configuration() throws -> Configuration {
        try Configuration.load(settingsFile: Program.root.appending(path: "config/clarion.yaml").path, channels: [])
    }

    @Test(arguments: Kind.allCases) func isReadAndClassified(_ kind: Kind) throws {
        let configuration = try Self.configuration()
        let prefix = configuration.settings.eventTypePrefix
        let reader = EventReader(typePrefix: prefix, rails: Set(configuration.catalogue.rails.keys))
        var samples = EventSamples(seed: 7, typePrefix: prefix, catalogue: configuration.catalogue)
        var (story, event) = samples.detected(kind, at: Self.now)
        guard case .anomaly(let anomaly) = try reader.read(event, now: Self.now).event.body else {
            Issue.record("no anomaly")
            return
        }
        let reason = try #require(anomaly.reason)
        #expect(configuration.catalogue.code(source: reason.source, code: reason.code)?.kind == kind)
        #expect(anomaly.kind == kind && anomaly.seq == 1 && anomaly.funds == configuration.catalogue[kind].funds)
        let end = samples.resolved(&story, at: Self.now + .minutes(5))
        guard case .anomaly(let last) = try reader.read(end, now: Self.now).event.body else {
            Issue.record("no anomaly")
            return
        }
        #expect(last.stage == .resolved && last.seq == 2 && last.id == anomaly.id && last.order == anomaly.order)
    }

    @Test func theSameSeedGivesTheSameBytes() throws {
        let catalogue = try Self.configuration().catalogue
        func bytes(_ seed: UInt64) -> [String] {
            var samples = EventSamples(seed: seed, typePrefix: "p.", catalogue: catalogue)
            return (0..<40).map { _ in samples.detected(at: Self.now).event.text }
        }
        #expect(bytes(3) == bytes(3))
        #expect(bytes(3) != bytes(4))
        #expect(Set(bytes(3)).count == 40)
    }
}

/// A store that the whole pipeline filled, once for all tests below.
enum FilledStore {
    static let directory: String = NSTemporaryDirectory() + "clarion-faces-\(ProcessInfo.processInfo.processIdentifier)"
    static let environment = ["CLARION_STORE_DIRECTORY": directory]

    /// A story of every kind, from beginning to end.
    static let ready: Task<Void, any Error> = Task {
        let configuration = try SampleEventsTests.configuration()
        var samples = EventSamples(seed: 1, typePrefix: configuration.settings.eventTypePrefix, catalogue: configuration.catalogue)
        var lines: [[UInt8]] = []
        for (n, kind) in Kind.allCases.enumerated() {
            let at = SampleEventsTests.now + .hours(n)
            var (story, event) = samples.detected(kind, at: at)
            lines.append(event.bytes)
            lines.append(samples.resolved(&story, at: at + .minutes(50)).bytes)
        }
        _ = try await Replay.run(
            lines,
            Replay.Options(settingsFile: Program.root.appending(path: "config/clarion.yaml").path, storeDirectory: directory))
    }

    static func run(_ arguments: String..., input: String = "") async throws -> Program.Ended {
        try await ready.value
        return try Program.run(arguments, environment: environment, input: input)
    }
}

/// The program itself on real data: statuses, streams and forms.
struct ProgramTests {
    @Test(
        arguments: [
            ["audit", "verify"], ["audit", "stats"], ["audit", "search"], ["tail", "--end"], ["dead", "list"], ["review", "list"],
            ["reasons", "list"],
            ["states", "list"], ["version"], ["check"], ["config", "show", "--origin"], ["preview"],
            ["preview", "risk_hold", "--all-locales"],
            ["event", "sample", "--count", "19"], ["completion", "zsh"],
        ])
    func answersAreOnStdoutAlone(_ arguments: [String]) async throws {
        try await FilledStore.ready.value
        let ended = try Program.run(arguments, environment: FilledStore.environment)
        #expect(ended.status == 0 && ended.errors == "" && !ended.output.isEmpty)
        #expect(!ended.output.contains("\u{1B}"))
        guard !["completion", "event", "tail"].contains(arguments[0]) else { return }
        let json = try JSON(parsing: try Program.run(arguments + ["--json"], environment: FilledStore.environment).output)
        #expect(json["schema"]?.string?.hasPrefix("clarion.") == true)
    }

    @Test func inAnASCIILocaleOurSignsAreASCII() async throws {
        try await FilledStore.ready.value
        let ended = try Program.run(["audit", "verify"], environment: FilledStore.environment.merging(["LANG": "C"]) { _, new in new })
        #expect(ended.output.hasPrefix("ok "))
    }

    @Test(
        arguments: [
            (["audit", "order", "WD404"], 5), (["explain", "WD404"], 5), (["preview", "--delivery", "dlv_404"], 5),
            (["preview", "bank_dely"], 64),
            (["preview", "risk_hold", "--variant", "nope"], 5), (["chekc"], 64), (["audit", "search", "stat:sent"], 64),
            (["dead", "show", "d404"], 5),
            (["config", "show", "--config", "/nowhere.yaml"], 78), (["check", "--config", "/nowhere.yaml"], 3), (["check", "--strict"], 3),
        ] as [([String], Int32)])
    func faultsHaveTheirStatus(_ arguments: [String], _ status: Int32) async throws {
        try await FilledStore.ready.value
        let ended = try Program.run(arguments, environment: FilledStore.environment)
        #expect(ended.status == status)
        #expect(status == 3 || (ended.output == "" && !ended.errors.isEmpty))
    }

    @Test func aReaderMakesNoStoreAndNoKey() throws {
        let directory = NSTemporaryDirectory() + "clarion-nothing-\(UUID().uuidString)"
        let ended = try Program.run(["audit", "verify", "--json"], environment: ["CLARION_STORE_DIRECTORY": directory])
        #expect(ended.status == 69)
        #expect(try JSON(parsing: ended.errors)["exit"]?.integer == 69)
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    /// What `preview --delivery` opens is what `audit delivery --content` shows, for every channel.
    @Test(arguments: ["sms", "push", "mail", "in_app"]) func whatWasSentCanBeSeen(_ channel: String) async throws {
        let found = try await FilledStore.run("audit", "search", "channel:\(channel)", "--limit", "200", "-o", "ndjson")
        let rows = try found.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
        let id = try #require(rows.first { $0["state"]?.string?.hasSuffix("accepted") == true }?["delivery"]?.string)
        let shown = try JSON(parsing: try await FilledStore.run("preview", "--delivery", id, "--json").output)
        let audited = try JSON(parsing: try await FilledStore.run("audit", "delivery", id, "--content", "--json").output)
        let text = try #require(shown["texts"]?.array?.first)
        #expect(text["channel"]?.string == channel)
        for name in ["text", "title", "body", "subject", "html"] where audited["content"]?[name] != nil {
            #expect(text[name] == audited["content"]?[name])
        }
    }

    @Test func samplesAreValid() async throws {
        let samples = try await FilledStore.run("event", "sample", "--count", "40")
        let ended = try await FilledStore.run("event", "validate", "-", input: samples.output + "{\"specversion\":\"1.0\"}\n")
        #expect(ended.status == 3)
        #expect(ended.output.contains("stdin:41: error: id: missing"))
        #expect(ended.output.contains("41 events, 40 good, 1 bad"))
        #expect(!ended.output.contains("warning"))
    }

    @Test func doctorFindsThatNobodyWorks() async throws {
        let ended = try await FilledStore.run("doctor", "--json")
        let checks = try JSON(parsing: ended.output)["checks"]?.array ?? []
        func state(_ part: String) -> String? { checks.first { $0["part"]?.string == part }?["state"]?.string }
        #expect(ended.status == 0 && state("store") == "good" && state("worker") == "warning" && state("templates") == "good")
    }
}

/// `preview` with files.
struct PreviewFileTests {
    private func directory() throws -> URL {
        let url = URL(filePath: NSTemporaryDirectory()).appending(path: "clarion-preview-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    @Test func goldenFilesAreRecordedAndCompared() throws {
        let folder = try directory()
        defer { try? FileManager.default.removeItem(at: folder) }
        let arguments = ["preview", "bank_delay", "--all-locales", "--golden", folder.path]
        #expect(try Program.run(arguments).status == 3)
        #expect(try Program.run(arguments + ["--record"]).status == 3)
        #expect(try Program.run(arguments).status == 0)
        let file = folder.appending(path: "bank_delay.en.txt")
        try String(contentsOf: file, encoding: .utf8).replacingOccurrences(of: "Commerzbank", with: "Otherbank").write(
            to: file, atomically: true, encoding: .utf8)
        let ended = try Program.run(arguments)
        #expect(ended.status == 3 && ended.output.contains("bank_delay.en.txt:2: was "))
    }

    @Test func everyMistakeOfTheValuesIsNamed() throws {
        let values = #"{"ordr":"WD1","eta":"soon","amount":{"value":"1.5","currency":"USD"},"field":"holdername","funds":"gone"}"#
        let ended = try Program.run(["preview", "account_info_error", "--data", "-"], input: values)
        #expect(ended.status == 64)
        for words in [
            "did you mean \"order\"?", "eta: expected", "amount.value: expected digits with 2 decimals", "did you mean \"holder_name\"?",
            "funds: unknown word \"gone\"",
        ] {
            #expect(ended.errors.contains(words))
        }
    }

    @Test func aValueThatIsMissingIsAFinding() throws {
        let ended = try Program.run(["preview", "bank_delay", "--data", "-", "--channel", "sms"], input: #"{"eta":null}"#)
        #expect(ended.status == 3 && ended.output.contains("field_missing {eta}"))
    }

    @Test func theMailIsWhatTheProviderWouldSend() throws {
        let folder = try directory()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (eml, html) = (folder.appending(path: "m.eml"), folder.appending(path: "m.html"))
        let arguments = ["preview", "risk_hold", "--channel", "mail", "--locale", "en", "--eml", eml.path, "--html", html.path]
        #expect(try Program.run(arguments).status == 0)
        let mail = try String(contentsOf: eml, encoding: .utf8)
        #expect(mail.contains("From: \"Example Pay\" <no-reply@pay.example>\r\n") && mail.contains("Content-Language: en\r\n"))
        #expect(try String(contentsOf: html, encoding: .utf8).contains("lang=\"en\""))
        #expect(try Program.run(["preview", "risk_hold", "--all-locales", "--eml", eml.path]).status == 64)
    }
}
