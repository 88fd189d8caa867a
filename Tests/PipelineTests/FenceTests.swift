import App
import Config
import Core
import Foundation
import Pipeline
import Sandbox
import Store
import Testing

/// A database that was brought back from a backup does not know what was sent since: it sends nothing until a person has looked.
@Suite struct FenceTests {
    private let hold = Sample()

    /// What SQLite's own backup of the running store would give, put back after the store has gone on.
    private func broughtBack(_ world: World, _ change: (World) async throws -> Void) async throws -> World {
        try await world.runtime.close()
        let (store, kept) = (world.storeDirectory, world.folder.path + "/kept.db")
        try FileManager.default.copyItem(atPath: store + "/clarion.db", toPath: kept)
        var next = world
        next.runtime = try Runtime.make(
            next.configuration, clock: next.clock, random: SystemRandom(), authority: next.endpoints.caFile,
            templates: try shippedTexts.get())
        _ = try await next.engine.recover()
        try await change(next)
        try await next.runtime.close()
        for ending in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: store + "/clarion.db" + ending) {
            try FileManager.default.removeItem(atPath: store + "/clarion.db" + ending)
        }
        try FileManager.default.moveItem(atPath: kept, toPath: store + "/clarion.db")
        return try await started(next)
    }

    private func started(_ world: World) async throws -> World {
        var next = world
        next.runtime = try Runtime.make(
            next.configuration, clock: next.clock, random: SystemRandom(), authority: next.endpoints.caFile,
            templates: try shippedTexts.get())
        _ = try await next.engine.recover()
        return next
    }

    private func why(_ world: World) async throws -> String? { try await world.read { try Desk.fence($0) }.why }

    @Test("a store that goes on, after a clean end or a kill, is not fenced") func goesOn() async throws {
        try await withWorld { world in
            try await world.take(hold.detected())
            let (next, _) = try await world.restarted()
            #expect(try await why(next) == nil)
            try await next.take(hold.with { $0.seq = 2 }.resolved("arrived"))
            let (third, _) = try await next.restarted()
            #expect(try await why(third) == nil)
            try await third.runtime.close()
        }
    }

    @Test("what was sent after the backup is not sent again: events are taken and decided, nothing leaves, discarded is discarded")
    func discarded() async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.status(503)), for: .twilio)
            try await world.take(hold.detected())
            #expect(try await world.delivery("WD1", .sms).state == .retryWait)
            let next = try await broughtBack(world) { later in
                later.sandbox.switches.reset()
                try await later.pass(.minutes(5))
                #expect(try await later.delivery("WD1", .sms).state == .sent && later.ledger.count(of: .twilio) == 1)
            }
            #expect(try await why(next)?.contains("brought back from a backup") == true)
            try await next.take(Sample(order: "WD2", anomaly: "an-2", at: next.clock.now(), customer: "CU2").detected())
            try await next.pass(.minutes(5))
            #expect(next.ledger.count(of: .twilio) == 1 && next.ledger.count(of: .apns) == 1, "nothing left")
            #expect(try await next.delivery("WD2", .inApp).state == .delivered)
            #expect(try await next.delivery("WD2", .sms).state == .ready)
            let state = try await next.read { try Desk.fence($0) }
            #expect(state.waiting[.sms] == 2 && state.waiting[.push] == 1)

            guard case .done = try await next.engine.desk.releaseFence(discarding: true, who: "lee", reason: "restored") else {
                throw Unexpected(words: "not released")
            }
            try await next.pass(.minutes(5))
            for order in ["WD1", "WD2"] {
                let delivery = try await next.delivery(order, .sms)
                #expect(delivery.state == .cancelled && delivery.reason == .discarded)
            }
            try await next.take(Sample(order: "WD3", anomaly: "an-3", at: next.clock.now(), customer: "CU3").detected())
            #expect(try await next.delivery("WD3", .sms).state == .sent, "what comes now leaves")
            #expect(
                try await next.engine.desk.releaseFence(discarding: true, who: "lee", reason: "x") == .refused("the store is not fenced"))
            let (last, _) = try await next.restarted()
            #expect(try await why(last) == nil)
            #expect(try await last.read { try $0.verifyChain() } == nil)
            try await last.runtime.close()
        }
    }

    @Test("with --send what waits leaves; the fence holds over restarts until then") func sent() async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.status(503)), for: .twilio)
            try await world.take(hold.detected())
            let fenced = try await broughtBack(world) { later in
                try await later.take(hold.with { $0.seq = 2 }.updated(step: "under_review"))
            }
            world.sandbox.switches.reset()
            let (next, _) = try await fenced.restarted()
            #expect(try await why(next) != nil)
            try await next.pass(.minutes(1))
            #expect(next.ledger.count(of: .twilio) == 0)
            guard case .done = try await next.engine.desk.releaseFence(discarding: false, who: "lee", reason: "known") else {
                throw Unexpected(words: "not released")
            }
            try await next.engine.settle()
            #expect(try await next.delivery("WD1", .sms).state == .sent && next.ledger.count(of: .twilio) == 1)
            try await next.runtime.close()
        }
    }

    @Test("a copy without its file, with another's or with a broken one is fenced, and says why") func copies() async throws {
        typealias Change = @Sendable ([String]) -> String?
        let cases: [(Change, Fence)] = [
            ({ _ in nil }, .copied), ({ _ in "" }, .unreadable), ({ _ in "rubbish\n" }, .unreadable),
            ({ "\(String(repeating: "0", count: 32)) \($0[1]) \($0[2]) \n" }, .copied),
            ({ "\($0[0]) \($0[1]) \(String(repeating: "0", count: 64)) \n" }, .forked),
            ({ "\($0[0]) \(Int64($0[1])! + 7) \($0[2]) \n" }, .behind(rows: 7)),
        ]
        for (change, fence) in cases {
            try await withWorld { world in
                try await world.take(hold.detected())
                try await world.runtime.close()
                let file = world.storeDirectory + "/clarion.fence"
                let parts = try String(contentsOfFile: file, encoding: .utf8).split(separator: " ").map(String.init)
                if let text = change(parts) {
                    try text.write(toFile: file, atomically: false, encoding: .utf8)
                } else {
                    try FileManager.default.removeItem(atPath: file)
                }
                let next = try await started(world)
                #expect(try await why(next) == fence.words)
                _ = try await next.engine.desk.releaseFence(discarding: false, who: "lee", reason: "test")
                let (last, _) = try await next.restarted()
                #expect(try await why(last) == nil)
                try await last.runtime.close()
            }
        }
    }

    @Test("with the file elsewhere it is told too when the whole directory is brought back") func elsewhere() async throws {
        try await withWorld { world in
            try await world.runtime.close()
            var apart = world
            apart.configuration.settings.fenceFile = world.folder.path + "/fence"
            let first = try await started(apart)
            _ = try await first.engine.desk.releaseFence(discarding: false, who: "lee", reason: "the file was moved")
            try await first.runtime.close()
            let kept = world.folder.path + "/kept"
            try FileManager.default.copyItem(atPath: world.storeDirectory, toPath: kept)
            let second = try await started(apart)
            try await second.take(hold.detected())
            try await second.runtime.close()
            try FileManager.default.removeItem(atPath: world.storeDirectory)
            try FileManager.default.moveItem(atPath: kept, toPath: world.storeDirectory)
            let third = try await started(apart)
            #expect(try await why(third)?.contains("brought back from a backup") == true)
            try await third.runtime.close()
        }
    }
}
