#if DEBUG
    import Core
    import FoundationEssentials
    import Store
    import TestKit
    import Testing

    @testable import App

    /// A worker whose machine is set to another time while it runs, and that is killed then: a promise that passes is told once, when its time
    /// has come by the clock that only counts.
    @Suite(.serialized) struct ClockTests {
        private func set(_ error: Duration, in world: KillWorld) throws {
            try Data("\(error.milliseconds)\n".utf8).write(to: URL(filePath: world.directory + "/clock"), options: .atomic)
        }
        private func worker(_ world: KillWorld) async throws -> ChildProcess {
            try await ChildProcess(
                world.program, ["worker", "--config", world.settings],
                environment: ["CLARION_CLOCK_FILE": world.directory + "/clock"],
                ready: "Ready.")
        }

        @Test("set and killed", .timeLimit(.minutes(2)), arguments: [Duration.days(1), .zero - .hours(1), .days(3653)])
        func set(_ step: Duration) async throws {
            let world = try await KillWorld()
            try set(.zero, in: world)
            let first = try await worker(world)
            let promised = Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) + .seconds(4)
            let load = KillLoad()
            let ledger = try await LedgerTail(of: world.run)
            await load.post(KillLoad.Special(channel: .sms, promised: promised), to: world.socket)
            await ledger.reached(1)
            let tail = try await ChildProcess(world.program, ["tail", "--act", "clock", "--config", world.settings], ready: nil)
            try set(step, in: world)
            #expect(await tail.line(with: "stepped by") != nil, "\(tail.text)")
            #expect(try world.ledger().count == 1, "nothing is due because of a step")
            let doctor = try Program.run(["doctor", "--json", "--config", world.settings])
            let found = try JSON(parsing: doctor.output)["checks"]?.array?.first { $0["part"] == "steps" }
            let words = found?["words"]?.string ?? ""
            #expect(
                found?["state"] == "warning" && words.contains("stepped 1 time") && words.contains(step > .zero ? "ahead of" : "behind"))
            tail.kill()
            first.kill()
            let second = try await worker(world)
            // That the promise was not kept.
            await ledger.reached(2)
            second.stop()
            let drained = try await world.drain()
            #expect(drained.status == 0, "\(drained.text)")
            #expect(try world.ledger().count == 2, "once")

            let store = try world.openStore()
            let rows = try await store.read { try $0.log(after: 0, limit: 1000) }.map(\.entry)
            try await store.close()
            #expect(rows.map(\.at) == rows.map(\.at).sorted())
            #expect(rows.filter { $0.act == .clock && $0.body["step_ms"]?.integer.map { $0.magnitude > 1_000_000 } == true }.count == 2)
            let told = try #require(rows.last { $0.act == .intent })
            #expect(told.at >= promised && told.at < promised + .minutes(1))
        }
    }
#endif
