import App
import CSQLite
import Core
import Sandbox
import Store
import Testing

@testable import Pipeline

/// A few events while nothing waits: accepted, decided and started in one transaction, without the stages.
@Suite("straight through") struct ThroughTests {
    private func sample(_ n: Int) -> Sample { Sample.limit.with { ($0.order, $0.anomaly, $0.customer) = ("WD\(n)", "an-\(n)", "CU\(n)") } }

    private func accept(_ events: [JSON], _ world: World) async throws -> [Intake.Answer] {
        try await world.engine.intake.accept(events.map { .init($0.bytes) }, from: .http)
    }

    private func received(_ world: World) async throws -> Int { try await world.read { try $0.receivedHeads(limit: 99).count } }

    @Test("an event is told with its acceptance") func told() async throws {
        try await withWorld { world in
            world.engine.through.open(true)
            _ = try await accept([sample(1).detected()], world)
            #expect(try await received(world) == 0)
            try await world.engine.sender.drained()
            #expect(world.ledger.count(of: .apns) == 1)
            #expect(try await world.delivery("WD1", .push).state == .sent)
            let acts = try await world.read { try $0.log(ofOrder: OrderNumber("WD1")!).map(\.entry.act) }
            #expect(acts == [.eventAccepted, .decision, .intent, .outcome])
            // The second time it is known, and told to nobody.
            let again = try await accept([sample(1).detected()], world)
            guard case .duplicate = again[0] else {
                Issue.record("\(again)")
                return
            }
            _ = try await accept([sample(2).detected(), sample(3).detected()], world)
            try await world.engine.sender.drained()
            #expect(world.ledger.count(of: .apns) == 3)
        }
    }

    @Test("a timer that it arms is the stages' to fire") func timer() async throws {
        try await withWorld { world in
            world.engine.through.open(true)
            _ = try await accept([Sample.details.detected()], world)
            #expect(try await world.accounting().pending == 1)
            try await world.pass(.minutes(1))
            #expect(try await world.delivery("WD1", .sms).state == .sent)
        }
    }

    @Test("many at a time, and all while the stages do not run, are accepted only", arguments: [(9, true), (1, false)])
    func acceptedOnly(count: Int, isOpen: Bool) async throws {
        try await withWorld { world in
            world.engine.through.open(isOpen)
            _ = try await accept((1...count).map { sample($0).detected() }, world)
            #expect(try await received(world) == count)
            try await world.engine.settle()
            #expect(world.ledger.count(of: .apns) == count)
        }
    }

    @Test("who waits is planned first") func inOrder() async throws {
        try await withWorld { world in
            _ = try await accept([sample(1).detected()], world)
            world.engine.through.open(true)
            _ = try await accept([sample(2).detected()], world)
            #expect(try await received(world) == 2)
            try await world.engine.settle()
            let decisions = try await world.read { try $0.log(after: 0, limit: 99) }.filter { $0.entry.act == .decision }
            #expect(decisions.map { $0.entry.order?.description } == ["WD1", "WD2"])
        }
    }

    @Test("an event that cannot be planned is accepted, and set aside in its turn") func poison() async throws {
        try await withWorld { world in
            try await world.take(sample(1).detected())
            try await world.runtime.close()
            var db: OpaquePointer?
            #expect(sqlite3_open(world.storeDirectory + "/clarion.db", &db) == SQLITE_OK)
            #expect(sqlite3_exec(db, "UPDATE notice SET box = zeroblob(64)", nil, nil, nil) == SQLITE_OK && sqlite3_changes(db) == 1)
            sqlite3_close(db)
            let (next, _) = try await world.restarted()
            next.engine.through.open(true)
            let answers = try await accept([sample(1).with { $0.seq = 2 }.resolved("closed")], next)
            guard case .accepted = answers[0] else {
                Issue.record("\(answers)")
                return
            }
            #expect(try await received(next) == 1)
            try await next.engine.settle()
            #expect(try await next.letters().map(\.stage) == [.plan])
            #expect(try await next.accounting().accepted == 2)
            // It holds up nobody.
            _ = try await accept([sample(2).detected()], next)
            try await next.engine.sender.drained()
            #expect(try await next.delivery("WD2", .push).state == .sent)
            try await next.runtime.close()
        }
    }

    @Test("what the stages run with is what they end with") func whole() async throws {
        try await withWorld { world in
            let running = Task { try await world.engine.run() }
            for n in 1...20 { _ = try await accept([sample(n).detected()], world) }
            while try await world.accounting().planned < 20 { await Task.yield() }
            running.cancel()
            try await running.value
            #expect(world.ledger.count(of: .apns) == 20)
            #expect(try await world.read { try $0.openIntents() }.isEmpty)
            _ = try await accept([sample(21).detected()], world)
            #expect(try await received(world) == 1, "nothing is started after the end")
        }
    }
}
