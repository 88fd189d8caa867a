import App
import CSQLite
import Config
import Core
import Foundation
import Pipeline
import Sandbox
import Store
import Testing

/// A store that lost something: what is left goes on, and what is lost is named.
@Suite struct DamageTests {
    /// Between two runs, as a failing disk or a hand would.
    private func damage(_ world: World, _ sql: String) throws {
        var db: OpaquePointer?
        defer { sqlite3_close(db) }
        guard sqlite3_open(world.storeDirectory + "/clarion.db", &db) == SQLITE_OK, sqlite3_exec(db, sql, nil, nil, nil) == SQLITE_OK,
            sqlite3_changes(db) == 1
        else { throw Unexpected(words: String(cString: sqlite3_errmsg(db))) }
    }

    private func expectLetter(_ world: World, planned: Int, suppressed: Int = 1) async throws {
        let sums = try await world.accounting()
        #expect(sums.accepted == planned + suppressed && sums.planned == planned && sums.suppressed == [.renderError: suppressed])
        #expect(sums.pending == 0)
        let letters = try await world.letters()
        #expect(letters.count == 1 && letters[0].stage == .plan && letters[0].state == .open && letters[0].event != nil)
        #expect(letters[0].detail.contains("does not open"))
        #expect(try await world.read { try $0.verifyChain() } == nil)
    }

    @Test("an event that does not open is a dead letter, and those after it are planned") func event() async throws {
        try await withWorld { world in
            let samples = (1...3).map { Sample(order: "WD\($0)", anomaly: "an-\($0)", customer: "CU\($0)") }
            _ = try await world.engine.intake.accept(samples.map { .init($0.detected().bytes) }, from: .queue("test"))
            try await world.runtime.close()
            try damage(world, "UPDATE event SET body = zeroblob(64) WHERE event_id = 'ev-an-2-1'")
            let (next, _) = try await world.restarted()
            try await next.engine.settle()
            try await expectLetter(next, planned: 2)
            #expect(try await next.delivery("WD3", .sms).state == .sent)
            // Tried again by a person it is set aside again.
            let answer = try await next.engine.desk.retry(deadLetter: try await next.letters()[0].id, who: "test", reason: "again")
            #expect(answer == .done("dead letter 1 goes again"))
            try await next.engine.settle()
            #expect(try await next.letters().sorted { $0.id < $1.id }.map(\.state) == [.retried, .open])
            #expect(try await next.accounting().pending == 0)
            try await next.runtime.close()
        }
    }

    @Test("a hold-off whose event does not open any more ends as a dead letter, and stops no other timer") func timer() async throws {
        try await withWorld { world in
            for n in 1...2 {
                try await world.take(
                    Sample.details.with { ($0.order, $0.anomaly, $0.customer) = ("WD\(n)", "an-\(n)", "CU\(n)") }.detected())
            }
            #expect(try await world.accounting().pending == 2)
            try await world.runtime.close()
            try damage(world, "UPDATE event SET body = zeroblob(64) WHERE event_id = 'ev-an-1-1'")
            let (next, _) = try await world.restarted()
            try await next.pass(.minutes(2))
            try await expectLetter(next, planned: 1)
            #expect(try await next.delivery("WD2", .sms).state == .sent)
            try await next.runtime.close()
        }
    }

    @Test("a key that is gone is named, not made anew beside the store it cannot open", arguments: ["master", "lookup"])
    func key(name: String) async throws {
        try await withWorld { world in
            try await world.take(Sample().detected())
            try await world.runtime.close()
            let (file, kept) = ("\(world.storeDirectory)/\(name).key", "\(world.folder.path)/kept.key")
            try FileManager.default.moveItem(atPath: file, toPath: kept)
            do {
                _ = try Runtime.make(
                    world.configuration, clock: world.clock, authority: world.endpoints.caFile, templates: try shippedTexts.get())
                Issue.record("the store was opened without its key")
            } catch let problems as Problems {
                #expect("\(problems)".contains(file) && "\(problems)".contains("\(world.storeDirectory)/clarion.db"))
            }
            #expect(!FileManager.default.fileExists(atPath: file))
            try FileManager.default.moveItem(atPath: kept, toPath: file)
            let (next, _) = try await world.restarted()
            #expect(try await next.delivery("WD1", .sms).state == .sent)
            try await next.runtime.close()
        }
    }
}
