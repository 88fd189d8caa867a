import Core
import Foundation
import Terminal
import TestKit
import Testing

/// `--reveal`: nothing without a reason, and nothing before the log says who looks, and why.
struct RevealTests {
    /// A store of its own: revealing writes.
    private func store() async throws -> [String: String] {
        try await FilledStore.ready.value
        let directory = NSTemporaryDirectory() + "clarion-reveal-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: FilledStore.directory, toPath: directory)
        return ["CLARION_STORE_DIRECTORY": directory, "USER": "lee"]
    }

    @Test func anAddressIsShownWithAReasonAndTheLogHasIt() async throws {
        let environment = try await store()
        defer { try? FileManager.default.removeItem(atPath: environment["CLARION_STORE_DIRECTORY"] ?? "") }
        func run(_ arguments: String...) throws -> Program.Ended { try Program.run(arguments, environment: environment) }
        let found = try run("audit", "search", "channel:sms", "kind:risk_hold", "-o", "ndjson")
        let row = try JSON(parsing: String(try #require(found.output.split(separator: "\n").first)))
        let (delivery, order) = (try #require(row["delivery"]?.string), try #require(row["order"]?.string))
        let customer = try #require(row["customer"]?.string)

        let masked = try JSON(parsing: try run("audit", "delivery", delivery, "--json").output)
        #expect(masked["masked"]?.bool == true && masked["delivery"]?["to"]?.string?.contains("****") == true)
        let shown = try JSON(parsing: try run("audit", "delivery", delivery, "--reveal", "--reason", "INC-88", "--json").output)
        let address = try #require(shown["delivery"]?["to"]?.string)
        #expect(shown["masked"]?.bool == false && PhoneNumber(address) != nil)
        for command in [["audit", "order", order], ["audit", "customer", customer], ["customer", "show", customer]] {
            #expect(!(try Program.run(command + ["--json"], environment: environment).output.contains(address)))
            let revealed = try Program.run(command + ["--reveal", "--reason", "INC-88", "--json"], environment: environment)
            #expect(revealed.status == 0 && revealed.output.contains("\"\(address)\""), "\(command)")
        }
        let log = try run("tail", "--end", "--act", "operator").output
        for words in ["reveal delivery \(delivery)", "reveal order \(order)", "reveal customer cus_"] {
            #expect(log.contains(words) && log.contains("lee") && log.contains("INC-88"))
        }
        #expect(!log.contains(customer), "a pseudonym stands for them")
        #expect(!log.contains(address))
        #expect(try run("audit", "verify").status == 0)
    }

    @Test(
        arguments: [
            ["audit", "order", "WD1", "--reveal"], ["customer", "show", "CU1", "--reveal", "--reason", ""],
            ["audit", "stats", "--reveal", "--reason", "x"], ["explain", "WD1", "--reveal", "--reason", "x"],
            ["audit", "order", "WD1", "--reason", "x"],
        ]) func withoutAReasonOrWhereItMeansNothingItIsRefused(_ arguments: [String]) throws
    {
        #expect(try Program.run(arguments, environment: FilledStore.environment).status == 64)
    }

    @Test func whatIsNotThereIsNotWrittenDown() async throws {
        let environment = try await store()
        defer { try? FileManager.default.removeItem(atPath: environment["CLARION_STORE_DIRECTORY"] ?? "") }
        #expect(try Program.run(["audit", "order", "WD404", "--reveal", "--reason", "x"], environment: environment).status == 5)
        #expect(!(try Program.run(["tail", "--end", "--act", "operator"], environment: environment).output.contains("WD404")))
    }
}
