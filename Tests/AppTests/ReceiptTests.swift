import Core
import Foundation
import Sandbox
import TestKit
import Testing
import Transport

@testable import App

/// A worker in a process of its own with the sandbox in it, one SMS account and mail.
private final class ReceiptWorld: Sendable {
    let directory: String
    let settings: String
    private static let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    init(_ account: String) throws {
        directory = NSTemporaryDirectory() + "clarion-receipts-\(UUID().uuidString)"
        settings = directory + "/clarion.yaml"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let config = Self.repository + "/config"
        let text = """
            mode: capture
            store: { directory: data }
            templates: { directory: \(Self.repository)/templates }
            policy: \(config)/policy.yaml
            catalogue:
              kinds: \(config)/kinds.yaml
              codes: [\(config)/reason-codes.csv, \(config)/internal-codes.csv]
              baselines: \(config)/bank-baselines.csv
              rails: \(config)/rails.yaml
              holidays: \(config)/holidays.yaml
            sandbox: { directory: sandbox, https_port: 0, page_port: 0, smtp_port: 0 }
            brand:
              name: { zh-Hans: 示例支付, zh-Hant: 示例支付, en: Example Pay }
              support: "+86 400 000 0000"
              link_base: https://pay.example/w/
            accounts:
            \(account)
              - { name: mail-a, provider: smtp, url: "smtp://mail.pay.example:587", from: "Example Pay <no-reply@pay.example>" }

            """
        try Data(text.utf8).write(to: URL(filePath: settings))
    }
    deinit {
        do { try FileManager.default.removeItem(atPath: directory) } catch { print("left behind: \(directory)") }
    }

    func worker() async throws -> ChildProcess {
        try await ChildProcess(Program.path.path, ["run", "--listen", "127.0.0.1:0", "--config", settings], ready: "Ready.")
    }
    func tail() async throws -> ChildProcess {
        try await ChildProcess(Program.path.path, ["tail", "--config", settings, "--act", "receipt,intent"], ready: "live")
    }

    /// A matter of high priority: SMS at once, mail when that brings nothing. Returns its order.
    func send() throws -> String {
        let sample = try Program.run(["event", "sample", "--kind", "risk_hold"]).output
        let sent = try Program.run(["event", "send", "-", "--config", settings], input: sample)
        #expect(sent.status == 0, "\(sent.errors)")
        return try JSON(parsing: sample)["data"]?["payout_id"]?.string ?? ""
    }
    func ask(_ arguments: String...) throws -> JSON {
        try JSON(parsing: try Program.run(arguments + ["--json", "--config", settings]).output)
    }
    /// Code of the state by channel, over all deliveries of an order.
    func states(_ order: String) throws -> [String: String] {
        let deliveries = try ask("audit", "order", order)["notices"]?.array?.flatMap { $0["deliveries"]?.array ?? [] } ?? []
        return Dictionary(deliveries.map { ($0["channel"]?.string ?? "", $0["state"]?.string ?? "") }) { first, _ in first }
    }

    func undeliver() async throws {
        let text = try Host.text(at: directory + "/sandbox/endpoints.json")
        let endpoints = try #require(Endpoints(try JSON(parsing: text)))
        try await endpoints.set("provider=all&fail=undelivered")
    }

    func mails() throws -> Int {
        try Host.text(at: directory + "/sandbox/ledger.jsonl").split(separator: "\n").count { $0.contains(#""provider":"smtp""#) }
    }
}

/// The whole loop over real HTTP: the call carries the address, the provider calls it, and what it said is in every view.
@Suite("receipts end to end", .serialized, .timeLimit(.minutes(3)))
struct ReceiptTests {
    private static let accounts = [
        #"  - { name: sms-a, provider: twilio, account_sid: AC00000000000000000000000000000000, auth_token_file: t, from: "+15005550006" }"#,
        #"  - { name: sms-a, provider: kannel, url: "https://sms.pay.example/cgi-bin/sendsms", user: u, password_file: p, receipt_secret_file: r }"#,
        """
          - name: sms-a
            provider: http
            url: https://sms.pay.example/sms
            auth_file: a
            fields: { to: "{to}", text: "{text}", ref: "{reference}", dlr_url: "{receipt_url}" }
            id_path: id
            receipt_secret_file: r
            receipt_status_path: status
            receipt_statuses: { delivered: delivered, undelivered: undelivered }
        """,
    ]

    @Test("delivered, as every kind of provider says it", arguments: accounts) func delivered(account: String) async throws {
        let world = try ReceiptWorld(account)
        let worker = try await world.worker(), tail = try await world.tail()
        let order = try world.send()
        let line = try #require(await tail.line(with: "receipt", "delivered", "sms-a"))
        #expect(line.contains(order), "\(line)")
        #expect(try world.states(order)["sms"] == "device_confirmed")
        let checks = try world.ask("doctor")["checks"]?.array ?? []
        let receipts = checks.first { $0["part"]?.string == "receipts" }
        #expect(receipts?["state"]?.string == "good" && receipts?["words"]?.string?.contains("receipt") == true)
        tail.kill()
        #expect(worker.stop() == 0)
    }

    @Test("undelivered: the mail leaves at once, and once, also across a kill", arguments: accounts) func undelivered(account: String)
        async throws
    {
        let world = try ReceiptWorld(account)
        let worker = try await world.worker(), tail = try await world.tail()
        try await world.undeliver()
        let order = try world.send()
        #expect(await tail.line(with: "intent", "mail-a") != nil)
        let line = try #require(tail.lines.first { $0.contains("receipt") && $0.contains("undelivered") })
        #expect(line.contains(order))
        worker.kill()
        let next = try await world.worker()
        #expect(try world.states(order)["sms"] == "refused")
        #expect(try world.mails() <= 1)
        tail.kill()
        #expect(next.stop() == 0)
        // Killed before it had begun to leave, it goes again.
        #expect([1, 2].contains(tail.lines.count { $0.contains("intent") && $0.contains("mail-a") }), "\(tail.text)")
        #expect(try world.mails() <= 1)
    }
}
