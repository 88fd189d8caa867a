import Core
import FoundationEssentials
import Glibc
import Sandbox
import Store
import TestKit
import Transport

@testable import App

/// A directory with settings, a sandbox in a process of its own, and workers that come and go.
///
/// | channel | account | guarantee |
/// |---|---|---|
/// | sms | HTTP gateway with an idempotency key | keyed |
/// | push | APNs | collapsing |
/// | mail | SMTP | blind |
final class KillWorld: Sendable {
    let directory: String
    let settings: String
    private let sandbox: ChildProcess
    let endpoints: Endpoints
    private static let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    init() async throws {
        var template = Array("/tmp/clarion-kill-XXXXXX".utf8CString)
        let directory = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)!) }
        self.directory = directory
        settings = directory + "/clarion.yaml"
        try Self.write(Self.text, to: settings)
        try Self.write(try Self.policy(), to: directory + "/policy.yaml")
        sandbox = try await ChildProcess(Self.program(), ["sandbox", "--config", settings], ready: "Ctrl-C")
        guard let endpoints = Endpoints(try JSON(parsing: try Host.text(at: directory + "/sandbox/endpoints.json"))) else {
            throw ChildProblem("the sandbox says no endpoints")
        }
        self.endpoints = endpoints
    }
    deinit {
        sandbox.kill()
        do { try FileManager.default.removeItem(atPath: directory) } catch { print("left behind: \(directory)") }
    }

    /// Beside the test program.
    static func program() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        guard let slash = own.lastIndex(of: "/") else { throw ChildProblem("no path to this program") }
        return own[..<slash] + "/clarion"
    }

    func worker(withHTTP: Bool) async throws -> ChildProcess {
        let arguments = withHTTP ? ["run", "--listen", "127.0.0.1:0"] : ["worker"]
        return try await ChildProcess(Self.program(), arguments + ["--config", settings], ready: "Ready.")
    }
    var socket: String { directory + "/data/clarion.sock" }

    /// Works until nothing waits.
    func drain() async throws -> (status: Int32, text: String) {
        try await ChildProcess.run(Self.program(), ["worker", "--until-quiet", "--config", settings])
    }

    /// Every provider waits before it answers, so that a kill finds requests on the wire.
    func slowDown(milliseconds: Int) async throws { try await endpoints.set("provider=all&fail=none&stall=\(milliseconds)") }

    /// With no worker running.
    func openStore() throws -> SQLiteStore {
        try SQLiteStore(directory: directory + "/data", keys: try keys(), random: SystemRandom())
    }
    func keys() throws -> StoreKeys {
        func key(_ name: String) throws -> Sensitive<[UInt8]> {
            let text = try Host.text(at: "\(directory)/data/\(name).key").split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
            guard let bytes = Base64.decode(text) else { throw ChildProblem("\(name).key is no key") }
            return Sensitive(bytes)
        }
        return StoreKeys(master: try key("master"), lookup: try key("lookup"))
    }

    /// What the providers accepted, from their own file.
    func ledger() throws -> [Row] {
        try Host.text(at: directory + "/sandbox/ledger.jsonl").split(separator: "\n").map { line in
            guard let row = Row(try JSON(parsing: String(line))) else { throw ChildProblem("the ledger holds a line that is no row") }
            return row
        }
    }

    private static func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    /// The shipped policy with mail at once, and no fallback.
    private static func policy() throws -> String {
        let shipped = try Host.text(at: repository + "/config/policy.yaml")
        guard let start = shipped.firstRange(of: "    now: [sms, push, in_app]\n"),
            let end = shipped.firstRange(of: "    locked: [in_app, sms]\n")
        else {
            throw ChildProblem("the shipped policy reads differently")
        }
        return shipped[..<start.lowerBound] + "    now: [sms, push, mail, in_app]\n" + shipped[end.lowerBound...]
    }

    private static let text = """
        mode: capture
        listen: 127.0.0.1:8080
        store:
          directory: data
        templates:
          directory: \(repository)/templates
        policy: policy.yaml
        catalogue:
          kinds: \(repository)/config/kinds.yaml
          codes: [\(repository)/config/reason-codes.csv, \(repository)/config/internal-codes.csv]
          baselines: \(repository)/config/bank-baselines.csv
          rails: \(repository)/config/rails.yaml
        sandbox: { directory: sandbox, https_port: 0, page_port: 0, smtp_port: 0 }
        brand:
          name: { zh-Hans: 示例支付, zh-Hant: 示例支付, en: Example Pay }
          support: "+86 400 000 0000"
          link_base: https://pay.example/w/
        accounts:
          - name: sms-keyed
            provider: http
            url: https://sms.pay.example/sms
            auth_file: secrets/sms
            fields: { to: "{to}", text: "{text}", ref: "{reference}" }
            id_path: id
            idempotency_header: Idempotency-Key
          - name: push-collapsing
            provider: apns
            key_file: secrets/apns.p8
            key_id: ABCDE12345
            team_id: FGHIJ67890
            topic: example.pay.app
            environment: production
          - name: mail-blind
            provider: smtp
            url: smtp://mail.pay.example:587
            from: Example Pay <no-reply@pay.example>

        """
}

extension Endpoints {
    /// What the page of a running sandbox does with its switches.
    func set(_ switches: String) async throws {
        let transport = Transport(capacity: 4)
        transport.register(TransportAccount(name: "page", allowPlain: true, addresses: .loopbackOnly))
        let form = HTTPCall(
            url: http + "/_switch", headers: [("content-type", HeaderValue("application/x-www-form-urlencoded")!)],
            body: Array(switches.utf8))
        let result = await transport.perform(.http(form), on: "page")
        await transport.shutdown()
        guard case .reply(let reply) = result, reply.status == 200 else {
            throw ChildProblem("the sandbox refuses its switches: \(result)")
        }
    }
}
