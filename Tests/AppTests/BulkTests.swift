import Core
import Foundation
import Sandbox
import TestKit
import Testing

@testable import App

/// What operators do when it goes wrong, by the program: many things at once only for somebody who says how many.
@Suite(.serialized) struct BulkTests {
    private func run(_ world: KillWorld, _ arguments: [String], input: String = "") throws -> Program.Ended {
        try Program.run(arguments + ["--config", world.settings], input: input)
    }
    private func json(_ ended: Program.Ended) throws -> JSON { try JSON(parsing: ended.output) }

    private func send(_ world: KillWorld, _ count: Int, seed: Int) throws {
        let events = try Program.run(["event", "sample", "--kind", "risk_hold", "--count", "\(count)", "--seed", "\(seed)"])
        #expect(try run(world, ["event", "send", "-"], input: events.output).status == 0)
    }

    @Test("a hold by command holds with and without a worker, and its end asks how many") func hold() async throws {
        let world = try await KillWorld()
        let made = try run(world, ["hold", "add", "--kind", "risk_hold", "--for", "2h", "--reason", "INC-88", "--json"])
        #expect(made.status == 0)
        let words = try json(made)["done"]?.array?.first?.string
        #expect(words == "h1 holds kind=risk_hold: 0 waiting now")
        try send(world, 2, seed: 7)
        #expect(try await world.drain().status == 0)
        let held = try #require(try json(try run(world, ["hold", "list", "--json"]))["holds"]?.array?.first)
        let counts = held["counts"]?.object?.compactMap { $0.1["held"]?.integer } ?? []
        let count = counts.reduce(0, +)
        #expect(count > 1)

        #expect(try run(world, ["hold", "end", "h1", "--dry-run"]).status == 0)
        let unasked = try run(world, ["hold", "end", "h1", "--reason", "over"])
        #expect(unasked.status == 64 && unasked.errors.contains("--yes \(count)"))
        #expect(try run(world, ["hold", "end", "h1", "--reason", "over", "--yes", "\(count + 1)"]).status == 2)
        #expect(try run(world, ["hold", "end", "h1", "--yes", "\(count)"]).status == 64, "for no reason")
        #expect(try run(world, ["hold", "end", "h9", "--reason", "over"]).status == 5)
        let shown = try json(try run(world, ["hold", "show", "h1", "--json"]))
        #expect(shown["in_force"]?.bool == true)

        // Through the worker, which sends what is released.
        let worker = try await world.worker(withHTTP: false)
        #expect(try run(world, ["hold", "add", "--everything", "--reason", "all", "--json"]).status == 0)
        #expect(try run(world, ["hold", "end", "h1", "--reason", "over", "--yes", "\(count)"]).status == 0)
        #expect(try run(world, ["hold", "end", "h2", "--reason", "over", "--yes", "\(count)"]).status == 0)
        _ = worker.stop()
        #expect(try await world.drain().status == 0)
        #expect(try world.ledger().count == count)
        let holds = try json(try run(world, ["hold", "list", "--all", "--json"]))["holds"]?.array ?? []
        #expect(holds.compactMap { $0["ended_by"]?.string }.count == 2)
    }

    @Test("dead letters go again, or are discarded and restored, by their number") func dead() async throws {
        let world = try await KillWorld()
        try await world.endpoints.set("provider=gateway&fail=status&status=400")
        try send(world, 6, seed: 9)
        #expect(try await world.drain().status == 0)
        try await world.endpoints.set("provider=gateway&fail=none")
        func letters(_ flags: String...) throws -> Int {
            Int(try json(try run(world, ["dead", "list", "--json"] + flags))["letters"]?.integer ?? -1)
        }
        let all = try letters()
        try #require(all > 3)

        let discard = ["dead", "discard", "--all", "--channel", "sms", "--reason", "test"]
        let preview = try run(world, discard + ["--dry-run"])
        #expect(preview.output.contains("\(all) dead letters are discarded (\(all) sms)"))
        #expect(try run(world, discard).status == 64)
        #expect(try run(world, discard + ["--yes", "2"]).status == 2)
        #expect(try letters() == all)
        #expect(try run(world, discard + ["--limit", "2", "--yes", "2"]).status == 0)
        #expect(try letters() == all - 2)
        #expect(try letters("--discarded") == 2)
        #expect(try run(world, ["dead", "restore", "--all", "--reason", "test", "--yes", "2"]).status == 0)
        #expect(try run(world, ["dead", "restore", "--all", "--reason", "test"]).status == 5)

        let group = try #require(try json(try run(world, ["dead", "list", "--json"]))["groups"]?.array?.first?["group"]?.string)
        #expect(try run(world, ["dead", "retry", group, "--reason", "mended"]).status == 64)
        let retried = try run(world, ["dead", "retry", group, "--reason", "mended", "--yes", "\(all)", "--json"])
        #expect(retried.status == 0)
        let done = try json(retried)["done"]?.array?.count
        #expect(done == all)
        // Named alone, one needs no number; and it was done.
        #expect(try run(world, ["dead", "retry", String(group.dropFirst()), "--reason", "again"]).status == 1)
        #expect(try await world.drain().status == 0)
        let taken = try world.ledger().count { $0.provider == .gateway }
        #expect(taken == all)
    }

    @Test("a provider is tried with and without a worker, and each answer has its status") func providerTest() async throws {
        let world = try await KillWorld()
        let test = ["provider", "test", "sms-keyed", "--to"]
        let alone = try run(world, test + ["-", "--json"], input: "+447700900123\n")
        #expect(alone.status == 0)
        let answer = try json(alone)
        #expect(answer["outcome"]?.string == "accepted" && answer["to"]?.string == "+44****23")
        #expect(answer["message_id"]?.string?.isEmpty == false && answer["mode"]?.string == "capture")
        #expect(try run(world, test + ["me@example.com"]).status == 64)
        #expect(try run(world, ["provider", "test", "sms-kyed", "--to", "+447700900123"]).errors.contains("did you mean \"sms-keyed\"?"))

        let worker = try await world.worker(withHTTP: false)
        defer { worker.kill() }
        #expect(try run(world, test + ["+447700900123"]).status == 0)
        #expect(try run(world, test + ["me@example.com"]).status == 64)
        #expect(try run(world, ["provider", "test", "sms-x", "--to", "+447700900123"]).status == 5)
        try await world.endpoints.set("provider=gateway&fail=status&status=401")
        let refused = try run(world, test + ["+447700900123", "--json"])
        #expect(refused.status == 3)
        let said = try json(refused)
        #expect(said["outcome"]?.string == "auth_config" && said["status"]?.integer == 401)
        let tail = try run(world, ["tail", "--end", "--act", "provider_test", "--json"])
        #expect(tail.output.split(separator: "\n").count == 6 && !tail.output.contains("7700900"))
    }

    @Test("what is in doubt is listed by the flag alone") func attempts() async throws {
        let world = try await KillWorld()
        #expect(try await world.drain().status == 0)
        let list = try run(world, ["attempts", "--ambiguous", "--json"])
        #expect(list.status == 0)
        #expect(try json(list)["attempts"]?.array?.isEmpty == true)
    }
}
