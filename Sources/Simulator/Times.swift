import Core
import MemoryStore
import Pipeline
import Store

/// What a store holds of the clock.
struct Mark {
    var bootID: String
    var boot: Duration
    var time: Timestamp
}

/// The clocks of a world, and what has to hold of the time that its processes go by.
extension World {
    /// Clarion's time; while none runs, nobody's.
    var time: Timestamp { process?.clock.now() ?? now }

    // MARK: The wall clock

    /// Somebody or something sets the wall clock, or it goes wrong.
    func turnWall(_ turn: Machine.Turn) {
        machine.take(turn, at: now)
        tell("the wall clock: \(turn), it shows \(machine.wall(at: now))")
    }
    func turnWall() {
        let error = machine.error(at: now)
        turnWall(.any(&chance, isFar: error > .days(1) || error < .zero - .days(1)))
        // Where it is about to be followed.
        if chance.once(in: 3) { agenda.add(.disk(again: false), at: now + .minutes(10) + .milliseconds(chance.within(-2000...3000))) }
    }

    /// After a power cut most machines find the right time again. One that does not may show any.
    func restartMachine() {
        machine.restart(at: now)
        guard regime.wallGap > 0 else { return }
        let error = machine.error(at: now)
        if error > .days(1), !chance.once(in: 20) { return turnWall(.right) }
        if chance.percent(50) { turnWall(.right) } else if chance.percent(30) { turnWall() }
    }

    /// How long the loop may stand still by the clock alone. The real one compares both every second; in between nothing is to be seen while both go
    /// right, or stay as far from each other as they are.
    func glance(_ process: Process) -> Timestamp? {
        let since = process.idleSince
        if machine.changedAt >= since { return machine.changedAt + .seconds(1) }
        if machine.drift != 0 { return since + .seconds(abs(machine.drift) < 10 ? 30 : 10) }
        let ahead = machine.wall(at: now) - process.clock.now()
        switch ahead {
        case .zero: return nil
        case ...(.seconds(-2)): return since + TimeBook.look
        case ...(.seconds(2)): return since + .seconds(30)
        case ...(.days(1)): return since + .minutes(2)
        default: return nil
        }
    }

    // MARK: What has to hold

    func checkBeginning(_ process: Process) {
        let stored = tables.newestMoment
        var found = TimeBook.Found(bootID: process.bootID, wall: machine.wall(at: now), stored: stored)
        if let mark = lastMark, mark.bootID == process.bootID {
            found.markAge = machine.boot(at: now) - mark.boot
        }
        found.stored = [stored, lastMark?.time].compactMap(\.self).max()
        if let words = times.begin(process.clock.now(), at: now, found) { fail("the clock: \(words)") }
    }

    /// What is stored of the clock.
    var mark: Mark? {
        do {
            let words = try tables.meta("clock")?.split(separator: " ") ?? []
            let numbers = words.dropFirst().compactMap { Int64($0) }
            guard numbers.count >= 2 else { return nil }
            return Mark(bootID: String(words[0]), boot: .milliseconds(numbers[0]), time: Timestamp(milliseconds: numbers[1]))
        } catch {
            fail("the tables cannot be read: \(error)")
            return nil
        }
    }

    func checkTime() {
        guard let process, times.hasBegun, let words = times.note(process.clock.now(), at: now) else { return }
        fail("the clock: \(words)")
    }

    /// A commit has moved what waits.
    func checkStep(from: Timestamp, by span: Duration) {
        let (time, step) = (time, TimeBook.Step(from: from, by: span))
        mix("followed", span.milliseconds)
        tell("a step of \(span) is followed")
        if let words = times.follow(span, to: time, at: now) { fail("the clock: \(words)") }
        for timer in tables.armedTimers where !times.moved(timer, step, time, at: now) {
            fail("the clock: a step was followed, and \(timer.step.rawValue) of episode \(timer.episode) is due at \(timer.due)")
        }
        tables.forEachDeliveryUnderWay { delivery in
            if !times.moved(delivery, step, time, at: now) {
                fail("the clock: a step was followed, and delivery \(delivery.id) waits until \(delivery.nextAt ?? delivery.expires)")
            }
        }
    }

    func checkMoment(_ act: LogEntry.Act, _ moment: Timestamp, _ time: Timestamp) {
        if moment > time { fail("the clock: \(act.rawValue) is of \(moment), and it is \(time)") }
        if let floor = times.floor, moment < floor, !act.isOfArrival {
            fail("the clock: \(act.rawValue) is of \(moment), from before the step that was followed at \(floor)")
        }
    }

    func noteTimes(of delivery: DeliveryID, _ after: DeliveryState?, _ time: Timestamp) {
        if after == .inflight, !times.mayStart(delivery, at: now) {
            fail("the clock: delivery \(delivery) began before its time had passed")
        }
        if after == .expired, !times.mayExpire(delivery, at: now) {
            fail("the clock: delivery \(delivery) expired before its time had passed")
        }
        do { if let row = try tables.delivery(delivery) { times.take(row, time, at: now) } } catch {
            fail("the tables cannot be read: \(error)")
        }
    }
}

extension LogEntry.Act {
    /// Says when something came in or was done, and makes nothing due.
    fileprivate var isOfArrival: Bool { [.eventAccepted, .eventConflict, .account, .operator].contains(self) }
}
