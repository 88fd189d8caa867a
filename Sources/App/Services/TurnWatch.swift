import Core
import ServiceLifecycle
import Terminal

/// Says when the send loop was longer away from its sockets than ever before, as it happens: a process that is killed says nothing at its end.
struct TurnWatch: Service {
    /// Longer is a fault: so long every answer waited.
    static let limit = Duration.milliseconds(50)

    /// `Transport.longestTurns`.
    var turns: AsyncStream<Duration>
    /// Also what is no fault.
    var isVerbose = false
    var console: Console

    func run() async {
        for await turn in turns.cancelOnGracefulShutdown() {
            guard let words = words(for: turn) else { continue }
            // A reader of stderr that went away does not stop a worker.
            do { try console.note(words) } catch { return }
        }
    }

    private func words(for turn: Duration) -> String? {
        let words = "the send loop did not look at its sockets for \(Int(turn / .milliseconds(1))) ms"
        return turn > Self.limit ? "warning: \(words)" : isVerbose ? "note: \(words)" : nil
    }
}
