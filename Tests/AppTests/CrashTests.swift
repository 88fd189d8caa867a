#if DEBUG
    import Core
    import FoundationEssentials
    import Glibc
    import Store
    import TestKit
    import Testing
    import Transport

    @testable import App

    /// A worker ends itself at each named point of its flow, once, with one message on its way; another one goes on. Nothing is lost, nothing is
    /// told twice, and in doubt is only what had begun to leave and whose answer was not recorded (CP12 to CP15).
    ///
    /// `CLARION_CRASH_ROUNDS=n` then ends it at every point n times more, under load and at a later pass each time; `CLARION_KILL_SEED` repeats
    /// the passes.
    @Suite(.serialized) struct CrashTests {
        private static let environment = ProcessInfo.processInfo.environment
        private static let rounds = environment["CLARION_CRASH_ROUNDS"].flatMap { Int($0) } ?? 0
        private static let seed = environment["CLARION_KILL_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)

        /// What an end at a point leaves of the one message that was on its way: no open attempt, or one and what is known of it.
        private enum Left { case nothing, notStarted, inDoubt, taken, anything }

        /// As `docs/delivery.md` has it. Anything where the message goes on beside what ends.
        private static func left(at point: CrashPoint) -> Left {
            switch point {
            case .bodyRead, .insideT1, .eventPicked, .insideT2, .rendered: .nothing
            case .afterT2, .intentCommitted, .connected, .insideRecovery: .notStarted
            case .requestStarted, .answerArrived, .answerStarted, .answerParsed: .inDoubt
            case .recorderUpdated, .insideT4: .taken
            case .afterT4, .insideMigration, .cleanMark, .afterRecovery: .nothing
            case .afterT1, .timerDue, .insideT6, .checkpointed, .drainStarted: .anything
            }
        }

        @Test("ended at each point", .timeLimit(.minutes(3 + 2 * CrashTests.rounds))) func ended() async throws {
            let world = try await KillWorld()
            try await world.slowDown(milliseconds: 5)
            let load = KillLoad()
            var witness = KillWitness()
            var told: [String] = []
            for point in [.insideMigration] + CrashPoint.allCases.filter({ $0 != .insideMigration }) {
                for channel in Self.channels(at: point) {
                    if point == .insideRecovery || point == .afterRecovery {
                        // So that there is something to settle.
                        try await Self.end(at: .intentCommitted, channel, world, load)
                        try await witness.look(at: world)
                    }
                    try await Self.end(at: point, channel, world, load)
                    let open = point == .insideMigration ? [] : try await witness.look(at: world)
                    Self.check(open, at: point, channel)
                    told.append("\(point.rawValue) \(channel.rawValue): \(Self.words(open))")
                    // The next one is to find nothing on its way.
                    guard !open.isEmpty || Self.left(at: point) == .anything else { continue }
                    let drained = try await world.drain()
                    #expect(drained.status == 0, "\(point): \(drained.text)")
                }
            }
            print("crash points: " + told.joined(separator: "; "))
            if Self.rounds > 0 { try await underLoad(world, load, &witness) }

            await Self.postTheRest(world, load)
            let facts = try await Self.facts(world, load)
            print(
                "crash points: \(load.acknowledged.count) events, \(facts.deliveries.count) deliveries, \(facts.summary); \(witness.summary)"
            )
            #expect(load.refused.isEmpty && load.open == 0)
            witness.check(facts)
            try facts.check(acknowledged: load.acknowledged, ledger: world.ledger())
        }

        @Test("a point that there is not is a mistake of the command line") func unknown() async throws {
            let world = try await KillWorld()
            for wish in ["CP99", "CP10:0", "CP10:x", ""] {
                let child = try await ChildProcess(
                    KillWorld.program(), ["worker", "--config", world.settings], environment: ["CLARION_CRASH_POINT": wish], ready: nil)
                #expect(await child.ended() == 64 && child.text.contains("CLARION_CRASH_POINT"), "\(wish): \(child.text)")
            }
        }

        // MARK: One end

        /// Where HTTP and mail go different ways, or say different things.
        private static func channels(at point: CrashPoint) -> [Channel] {
            switch point {
            case .connected, .requestStarted, .answerArrived, .answerStarted, .recorderUpdated: [.sms, .mail]
            default: [.sms]
            }
        }

        private static func end(at point: CrashPoint, _ channel: Channel, _ world: KillWorld, _ load: KillLoad) async throws {
            let worker = try await world.worker(endingAt: point, pass: 1)
            guard point != .insideMigration, point != .insideRecovery, point != .afterRecovery else {
                return #expect(await worker.ended() == -SIGKILL, "\(point): \(worker.text)")
            }
            let isOfTimers = point == .timerDue || point == .insideT6
            guard await worker.line(with: "Ready.") != nil else {
                guard isOfTimers else { throw ChildProblem("\(point): \(worker.text)") }
                // What an earlier end left in doubt has a timer, which may be due before anybody is ready.
                return #expect(await worker.ended() == -SIGKILL, "\(point): \(worker.text)")
            }
            var special = KillLoad.Special(channel: channel)
            if isOfTimers { special.promised = Timestamp(milliseconds: now) + .seconds(2) }
            await load.post(special, to: world.socket)
            switch point {
            case .drainStarted, .cleanMark: worker.askToStop()
            case .checkpointed:
                // As many more as it takes.
                await load.post(to: world.socket)
            default: break
            }
            #expect(await worker.ended() == -SIGKILL, "\(point): \(worker.text)")
        }

        private static var now: Int64 { Int64(Date.now.timeIntervalSince1970 * 1000) }

        private static func check(_ open: [FlightLog.Found?], at point: CrashPoint, _ channel: Channel) {
            let found = "\(point) \(channel): \(words(open))"
            switch left(at: point) {
            case .nothing: #expect(open.isEmpty, "\(found)")
            case .notStarted: #expect(open == [.notStarted], "\(found)")
            case .inDoubt: #expect(open == [.inDoubt], "\(found)")
            case .taken:
                guard open.count == 1, case .answered(.taken(let id))? = open[0] else {
                    Issue.record("\(found)")
                    return
                }
                // A mail server gives none.
                #expect(id.isEmpty == (channel == .mail), "\(found)")
            case .anything: break
            }
        }

        private static func words(_ open: [FlightLog.Found?]) -> String {
            let words = open.map { found in
                switch found {
                case .notStarted: "not started"
                case .inDoubt: "in doubt"
                case .answered(.taken): "taken"
                case .answered(.notTaken): "not taken"
                case nil: "unknown"
                }
            }
            let counts = Dictionary(grouping: words) { $0 }.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
            return counts.isEmpty ? "nothing open" : counts.joined(separator: ", ")
        }

        // MARK: Under load

        /// At every point again, at passes that a seed draws, with all channels busy. What is known of each open attempt is checked at the end.
        private func underLoad(_ world: KillWorld, _ load: KillLoad, _ witness: inout KillWitness) async throws {
            print("crash points: \(Self.rounds) rounds, CLARION_KILL_SEED=\(Self.seed)")
            var chance = KillChance(state: Self.seed)
            try await world.slowDown(milliseconds: 20)
            for _ in 1...Self.rounds {
                for point in CrashPoint.allCases where Self.passesUnderLoad(point) {
                    let pass = point == .checkpointed ? 1 : 1 + chance.next(below: 30)
                    let worker = try await world.worker(endingAt: point, pass: pass)
                    // With what is left it may be at its end before it is ready.
                    if await worker.line(with: "Ready.") != nil { await load.post(to: world.socket) }
                    #expect(await worker.ended() == -SIGKILL, "\(point): \(worker.text)")
                    try await witness.look(at: world)
                }
            }
        }

        private static func passesUnderLoad(_ point: CrashPoint) -> Bool {
            switch point {
            case .timerDue, .insideT6, .insideMigration, .drainStarted, .cleanMark, .insideRecovery, .afterRecovery: false
            default: true
            }
        }

        // MARK: The end

        private static func postTheRest(_ world: KillWorld, _ load: KillLoad) async {
            do {
                let last = try await world.worker(withHTTP: false)
                await load.post(to: world.socket, onlyOpen: true)
                #expect(last.stop() == 0, "\(last.text)")
            } catch {
                Issue.record(error)
            }
        }

        private static func facts(_ world: KillWorld, _ load: KillLoad) async throws -> KillFacts {
            let drained = try await world.drain()
            #expect(drained.status == 0, "\(drained.text)")
            let store = try world.openStore()
            let facts = try await KillFacts.gather(from: store, ids: load.acknowledged)
            try await store.close()
            return facts
        }
    }

    extension KillWorld {
        /// One that ends by itself at a named point; not waited for.
        func worker(endingAt point: CrashPoint, pass: Int) async throws -> ChildProcess {
            try await ChildProcess(
                Self.program(), ["worker", "--config", settings], environment: ["CLARION_CRASH_POINT": "\(point.rawValue):\(pass)"],
                ready: nil)
        }
    }
#endif
