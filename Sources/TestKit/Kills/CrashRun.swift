#if DEBUG
    public import Core
    import FoundationEssentials
    import Glibc
    import Store
    import Transport

    /// A worker ends itself at each named point of its flow and another one goes on: nothing is lost, nothing is told twice, and in doubt is only
    /// what had begun to leave and whose answer was not recorded (CP12 to CP15). What each end leaves open is looked at once it is there; the
    /// rest is the checker's.
    public struct CrashRun: Sendable {
        private let world: KillWorld
        private let load = KillLoad()
        private var witness: KillWitness
        private var chance: SeededChance
        /// What was found at each point, in words.
        public private(set) var told: [String] = []
        /// What should not be.
        public private(set) var problems: [String] = []
        public private(set) var cycles = 0

        public init(in world: KillWorld, seed: UInt64) {
            (self.world, witness, chance) = (world, KillWitness(of: world.run), SeededChance(state: seed))
        }

        /// Each point once with one message on its way, then `rounds` times more: under load and at a later pass each time, where the point is
        /// one of those that load passes. Leaves in the world's directory what the checker reads.
        ///
        /// - Parameter isHeldTried: as of `KillRun`.
        public mutating func run(rounds: Int, isHeldTried: Bool = false) async throws {
            try await world.slowDown(milliseconds: 5)
            for point in [.insideMigration] + CrashPoint.allCases.filter({ $0 != .insideMigration }) {
                if KeptStore.ends(at: point) { try await kept(point, number: rounds) }
                for channel in channels(at: point) { try await alone(point, channel) }
            }
            for round in 0..<rounds {
                for point in CrashPoint.allCases {
                    if passesUnderLoad(point) {
                        try await underLoad(point)
                    } else if point == .insideMigration {
                        try await migration(number: round)
                    } else if KeptStore.ends(at: point) {
                        try await kept(point, number: round)
                    } else {
                        try await alone(point, .sms)
                    }
                }
            }
            if isHeldTried { try await world.holdNothing(load) }
            try await finish()
        }

        public var summary: String { witness.summary }

        // MARK: Alone

        /// What an end at a point leaves of the one message that was on its way: no open attempt, or one and what is known of it.
        private enum Left { case nothing, notStarted, inDoubt, taken, anything }

        /// As `docs/delivery.md` has it. Anything where the message goes on beside what ends.
        private func left(at point: CrashPoint) -> Left {
            switch point {
            case .bodyRead, .insideT1, .eventPicked, .insideT2, .rendered: .nothing
            case .afterT2, .intentCommitted, .connected, .insideRecovery: .notStarted
            case .requestStarted, .answerArrived, .answerStarted, .answerParsed: .inDoubt
            case .recorderUpdated, .insideT4: .taken
            case .afterT4, .insideMigration, .cleanMark, .afterRecovery, .insideRotation, .insideErasure, .insideRetention: .nothing
            case .afterT1, .timerDue, .insideT6, .checkpointed, .drainStarted: .anything
            }
        }

        /// Where HTTP and mail go different ways, or say different things.
        private func channels(at point: CrashPoint) -> [Channel] {
            switch point {
            case .connected, .requestStarted, .answerArrived, .answerStarted, .recorderUpdated: [.sms, .mail]
            case _ where KeptStore.ends(at: point): []
            default: [.sms]
            }
        }

        private mutating func alone(_ point: CrashPoint, _ channel: Channel) async throws {
            if point == .insideRecovery || point == .afterRecovery {
                // So that there is something to settle.
                try await end(at: .intentCommitted, channel)
                try await witness.look()
            }
            try await end(at: point, channel)
            cycles += 1
            let open = point == .insideMigration ? [] : try await witness.look()
            check(open, at: point, channel)
            told.append("\(point.rawValue) \(channel.rawValue): \(words(open))")
            // The next one is to find nothing on its way.
            if !open.isEmpty || left(at: point) == .anything { try await drain("\(point)") }
        }

        private mutating func end(at point: CrashPoint, _ channel: Channel) async throws {
            let worker = try await world.worker(endingAt: point, pass: 1)
            guard point != .insideMigration, point != .insideRecovery, point != .afterRecovery else { return await killed(worker, point) }
            let isOfTimers = point == .timerDue || point == .insideT6
            guard await worker.line(with: "Ready.") != nil else {
                guard isOfTimers else { throw ChildProblem("\(point): \(worker.text)") }
                // What an earlier end left in doubt has a timer, which may be due before anybody is ready.
                return await killed(worker, point)
            }
            var special = KillLoad.Special(channel: channel)
            if isOfTimers {
                special.promised = Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) + .seconds(2)
            }
            await load.post(special, to: world.socket)
            switch point {
            case .drainStarted, .cleanMark: worker.askToStop()
            case .checkpointed:
                // As many more as it takes.
                await load.post(to: world.socket)
            default: break
            }
            await killed(worker, point)
        }

        private mutating func killed(_ worker: ChildProcess, _ point: CrashPoint) async {
            let status = await worker.ended()
            if status != -SIGKILL { problems.append("\(point) ended with \(status): \(worker.text)") }
        }

        private mutating func check(_ open: [FlightLog.Found?], at point: CrashPoint, _ channel: Channel) {
            let isRight =
                switch left(at: point) {
                case .nothing: open.isEmpty
                case .notStarted: open == [.notStarted]
                case .inDoubt: open == [.inDoubt]
                case .taken: open.count == 1 && isTaken(open[0], channel)
                case .anything: true
                }
            if !isRight { problems.append("\(point) \(channel.rawValue): \(words(open))") }
        }

        /// A mail server gives no id.
        private func isTaken(_ found: FlightLog.Found?, _ channel: Channel) -> Bool {
            guard case .answered(.taken(let id)) = found else { return false }
            return id.isEmpty == (channel == .mail)
        }

        private func words(_ open: [FlightLog.Found?]) -> String {
            let words = open.map { RunFacts.LeftOpen.Known($0).rawValue }
            let counts = Dictionary(grouping: words) { $0 }.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
            return counts.isEmpty ? "nothing open" : counts.joined(separator: ", ")
        }

        private mutating func drain(_ what: String) async throws {
            let drained = try await world.drain()
            if drained.status != 0 { problems.append("\(what): \(drained.text)") }
        }

        // MARK: Again

        /// At a pass that the seed draws, with all channels busy. What is known of each open attempt is checked at the end.
        private mutating func underLoad(_ point: CrashPoint) async throws {
            let pass = point == .checkpointed ? 1 : 1 + chance.next(below: 30)
            let worker = try await world.worker(endingAt: point, pass: pass)
            // With what is left it may be at its end before it is ready.
            if await worker.line(with: "Ready.") != nil { await load.post(to: world.socket) }
            await killed(worker, point)
            cycles += 1
            try await witness.look()
        }

        private func passesUnderLoad(_ point: CrashPoint) -> Bool {
            switch point {
            case .timerDue, .insideT6, .insideMigration, .drainStarted, .cleanMark, .insideRecovery, .afterRecovery: false
            case .insideRotation, .insideErasure, .insideRetention: false
            default: true
            }
        }

        /// A store is migrated once in its life: each time another one, which the second start makes whole.
        private mutating func migration(number: Int) async throws {
            let name = "migrated-\(number)"
            let settings = try world.settings(withStore: name)
            await killed(try await world.worker(endingAt: .insideMigration, pass: 1, settings: settings), .insideMigration)
            cycles += 1
            let next = try await ChildProcess(world.program, ["worker", "--until-quiet", "--config", settings], ready: nil)
            let status = await next.ended()
            let run = RunDirectory(world.directory, store: name)
            let audit = try SQLiteStore.openReadOnly(directory: run.data, keys: try run.keys())
            let facts = try await StoreFacts.gather(from: audit, ids: [])
            await audit.close()
            if status != 0 || facts.chainBreak != nil || !facts.integrity.isEmpty {
                problems.append("after a broken migration: \(status) \(facts.chainBreak ?? "") \(facts.integrity): \(next.text)")
            }
        }

        private mutating func kept(_ point: CrashPoint, number: Int) async throws {
            let problem = try await KeptStore(in: world, point, number: number).run()
            cycles += 1
            if let problem { problems.append("\(point): \(problem)") }
        }

        private mutating func finish() async throws {
            let last = try await world.worker()
            await load.post(to: world.socket, onlyOpen: true)
            if last.stop() != 0 { problems.append("the last worker: \(last.text)") }
            try await drain("the last drain")
            if !load.refused.isEmpty || load.open > 0 { problems.append("events without an answer: \(load.open); \(load.refused)") }
            try load.write(to: world.run)
        }
    }

    extension KillWorld {
        /// One that ends by itself at a named point; not waited for.
        public func worker(
            endingAt point: CrashPoint, pass: Int, settings: String? = nil, environment: [String: String] = [:]
        ) async throws -> ChildProcess {
            try await ChildProcess(
                program, ["worker", "-v", "--config", settings ?? self.settings],
                environment: environment.merging(["CLARION_CRASH_POINT": "\(point.rawValue):\(pass)"]) { $1 }, ready: nil, in: run)
        }
    }
#endif
