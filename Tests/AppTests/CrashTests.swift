#if DEBUG
    import Foundation
    import TestKit
    import Testing

    /// Each named point of the flow once, with one message on its way. `make fault` has the long form.
    @Suite(.serialized) struct CrashTests {
        @Test("ended at each point", .timeLimit(.minutes(4))) func ended() async throws {
            let world = try await KillWorld()
            var run = CrashRun(in: world, seed: 1)
            try await run.run(rounds: 0)
            print("crash points: " + run.told.joined(separator: "; "))
            #expect(run.problems.isEmpty)
            let facts = try await world.run.read()
            print("crash points: \(facts.store?.summary ?? ""); \(run.summary)")
            #expect(Checker.check(facts).breaches.isEmpty)
        }

        @Test("a point that there is not is a mistake of the command line") func unknown() async throws {
            let world = try await KillWorld()
            for wish in ["CP99", "CP10:0", "CP10:x", ""] {
                let child = try await ChildProcess(
                    world.program, ["worker", "--config", world.settings], environment: ["CLARION_CRASH_POINT": wish], ready: nil)
                #expect(await child.ended() == 64 && child.text.contains("CLARION_CRASH_POINT"), "\(wish): \(child.text)")
            }
        }
    }
#endif
