import Core
import Synchronization
import Terminal
import Testing

@testable import App

struct TurnWatchTests {
    private func told(_ turns: [Int], isVerbose: Bool) async -> [String] {
        let (stream, source) = AsyncStream<Duration>.makeStream()
        for turn in turns { source.yield(.milliseconds(turn)) }
        source.finish()
        let lines = Lines()
        let look = Look(screen: Screen(isTerminal: false), times: TimeFormat(.utc, zones: SystemZones()))
        let console = Console(form: .human, look: look, errorLook: look) { text, _ in lines.add(text) }
        await TurnWatch(turns: stream, isVerbose: isVerbose, console: console).run()
        return lines.all
    }
    private final class Lines: Sendable {
        private let state = Mutex<[String]>([])
        func add(_ line: String) { state.withLock { $0.append(line) } }
        var all: [String] { state.withLock { $0 } }
    }

    @Test("a turn of more than 50 ms is told with its length when it happens") func tells() async {
        #expect(
            await told([3, 50, 51, 412], isVerbose: false)
                == [51, 412].map { "warning: the send loop did not look at its sockets for \($0) ms\n" })
        #expect(await told([3, 50, 51], isVerbose: true).map { $0.prefix(5) } == ["note:", "note:", "warni"])
    }
}
