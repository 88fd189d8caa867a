import App
import Config
import Core
import MemoryStore
import Pipeline
import Providers
import Store
import Transport

/// A world of one seed: producers, providers, people, a disk and a clock around the real engine, one happening after the other on one thread.
///
/// `@unchecked Sendable`: on that thread alone; tasks of its processes run there too.
final class World: @unchecked Sendable {
    let setting: Setting
    let flaw: Flaw?
    let zones = SystemZones()
    let tables: MemoryTables
    var chance: Chance
    /// The time that it truly is. Processes go by `machine`.
    var now: Timestamp
    var machine: Machine
    var times = TimeBook()
    /// What was stored of the clock when the last process died, or did not get to run.
    private(set) var lastMark: Mark?
    var agenda = Agenda()
    var process: Process?
    private var lives = 0
    /// What the last process left in its recorder.
    private var flown = FlightLog.absent(bootID: "boot-0")

    // The network
    var ledger = Ledger()
    var truths: [AttemptID: Truth] = [:]
    var moods: [String: Mood] = [:]
    /// On their way.
    var journeys = 0
    let guarantees: [String: Guarantee]
    let receipts: [String: ReceiptNaming]
    let accounts: [String]
    private var tellings: [Int: Telling] = [:]
    private var producings: [Int: Producing] = [:]
    private var handedOver = 0

    // The producers
    var acknowledged: Set<String> = []
    /// Refused because of another event of their id.
    var conflicted: Set<String> = []
    var told = 0
    var regime: Regime

    // Faults
    var isFull = false
    /// Nothing new goes wrong.
    private(set) var isCalm = false
    private var put: [Happening] = []

    // What is seen of it
    private(set) var steps = 0
    private(set) var trace = TraceHash()
    private(set) var broken: String?
    /// Messages that reached their recipients; processes that died.
    var reached = 0
    private(set) var deaths = 0
    let narrator: ((String) -> Void)?

    init(_ setting: Setting, seed: UInt64, flaw: Flaw?, narrator: ((String) -> Void)?) {
        (self.setting, self.flaw, self.narrator) = (setting, flaw, narrator)
        chance = Chance(seed: seed)
        tables = MemoryTables(seed: chance.next(), keepsLog: false)
        // Some time of a day and a week.
        now = Timestamp(seconds: 1_762_732_800 + chance.within(0...604_800))
        machine = Machine(at: now)
        regime = Regime(&chance)
        let all = setting.configuration.settings.accounts
        accounts = all.map(\.name)
        guarantees = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.provider.guarantee) })
        receipts = all.reduce(into: [:]) { $0[$1.name] = $1.provider.receipts }
        tables.watch = { [unowned self] in check($0) }
        start()
        for account in accounts { agenda.add(.mood(account), at: now + .seconds(chance.within(0...200))) }
        for happening in [Happening.story, .person, .disk(again: true), .pause] {
            agenda.add(happening, at: now + .seconds(chance.within(0...20)))
        }
        if regime.wallGap > 0 { agenda.add(.wall(again: true), at: now + .seconds(chance.within(0...regime.wallGap))) }
    }

    // MARK: Telling

    func tell(_ words: @autoclosure () -> String) {
        if let narrator { narrator("\(steps)\t\(now)\t\(words())") }
    }
    func fail(_ words: String) {
        guard broken == nil else { return }
        broken = words
        tell("BROKEN \(words)")
    }
    func mix(_ word: String, _ numbers: Int64...) {
        trace.mix(word)
        for number in numbers { trace.mix(UInt64(bitPattern: number)) }
    }

    // MARK: Running

    /// So many steps of a world where things go wrong, with a quiet point now and then; then until nothing is left to do.
    func run(steps limit: Int) {
        while steps < limit, broken == nil {
            let pause = steps + 2000
            while steps < min(limit, pause), broken == nil { turn() }
            calm(until: isQuiet, "a quiet point")
            checkQuiet()
            excite()
        }
        calm(until: isOver, "the end")
        checkQuiet()
        checkEnd()
        if let process { kill(process, isPowerCut: true) }
    }

    /// One thing after the other: what is ready, a commit, what is due, or time.
    private func turn() {
        if let process {
            let hasRun = process.executor.run { chance.below($0) }
            if !times.hasBegun { checkBeginning(process) }
            if let failure = process.failure { return fail("the engine stopped: \(failure)") }
            let isDue = agenda.first.map { $0 <= now } ?? false
            if !process.store.waiting.isEmpty, !isDue || chance.percent(70) { return commit(process) }
            if isDue { return happen() }
            // What has just come to rest is looked at before time goes on.
            if !hasRun { pass(process) }
            return
        }
        if let first = agenda.first {
            now = max(now, first)
            happen()
        }
    }

    private func happen() {
        guard let happening = agenda.popFirst() else { return }
        if isCalm, happening.isTrouble { return put.append(happening) }
        steps += 1
        mix(happening.word, now.milliseconds)
        perform(happening)
        mayDie()
    }

    private func perform(_ happening: Happening) {
        switch happening {
        case .story: tellStory()
        case .event(let producing): produce(producing)
        case .depart(let journey): depart(journey)
        case .arrive(let journey): arrive(journey)
        case .answer(let journey): answer(journey)
        case .receipt(let telling): take(telling)
        case .mood(let account): change(account)
        case .person: meddle()
        case .disk(let again):
            isFull.toggle()
            tell(isFull ? "the disk is full" : "the disk has room")
            if again || isFull {
                agenda.add(.disk(again: again), at: now + .seconds(isFull ? chance.within(1...40) : chance.within(200...20_000)))
            }
        case .pause:
            now = now + .seconds(chance.percent(80) ? chance.within(1...120) : chance.within(600...20_000))
            tell("the machine stood still")
            agenda.add(.pause, at: now + .seconds(chance.within(300...40_000)))
        case .wall(let again):
            turnWall()
            if again { agenda.add(.wall(again: true), at: now + .seconds(chance.within(1...2 * regime.wallGap))) }
        case .start: start()
        }
    }

    /// Time goes on to what comes next.
    private func pass(_ process: Process) {
        var next = agenda.first
        for other in [process.clocks.next, process.wake, look(process)] { next = [next, other].compactMap(\.self).min() }
        guard let next else { return }
        now = max(now, next)
        process.clocks.wakeSleepers()
        if let wake = [process.wake, look(process)].compactMap(\.self).min(), wake <= now {
            steps += 1
            mix("wake", now.milliseconds)
            (process.wake, process.isIdle) = (nil, false)
            process.engine.work.notify()
        }
    }

    /// The engine looks at least once a second by itself; nothing is to be seen before something is due.
    private func look(_ process: Process) -> Timestamp? {
        guard process.isIdle else { return nil }
        let since = process.idleSince
        if !tables.isEmptyOfEvents { return since + .seconds(1) }
        let glance = glance(process)
        guard let due = tables.nextDue else { return glance }
        let wait = due - process.clock.now() + (now - since)
        let seconds = max(1, (wait.milliseconds + 999) / 1000)
        return [glance, since + .seconds(seconds)].compactMap(\.self).min()
    }

    // MARK: Commits

    /// A group of what waits: the closures run one after the other, then all of it is on the disk, or none.
    private func commit(_ process: Process) {
        let store = process.store
        checkTime()
        if isFull {
            let waiting = store.waiting
            store.waiting = []
            steps += waiting.count
            mix("full", Int64(waiting.count))
            for operation in waiting { operation.fail(.full) }
            return
        }
        if dies() { return kill(process) }
        let count = 1 + chance.below(store.waiting.count)
        let group = Array(store.waiting.prefix(count))
        store.waiting.removeFirst(count)
        steps += count
        mix("commit", Int64(count), now.milliseconds, process.clock.now().milliseconds)
        let answers = group.map { $0.run(tables) }
        if dies() {
            tell("dies inside a commit")
            tables.rollBack()
            return kill(process, unheard: group)
        }
        if flaw == .losesCommits, chance.once(in: 500) { tables.rollBack() } else { tables.commit() }
        checkTime()
        if dies() {
            tell("dies after a commit")
            return kill(process, unheard: group)
        }
        for answer in answers { answer() }
    }

    // MARK: Lives

    private func dies() -> Bool { !isCalm && chance.once(in: regime.deathsAtCommits) }

    private func mayDie() {
        if let process, !isCalm, chance.once(in: regime.deaths) { kill(process) }
    }

    func isAlive(_ number: Int) -> Bool { process.map { $0.number == number && !$0.isDead } ?? false }

    private func start() {
        if let process, !process.isDead { return }
        lives += 1
        times.end()
        let process = Process(lives, bootID: machine.bootID, in: self, flown: flown)
        self.process = process
        if regime.wallGap > 0, chance.once(in: 12) { agenda.add(.wall(again: false), at: now) }
        tell("process \(lives) begins")
        process.start { [unowned self] in await live(process) }
    }

    /// With nothing but what is on the disk, and in the recorder unless the power was cut.
    private func kill(_ process: Process, isPowerCut: Bool? = nil, unheard: [ProcessStore.Operation] = []) {
        guard !process.isDead else { return }
        let isPowerCut = isPowerCut ?? chance.percent(30)
        deaths += 1
        steps += 1
        mix("death", now.milliseconds)
        tell(isPowerCut ? "the power is cut" : "process \(process.number) is killed")
        // One that had not settled what it found has left the recorder as it was.
        if process.isReady, let recorder = process.recorder { flown = recorder.left() }
        lastMark = mark
        if isPowerCut {
            restartMachine()
            flown = .absent(bootID: machine.bootID)
        }
        if regime.wallGap > 0, !isCalm, chance.once(in: 6) { turnWall() }
        if flaw == .losesMarks { forgetMark() }
        for attempt in tables.openIntentIDs {
            truths[attempt, default: Truth()].isOrphan = true
            if process.isReady || isPowerCut { truths[attempt]?.isWitnessed = !isPowerCut }
        }
        takeBackAll()
        process.die(unheard: unheard) { chance.below($0) }
        self.process = nil
        agenda.add(.start, at: now + .milliseconds(chance.within(50...30_000)))
    }

    /// A store that forgets what it was told of the clock.
    private func forgetMark() {
        do { try tables.isolated { try $0.setMeta("clock", "") } } catch { fail("the tables cannot be written: \(error)") }
        tables.commit()
    }

    /// As `Engine.run` does, on this world's time.
    private func live(_ process: Process) async {
        let engine = process.engine
        do {
            _ = try await engine.recover()
            process.isReady = true
            engine.open(chance.percent(50))
            while !process.isDead {
                let step: Engine.Step
                do {
                    step = try await engine.step(events: 1 + chance.below(64), isAhead: chance.percent(50))
                } catch StoreError.full {
                    idle(process, until: now + .seconds(1))
                    await engine.work.wait()
                    continue
                }
                guard !process.isDead else { break }
                guard step.isAll || !step.hasMoved else { continue }
                let time = process.clock.now()
                let delivery = step.next.delivery.flatMap { step.isFull && $0 <= time ? nil : $0 }
                let due = [delivery, step.next.timer].compactMap(\.self).min()
                idle(process, until: due.map { now + max($0 - time, .milliseconds(1)) })
                await engine.work.wait()
                process.isIdle = false
            }
        } catch StoreError.full where !process.isReady {
            // As a start that failed: the supervisor tries again.
            process.failure = nil
            lastMark = mark
            agenda.add(.start, at: now + .seconds(5))
            process.isDead = true
        } catch {
            if !process.isDead { process.failure = "\(error)" }
        }
    }

    private func idle(_ process: Process, until moment: Timestamp?) {
        (process.isIdle, process.idleSince, process.wake) = (true, now, moment)
    }

    // MARK: Hand over

    func handOver(_ telling: Telling) -> Int {
        handedOver += 1
        tellings[handedOver] = telling
        return handedOver
    }
    func takeBackTelling(_ number: Int) -> Telling? { tellings.removeValue(forKey: number) }

    func handOver(_ producing: Producing) -> Int {
        handedOver += 1
        producings[handedOver] = producing
        return handedOver
    }
    func takeBackProducing(_ number: Int) -> Producing? { producings.removeValue(forKey: number) }

    /// Nobody has answered: they come again.
    private func takeBackAll() {
        for (_, telling) in tellings.sorted(by: { $0.key < $1.key }) { agenda.add(.receipt(telling), at: now + .seconds(30)) }
        for (_, producing) in producings.sorted(by: { $0.key < $1.key }) {
            agenda.add(.event(producing), at: now + .milliseconds(chance.within(500...10_000)))
        }
        (tellings, producings) = ([:], [:])
    }

    // MARK: Calm

    private func calm(until isDone: () -> Bool, _ what: String) {
        guard broken == nil else { return }
        (isCalm, isFull, moods) = (true, false, [:])
        tell("calm until \(what)")
        if regime.wallGap > 0 { turnWall(chance.percent(60) ? .right : .steady) }
        resumeAll()
        var turns = 0
        while !isDone(), broken == nil {
            turns += 1
            if turns > 400_000 { return fail("nothing comes to its end: \(what)") }
            turn()
        }
    }

    private func excite() {
        isCalm = false
        for happening in put { agenda.add(happening, at: now + .seconds(chance.within(1...60))) }
        put = []
    }

    /// Nothing is on its way and nothing is due.
    private func isQuiet() -> Bool {
        guard let process, process.isReady, process.isIdle, process.store.waiting.isEmpty, journeys == 0, tables.openIntentIDs.isEmpty,
            tables.isEmptyOfEvents, tellings.isEmpty, producings.isEmpty
        else { return false }
        return tables.nextDue.map { $0 > time } ?? true
    }

    private func isOver() -> Bool { isQuiet() && agenda.isEmpty && tables.nextDue == nil }
}

/// Faults of the world's own, for tests of the simulator.
public enum Flaw: String, Sendable, CaseIterable {
    /// A provider that promises to know a key forgets it.
    case forgetsKeys = "forgets-keys"
    /// A store says that something is on the disk and it is not.
    case losesCommits = "loses-commits"
    /// A process goes by the wall clock.
    case trustsWallClock = "trusts-wall-clock"
    /// A store forgets with every end what it was told of the clock.
    case losesMarks = "loses-marks"
}

/// How hard a world is, for its whole length.
struct Regime {
    /// One death in so many happenings, and at so many commits; 0: none.
    var deaths, deathsAtCommits: Int
    /// Seconds between stories, on average.
    var gap: Int64
    /// Share of time that providers are ill, in percent.
    var illness: Int
    /// Seconds between two changes of the wall clock, on average; 0: it is always right.
    var wallGap: Int64

    init(_ chance: inout Chance) {
        (deaths, deathsAtCommits) = chance.pick([(0, 0), (2000, 1000), (500, 300), (150, 100)])
        gap = chance.pick([1, 10, 60, 600])
        illness = chance.pick([5, 30, 70])
        wallGap = chance.pick([0, 300, 3000, 10_000])
    }
}

/// Of everything that happened, in its order: FNV-1a over words.
struct TraceHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325
    mutating func mix(_ number: UInt64) {
        value = (value ^ number) &* 0x0000_0100_0000_01B3
        value ^= value >> 29
    }
    mutating func mix(_ word: String) { for byte in word.utf8 { mix(UInt64(byte)) } }
}

extension Happening {
    /// What waits while the world is calm.
    fileprivate var isTrouble: Bool {
        switch self {
        case .story, .mood, .person, .disk, .pause, .wall: true
        case .event, .depart, .arrive, .answer, .receipt, .start: false
        }
    }
}
