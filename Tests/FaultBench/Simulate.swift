import Core
import Glibc
import Simulator

/// `simulate --seeds FROM..TO --steps N [--repository DIR] [--flaw NAME]`, or `--seed S --steps N --trace` for one world and what happens in it.
enum Simulate {
    static func run(_ arguments: [String]) throws -> Int32 {
        var options: [String: String] = [:]
        var isTraced = false
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--trace" {
                isTraced = true
            } else if let value = rest.popFirst() {
                options[name] = value
            }
        }
        guard let seeds = seeds(options), let steps = options["--steps"].flatMap({ Int($0) }), steps > 0 else {
            FaultBench.complain("simulate --seeds FROM..TO --steps N [--repository DIR] [--flaw NAME] | --seed S --steps N [--trace]")
            return 64
        }
        let setting = try Setting.load(repository: options["--repository"] ?? ".")
        let flaw = options["--flaw"].flatMap { Flaw(rawValue: $0) }
        return report(seeds, steps: steps, setting, flaw, isTraced: isTraced)
    }

    private static func seeds(_ options: [String: String]) -> ClosedRange<UInt64>? {
        if let seed = options["--seed"].flatMap({ UInt64($0) }) { return seed...seed }
        let ends = (options["--seeds"] ?? "").split(separator: ".").compactMap { UInt64($0) }
        return ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
    }

    /// One JSON object; exit status 1 when something broke.
    private static func report(_ seeds: ClosedRange<UInt64>, steps: Int, _ setting: Setting, _ flaw: Flaw?, isTraced: Bool) -> Int32 {
        let began = ContinuousClock.now
        let narrator: ((String) -> Void)? = isTraced ? { print($0) } : nil
        var (count, reached, events, deaths) = (0, 0, 0, 0)
        var breaks: [JSON] = []
        var last: UInt64 = 0
        for seed in seeds {
            let outcome = Simulation.run(seed: seed, steps: steps, in: setting, flaw: flaw, narrator: narrator)
            (count, reached, events, deaths) = (
                count + outcome.steps, reached + outcome.reached, events + outcome.events, deaths + outcome.deaths
            )
            last = outcome.trace
            if let words = outcome.broken {
                breaks.append(["seed": .integer(Int64(seed)), "step": .integer(outcome.steps), "what": .string(words)])
            }
        }
        let elapsed = Int((ContinuousClock.now - began) / .milliseconds(1))
        let result: JSON = [
            "steps": .integer(count), "seeds": .integer(seeds.count), "messages": .integer(reached), "events": .integer(events),
            "deaths": .integer(deaths), "milliseconds": .integer(elapsed), "trace": .string(String(last, radix: 16)),
            "breaks": .array(breaks),
        ]
        print(String(decoding: result.bytes, as: UTF8.self))
        return breaks.isEmpty ? 0 : 1
    }
}
