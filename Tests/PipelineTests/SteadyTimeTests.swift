import Core
import Testing

@testable import Pipeline

/// Clarion's time beside the machine's two clocks. Pure values.
@Suite struct SteadyTimeTests {
    private let start = ClockReading(wall: World.noon, boot: .seconds(100))

    /// A machine and the time on it.
    private struct Bench {
        var reading: ClockReading
        var time: SteadyTime
        var news: [SteadyTime.News] = []

        init(_ reading: ClockReading, _ stored: StoredTime = StoredTime(), bootID: String = "b") {
            self.reading = reading
            let (time, news) = SteadyTime.beginning(at: reading, bootID: bootID, stored)
            self.time = time
            note(news)
        }

        private mutating func note(_ news: SteadyTime.News?) { if let news, news != .mark { self.news.append(news) } }

        var now: Timestamp { mutating get { time.now(at: reading.boot) } }
        mutating func pass(seconds: Int, perMille: Int = 0) {
            for _ in 0..<seconds {
                reading.boot += .seconds(1)
                reading.wall = reading.wall + .milliseconds(1000 + perMille)
                note(time.tick(reading))
            }
        }
        mutating func step(_ by: Duration) { reading.wall = reading.wall + by }
    }

    @Test("a right clock is followed, and one that is a little off too") func follows() {
        var bench = Bench(start)
        bench.pass(seconds: 3600, perMille: 5)
        let now = bench.now
        #expect(bench.reading.wall - now < .milliseconds(20))
        #expect(bench.news.isEmpty)
    }

    @Test("what is off by less than 2 s is led back by a hundredth of the time", arguments: [-1500, 1500]) func leads(ms: Int) {
        var bench = Bench(start)
        bench.step(.milliseconds(ms))
        bench.pass(seconds: 10)
        var now = bench.now
        #expect((now - World.noon - .seconds(10)).magnitude == .milliseconds(100))
        bench.pass(seconds: 200)
        now = bench.now
        #expect(now == bench.reading.wall && bench.news.isEmpty)
    }

    @Test("a step is told once and not followed for ten minutes", arguments: [3, 3600, 86_400, 315_000_000, -3, -3600, -1_763_000_000])
    func step(seconds: Int) {
        var bench = Bench(start)
        bench.pass(seconds: 5)
        bench.step(.seconds(seconds))
        bench.pass(seconds: 590)
        let now = bench.now
        #expect(now == World.noon + .seconds(595))
        #expect(bench.news == [.step(by: .seconds(seconds), ahead: .seconds(seconds))])
    }

    @Test("forward it is followed then, by a day at most, and by more at the next start", arguments: [3600, 86_400, 86_500, 315_000_000])
    func forward(seconds: Int) throws {
        var bench = Bench(start)
        bench.step(.seconds(seconds))
        bench.pass(seconds: 601)
        let isByItself = seconds <= 86_400
        #expect(bench.news.dropFirst() == (isByItself ? [.follow(.seconds(seconds))] : []))
        let mark = bench.time.mark(at: bench.reading, bootID: "b")
        var next = Bench(bench.reading, StoredTime(mark: mark, newest: bench.now))
        #expect(next.news == [.follow(.seconds(seconds))])
        next.time.follow(.seconds(seconds))
        let now = next.now
        #expect(now == next.reading.wall)
        next.pass(seconds: 700)
        #expect(next.news.count == 1)
    }

    @Test("what could not be written down is not followed") func takenBack() {
        var bench = Bench(start)
        bench.pass(seconds: 10)
        for step in [Duration.hours(1), .zero - .hours(1)] {
            bench.time.follow(step)
            _ = bench.now
        }
        let now = bench.now
        #expect(now == World.noon + .seconds(10))
    }

    @Test("back it is never followed: the time goes a hundredth slower until both meet") func back() {
        var bench = Bench(start)
        bench.step(.seconds(-30))
        bench.pass(seconds: 600)
        var last = bench.now
        #expect(last == World.noon + .seconds(600))
        for _ in 0..<310 {
            bench.pass(seconds: 10)
            let now = bench.now
            #expect(now >= last && now - last >= .milliseconds(9900))
            last = now
        }
        #expect(last == bench.reading.wall && bench.news.count == 1)
    }

    @Test("a step that is taken back leaves the time as it was") func undone() {
        var bench = Bench(start)
        bench.step(.hours(5))
        bench.pass(seconds: 300)
        bench.step(.zero - .hours(5))
        bench.pass(seconds: 900)
        let now = bench.now
        #expect(now == bench.reading.wall && bench.news.count == 2)
    }

    @Test("a clock that goes wrong all the time is never followed, and told once", arguments: [100, -100]) func drifts(perMille: Int) {
        var bench = Bench(start)
        bench.pass(seconds: 7200, perMille: perMille)
        let now = bench.now
        #expect((now - World.noon - .seconds(7200)).magnitude < .seconds(1))
        #expect(bench.news.count == 1)
    }

    @Test("a start on the same boot goes on as if there had been no end", arguments: [-3600, 0, 3600]) func sameBoot(seconds: Int) {
        var bench = Bench(start)
        bench.pass(seconds: 10)
        let mark = bench.time.mark(at: bench.reading, bootID: "b")
        bench.reading.boot += .seconds(500)
        bench.step(.seconds(500 + seconds))
        var next = Bench(bench.reading, StoredTime(mark: mark, newest: mark.time))
        var now = next.now
        #expect(now == World.noon + .seconds(510))
        #expect(next.news == (seconds == 0 ? [] : [.step(by: .seconds(seconds), ahead: .seconds(seconds))]))
        // What was told is not told again.
        next.pass(seconds: 61)
        #expect(next.news.count == (seconds == 0 ? 0 : 1))
        var last = Bench(next.reading, StoredTime(mark: next.time.mark(at: next.reading, bootID: "b"), newest: now))
        now = last.now
        #expect(now == World.noon + .seconds(571) && last.news.isEmpty)
    }

    @Test("after another boot the wall clock is believed, but for what lies before the last stored moment", arguments: [-3600, 3600])
    func otherBoot(seconds: Int) {
        let newest = World.noon + .minutes(1)
        let mark = ClockMark(bootID: "a", boot: .seconds(9000), time: World.noon, wall: World.noon, since: nil)
        let reading = ClockReading(wall: newest + .seconds(seconds), boot: .seconds(5))
        var bench = Bench(reading, StoredTime(mark: mark, newest: newest))
        var now = bench.now
        #expect(now == newest + .seconds(max(0, seconds)))
        bench.pass(seconds: 60)
        now = bench.now
        #expect(now == newest + .seconds(max(0, seconds) + 60))
    }

    @Test("a mark is read as it was written", arguments: [nil, Duration.seconds(7)]) func text(since: Duration?) {
        let mark = ClockMark(
            bootID: "b", boot: .milliseconds(1234), time: Timestamp(milliseconds: 5), wall: Timestamp(milliseconds: -6), since: since)
        #expect(ClockMark(text: mark.text) == mark)
        for text in ["", "b", "b 1 2", "b 1 2 x", "b 1 2 3 4 5"] { #expect(ClockMark(text: text) == nil) }
    }
}
