/// What came of a world.
public struct Run: Sendable, Equatable {
    public var seed: UInt64
    public var steps: Int
    /// Of everything that happened: the same for the same seed, steps and flaw.
    public var trace: UInt64
    /// What did not hold, after how many steps.
    public var broken: String?
    /// Messages that reached somebody, events that were acknowledged, processes that died.
    public var reached, events, deaths: Int
}

/// A world is made of its seed alone: run again, it does the same.
public enum Simulation {
    /// - Parameters:
    ///   - steps: at least; then the world comes to its end.
    ///   - narrator: gets a line for everything that happens.
    public static func run(
        seed: UInt64, steps: Int, in setting: Setting, flaw: Flaw? = nil, narrator: ((String) -> Void)? = nil
    ) -> Run {
        let world = World(setting, seed: seed, flaw: flaw, narrator: narrator)
        world.run(steps: steps)
        return Run(
            seed: seed, steps: world.steps, trace: world.trace.value, broken: world.broken, reached: world.reached,
            events: world.acknowledged.count, deaths: world.deaths)
    }
}
