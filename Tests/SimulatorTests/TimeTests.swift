import Core
import Testing

@testable import Simulator

private let start = Timestamp(seconds: 1_762_732_800)

/// The machine of a world. Pure values.
@Suite struct MachineTests {
    @Test("boot time counts what passes, whatever the wall clock shows, and begins again with a boot") func boots() {
        var machine = Machine(at: start)
        let (first, later) = (machine.bootID, start + .hours(2))
        machine.take(.set(Timestamp(seconds: 0)), at: start + .minutes(1))
        machine.take(.drift(100), at: start + .minutes(2))
        #expect(machine.boot(at: later) - machine.boot(at: start) == .hours(2))
        machine.restart(at: later)
        #expect(machine.boot(at: later) == machine.boot(at: later + .minutes(1)) - .minutes(1))
        #expect(machine.boot(at: later) < .minutes(1) && machine.bootID != first)
    }

    @Test("the wall clock is wrong by what it was set to and has gone wrong since, and keeps it over a boot") func wall() {
        var machine = Machine(at: start)
        #expect(machine.wall(at: start + .days(1)) == start + .days(1))
        machine.take(.step(.hours(1)), at: start)
        machine.take(.drift(-100), at: start)
        #expect(machine.error(at: start + .hours(1)) == .minutes(54))
        machine.restart(at: start + .hours(1))
        machine.take(.steady, at: start + .hours(2))
        #expect(machine.error(at: start + .days(9)) == .minutes(48))
        machine.take(.step(.zero - .minutes(50)), at: start + .days(9))
        #expect(machine.error(at: start + .days(9)) == .zero - .minutes(2))
        machine.take(.set(Timestamp(seconds: 7)), at: start + .days(10))
        #expect(machine.wall(at: start + .days(11)) == Timestamp(seconds: 7) + .days(1))
        machine.take(.right, at: start + .days(12))
        #expect(machine.wall(at: start + .days(13)) == start + .days(13))
    }
}

/// What a world holds Clarion's time to. Pure values.
@Suite struct TimeBookTests {
    private let timer = StoredTimer(step: .fallback, episode: 1, due: start + .hours(2))

    private func begun(_ time: Timestamp = start) -> TimeBook {
        var book = TimeBook()
        #expect(book.begin(time, at: start, TimeBook.Found(bootID: "a", wall: time)) == nil)
        return book
    }

    @Test("in one life the time is led by a hundredth of what has passed, and never goes back") func life() {
        for (time, holds) in [(990, true), (1010, true), (989, false), (1011, false)] {
            var book = begun()
            #expect((book.note(start + .milliseconds(Int64(time) * 1000), at: start + .seconds(1000)) == nil) == holds, "after \(time) s")
        }
        var book = begun()
        #expect(book.note(start + .seconds(100), at: start + .seconds(100)) == nil)
        #expect(book.note(start + .milliseconds(99_999), at: start + .seconds(100)) != nil)
    }

    @Test("a start goes on from its mark, or by the wall clock of another boot, never before what is stored") func starts() {
        let after = start + .hours(1)
        func begin(_ time: Timestamp, _ found: TimeBook.Found) -> String? {
            var book = begun()
            return book.begin(time, at: after, found)
        }
        let same = TimeBook.Found(bootID: "a", wall: after + .days(1), stored: start, markAge: .seconds(100))
        #expect(begin(after, same) == nil && begin(after + .seconds(1), same) == nil)
        #expect(begin(after + .days(1), same) != nil)
        let other = TimeBook.Found(bootID: "b", wall: after + .days(1), stored: start)
        #expect(begin(after + .days(1), other) == nil && begin(start, other) == nil)
        #expect(begin(start - .seconds(1), other) != nil && begin(after + .days(2), other) != nil)
    }

    @Test("what fires has waited as long as was said, but for the hundredth it may be led by") func early() {
        for (minutes, holds) in [(118, false), (119, true), (120, true)] {
            var book = begun()
            book.arm(timer, start, at: start)
            #expect(book.fire(timer, at: start + .minutes(minutes)) == holds, "after \(minutes) min")
        }
    }

    @Test("a step moves spans of time by as much, and what hangs on the calendar when it lies inside") func steps() {
        func holds(_ step: StoredTimer.Step, due: Duration, moved: Duration) -> Bool {
            var book = begun()
            let armed = StoredTimer(step: step, episode: 1, due: start + due)
            book.arm(armed, start, at: start)
            book.nextCommit()
            #expect(book.follow(.hours(1), to: start + .hours(1), at: start) == nil)
            let now = StoredTimer(step: step, episode: 1, due: armed.due + moved)
            return book.moved(now, TimeBook.Step(from: start, by: .hours(1)), start + .hours(1), at: start)
        }
        #expect(holds(.fallback, due: .hours(2), moved: .hours(1)) && !holds(.fallback, due: .hours(2), moved: .zero))
        #expect(holds(.promise, due: .hours(2), moved: .zero) && !holds(.promise, due: .hours(2), moved: .hours(1)))
        #expect(holds(.promise, due: .minutes(30), moved: .hours(1)) && !holds(.promise, due: .minutes(30), moved: .zero))
        #expect(holds(.fallback, due: .zero, moved: .zero) && !holds(.fallback, due: .zero, moved: .hours(1)))
    }

    @Test("a step that moves the time by another span than what waits is found") func follows() {
        var book = begun()
        #expect(book.follow(.hours(1), to: start, at: start) != nil)
    }
}
