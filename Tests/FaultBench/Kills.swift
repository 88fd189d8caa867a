import Core
import TestKit

/// `kills --count N --seed S --dir DIR [--program P]`: a worker killed N times under load, and what the checker says; lines as of `check --all`.
/// DIR is empty and keeps what the run left.
enum Kills {
    static func run(_ arguments: [String]) async throws -> Int32 {
        let options = try Options(arguments, for: "kills --count N --seed S --dir DIR [--program P]")
        let world = try await KillWorld(program: options.optional("program"), directory: try options.text("dir"))
        let left = try await KillRun.run(
            kills: try options.number("count"), seed: UInt64(try options.number("seed")), in: world, isHeldTried: true)
        FaultBench.complain(left)
        return Check.tell(Checker.check(try await world.run.read()), all: true)
    }
}

#if DEBUG
    /// `crashpoints --rounds N --seed S --dir DIR`: a worker that ends itself at each named point, once alone and N times more.
    enum CrashPoints {
        static func run(_ arguments: [String]) async throws -> Int32 {
            let options = try Options(arguments, for: "crashpoints --rounds N --seed S --dir DIR")
            let world = try await KillWorld(directory: try options.text("dir"))
            var run = CrashRun(in: world, seed: UInt64(try options.number("seed")))
            try await run.run(rounds: try options.number("rounds"), isHeldTried: true)
            FaultBench.complain("\(run.told.joined(separator: "; ")); \(run.summary)")
            print(#"{"figure":"cycles","value":\#(run.cycles)}"#)
            for problem in run.problems { Check.say(["breach": .string(problem)]) }
            let status = Check.tell(Checker.check(try await world.run.read()), all: true)
            return run.problems.isEmpty ? status : 1
        }
    }
#else
    enum CrashPoints {
        static func run(_ arguments: [String]) async throws -> Int32 { throw Usage("crashpoints: only a debug build has them") }
    }
#endif
