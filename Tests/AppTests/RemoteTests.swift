import Core
import Foundation
import Terminal
import TestKit
import Testing

@testable import App

/// A worker behind keys, asked by the program over TCP as from another machine.
final class RemoteWorld: Sendable {
    let directory: String
    let worker: ChildProcess
    let server: String

    init() async throws {
        directory = NSTemporaryDirectory() + "clarion-remote-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let settings = [
            "CLARION_CONFIG": Program.root.appending(path: "config/clarion.yaml").path, "CLARION_STORE_DIRECTORY": directory + "/data",
            "CLARION_SANDBOX_DIRECTORY": directory + "/sandbox", "CLARION_SANDBOX_HTTPS_PORT": "0", "CLARION_SANDBOX_PAGE_PORT": "0",
            "CLARION_SANDBOX_SMTP_PORT": "0", "CLARION_LISTEN": "127.0.0.1:0", "CLARION_BEHIND_PROXY": "true",
        ]
        worker = try await ChildProcess(
            "/usr/bin/env", settings.map { "\($0)=\($1)" } + [Program.path.path, "run"], ready: "Ready.")
        let line = await worker.line(with: "HTTP ") ?? ""
        server = line.split(separator: " ").last.map(String.init) ?? ""
    }
    deinit {
        worker.kill()
        do { try FileManager.default.removeItem(atPath: directory) } catch { print("left behind: \(directory)") }
    }

    func key(_ role: String) -> String { "\(directory)/data/api-\(role).key" }

    /// As a person on another machine: no store, no settings of the worker.
    func ask(_ arguments: [String], role: String? = "operator", input: String = "", environment: [String: String] = [:]) throws
        -> Program.Ended
    {
        let flags = ["--server", server] + (role.map { ["--key-file", key($0)] } ?? [])
        return try Program.run(
            arguments + flags, environment: ["CLARION_STORE_DIRECTORY": directory + "/elsewhere"].merging(environment) { _, new in new },
            input: input)
    }
}

@Suite(.serialized) struct RemoteTests {
    @Test func aDayOfWorkOverTheNetwork() async throws {
        let world = try await RemoteWorld()
        let sample = try Program.run(["event", "sample", "--kind", "risk_hold"]).output
        let id = try #require(try JSON(parsing: sample)["id"]?.string)
        let customer = try #require(try JSON(parsing: sample)["data"]?["customer"]?["id"]?.string)

        let sent = try world.ask(["event", "send", "-", "--wait", "--json"], input: sample)
        #expect(sent.status == 0 && sent.errors == "")
        let answer = try JSON(parsing: sent.output)
        #expect(answer["through"]?.string == world.server)
        #expect(answer["accepted"]?.integer == 1 && answer["decided"]?["planned"]?.integer == 1)
        #expect(
            try JSON(parsing: try world.ask(["event", "show", id, "--json"], role: "viewer").output)["disposition"]?.string == "planned")

        #expect(try world.ask(["customer", "show", customer]).status == 5)
        let address = world.directory + "/address"
        try Data("+447700900123\n".utf8).write(to: URL(filePath: address))
        let first = try world.ask(["customer", "set", customer, "--address", "sms=\(address)", "--opt-out", "push", "--reason", "asked"])
        #expect(first.status == 0 && first.output.contains("customer \(customer) is set") && !first.output.contains("900123"))
        // What the second call does not name stays, also the address it cannot see.
        #expect(try world.ask(["customer", "set", customer, "--locale", "en", "--reason", "asked"]).status == 0)
        let shown = try JSON(parsing: try world.ask(["customer", "show", customer, "--json"], role: "viewer").output)
        #expect(shown["contacts"]?["sms"]?["address"]?.string == "+44****23")
        #expect(shown["off"]?.array?.compactMap(\.string) == ["push"] && shown["locale"]?.string == "en")

        #expect(try world.ask(["review", "close", "404", "--reason", "x"]).status == 5)
    }

    @Test func whatAServerRefusesHasItsStatus() async throws {
        let world = try await RemoteWorld()
        let set = ["customer", "set", "CU1", "--locale", "en", "--reason", "x"]
        let cases: [([String], String?, Int32)] = [
            (set, nil, 4), (set, "viewer", 4), (["customer", "show", "CU404"], "viewer", 5), (["event", "show", "ev-404"], "viewer", 5),
            (["dead", "retry", "404", "--reason", "x"], "operator", 1), (["dead", "retry", "d1", "--reason", "x"], "operator", 69),
            (["review", "close", "404", "--reason", "x"], "operator", 5),
            (["customer", "set", "CU1", "--time-zone", "Mars/Base", "--reason", "x"], "operator", 64),
            // The HTTP interface does not show these, and nothing is read from here instead.
            (["audit", "order", "WD1"], "viewer", 69), (["audit", "stats"], "viewer", 69), (["explain", "WD1"], "viewer", 69),
            (["tail", "--end"], "viewer", 69), (["dead", "list"], "viewer", 69), (["review", "list"], "viewer", 69),
            (["inbox", "show", "CU1"], "viewer", 69), (["customer", "show", "CU1", "--reveal", "--reason", "x"], "viewer", 69),
            (["check"], nil, 64), (["config", "show"], nil, 64), (["preview", "risk_hold"], nil, 64), (["demo"], nil, 64),
            (["doctor"], nil, 64), (["reasons", "list"], nil, 0), (["version"], nil, 0),
        ]
        for (arguments, role, status) in cases {
            let ended = try world.ask(arguments, role: role)
            #expect(ended.status == status, "\(arguments): \(ended.errors)")
            #expect(status == 0 || status == 1 || ended.output == "")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: world.key("operator"))
        let open = try world.ask(set)
        #expect(open.status == 78 && open.errors.contains("chmod 600"))
    }

    @Test func nobodyThereIsUnavailable() throws {
        let ended = try Program.run(["event", "show", "ev-1", "--server", "http://127.0.0.1:1", "--json"])
        #expect(ended.status == 69 && ended.output == "")
        #expect(try JSON(parsing: ended.errors)["exit"]?.integer == 69)
        // Plain text to another machine is refused before anything is sent.
        #expect(try Program.run(["event", "show", "ev-1", "--server", "http://192.0.2.1"]).status == 69)
    }

    @Test func aProfileHoldsWhatIsSaidEveryTime() async throws {
        let world = try await RemoteWorld()
        let folder = world.directory + "/xdg/clarion"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: world.key("viewer"), toPath: folder + "/prod.key")
        try Data("server: \(world.server)\nkey_file: prod.key\noutput: json\n".utf8).write(to: URL(filePath: folder + "/prod.yaml"))
        try Data("sever: x\noutput: jsn\n".utf8).write(to: URL(filePath: folder + "/bad.yaml"))
        let environment = ["XDG_CONFIG_HOME": world.directory + "/xdg"]
        func run(_ arguments: String..., environment more: [String: String] = [:]) throws -> Program.Ended {
            try Program.run(arguments, environment: environment.merging(more) { _, new in new })
        }
        let named = try run("event", "show", "ev-404", "--profile", "prod")
        #expect(named.status == 5 && named.errors.contains("no event ev-404"))
        #expect(try run("event", "show", "ev-404", environment: ["CLARION_PROFILE": "prod"]).status == 5)
        #expect(try JSON(parsing: try run("version", "--profile", "prod").output)["schema"]?.string == "clarion.version/1")
        #expect(try run("version", "--profile", "prod", "-o", "human").output.hasPrefix("clarion "))
        let bad = try run("version", "--profile", "bad")
        #expect(bad.status == 78 && bad.errors.contains("bad.yaml:1:1: error: sever: unknown key"))
        #expect(try run("version", "--profile", "none").status == 78)
        #expect(try run("version", "--profile", "../prod").status == 64)
    }
}

/// Addresses of servers, and what no server is asked.
struct ServerPlaceTests {
    @Test(arguments: ["https://clarion.example.com", "https://clarion.example.com/", "http://127.0.0.1:8080", "https://[::1]:8443"])
    func isTaken(_ text: String) throws {
        let place = try ServerPlace(text)
        #expect(place.base + "/" == (text.hasSuffix("/") ? text : text + "/"))
    }

    @Test(arguments: [
        "clarion.example.com", "ftp://x", "https://", "https://lee:secret@x", "https://x/path", "https://x?q=1", "https://x y",
    ])
    func isRefusedAndNotRepeated(_ text: String) {
        do {
            _ = try ServerPlace(text)
            Issue.record("taken")
        } catch {
            #expect(error.status == .usage && !error.description.contains("secret"))
        }
    }
}
