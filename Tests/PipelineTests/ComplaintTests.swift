import App
import Core
import Pipeline
import Sandbox
import Store
import Testing

@Suite("complaints: recorded by people, asked about in time, once") struct ComplaintTests {
    private let order = OrderNumber("WD1")!

    private func tasks(_ world: World) async throws -> [ReviewItem] {
        try await world.reviews(.escalation).filter { $0.detail.hasPrefix("complaint ") }.sorted { $0.id < $1.id }
    }
    private func complaint(_ world: World) async throws -> ReviewItem {
        let found = try await world.reviews(.complaint)
        guard found.count == 1, let one = found.first else { throw Unexpected(words: "\(found.count) complaints") }
        return one
    }
    private func mails(_ world: World) -> [Row] {
        world.taken(by: .smtp).filter { $0.title?.contains("A complaint has to be answered") == true }
    }
    /// About a payout of which staff have nothing else to do.
    private func complained(_ world: World) async throws {
        try await world.take(Sample(kind: "insufficient_balance", code: nil).detected())
        let answer = try await world.engine.desk.complain(about: order, who: "lee", reason: "three days late, card 4111111111111111")
        let id = try await complaint(world).id
        #expect(answer == .done("complaint \(id) about WD1 goes to the complaint officer"))
        try await world.engine.settle()
    }

    @Test("the officer is asked at once, and again before the answer is due; each once, also across restarts") func inTime() async throws {
        try await withWorld { world in
            try await complained(world)
            // Fifteen working days after Wednesday noon.
            #expect(
                try await tasks(world).map { $0.detail.split(separator: ", ").last.map(String.init) } == [
                    "complaint_officer: answer it by 2025-12-03"
                ])
            #expect(try await tasks(world).allSatisfy { $0.order == order && $0.openedAt == World.noon && $0.kind == nil })
            let (next, _) = try await world.restarted()
            try await next.pass(until: World.noon + .days(16) - .seconds(1))
            #expect(try await tasks(next).count == 1)
            try await next.pass(.seconds(1))
            #expect(try await tasks(next).count == 2)
            #expect(try await tasks(next).last?.detail.hasSuffix("it is not answered, and has to be by 2025-12-03") == true)
            let (last, _) = try await next.restarted()
            try await last.pass(.days(60))
            #expect(try await tasks(last).count == 2 && mails(last).count == 2)
            try await last.runtime.close()
        }
    }

    @Test("one that was answered is not brought up again, and closes what was asked", arguments: [true, false])
    func answered(_ byItsCommand: Bool) async throws {
        try await withWorld { world in
            try await complained(world)
            try await world.pass(.days(1))
            let (desk, id) = (world.engine.desk, try await complaint(world).id)
            let answer =
                byItsCommand
                ? try await desk.end(complaint: id, who: "kim", reason: "fee refunded")
                : try await desk.close(review: id, note: "fee refunded", who: "kim")
            #expect(answer == .done(byItsCommand ? "complaint \(id) is over" : "review \(id) is closed"))
            #expect(try await tasks(world).map(\.closedAt) == [world.clock.now()])
            #expect(try await complaint(world).closedAt == world.clock.now())
            #expect(try await complaint(world).note?.hasSuffix("; answered: fee refunded") == true)
            #expect(try await desk.end(complaint: id, who: "kim", reason: "again") == .refused("it was ended before"))
            try await world.pass(.days(60))
            #expect(try await tasks(world).count == 1 && mails(world).count == 1)
        }
    }

    @Test("an order that nothing is known of, and an item that is no complaint, are not found") func unknown() async throws {
        try await withWorld { world in
            try await world.take(Sample().detected())
            let desk = world.engine.desk
            #expect(try await desk.complain(about: OrderNumber("WD9")!, who: "lee", reason: "late") == .notFound)
            let other = try #require(try await world.reviews(.kind).first)
            #expect(try await desk.end(complaint: other.id, who: "lee", reason: "x") == .notFound)
            #expect(try await desk.end(complaint: 999, who: "lee", reason: "x") == .notFound)
            let complaints = try await world.reviews(.complaint)
            #expect(complaints.isEmpty)
        }
    }

    @Test("what was said is sealed, without a card number; the log names who, and no customer is told") func quiet() async throws {
        try await withWorld { world in
            try await world.take(Sample(kind: "insufficient_balance", code: nil).detected())
            let before = try await world.deliveries("WD1").count
            try await complained(world)
            #expect(try await complaint(world).note?.contains("4111111111111111") == false)
            #expect(try await complaint(world).note?.hasPrefix("three days late") == true)
            let rows = try await world.read { try $0.log(ofOrder: OrderNumber("WD1")!) }.map(\.entry)
            let command = rows.first { $0.act == .operator }?.body
            #expect(command?["who"]?.string == "lee" && command?["command"]?.string?.hasPrefix("complaint add ") == true)
            #expect(!rows.contains { "\($0.body)".contains("three days late") })
            #expect(try await world.deliveries("WD1").count == before)
        }
    }
}
