@preconcurrency import Dispatch
import Glibc
import Synchronization
import Terminal

/// SIGINT and SIGTERM as a person means them: the first asks to finish what was begun, a second one ends the process at once with 128 and
/// the signal's number, whatever hangs. Ending at once has the guarantees of a kill: the next start settles what was open.
///
/// Both are listened to from the moment one of these is made until the process ends: make it before anything is begun.
final class Interrupt: Sendable {
    private let heard = Atomic<Int>(0)
    private let signals: AsyncStream<Int32>
    private let sources: [DispatchSource]

    init() {
        let (signals, continuation) = AsyncStream<Int32>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let queue = DispatchQueue(label: "clarion.interrupt")
        let count = Count()
        sources = [SIGINT, SIGTERM].map { number in
            // Dispatch always makes this class.
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue) as! DispatchSource
            let isRegistered = DispatchSemaphore(value: 0)
            source.setRegistrationHandler { isRegistered.signal() }
            source.setEventHandler {
                guard count.isFirst() else { _exit(128 + number) }
                continuation.yield(number)
            }
            source.resume()
            isRegistered.wait()
            return source
        }
        self.signals = signals
    }

    /// Whether nobody has asked yet to finish.
    var isQuiet: Bool { heard.load(ordering: .relaxed) == 0 }

    /// Waits for the first signal and says what a second one does. False when the task was cancelled before one came.
    @discardableResult
    func wait(_ console: Console, saying words: String = "Finishing what was begun; Ctrl-C again ends at once.") async -> Bool {
        for await _ in signals {
            heard.store(1, ordering: .relaxed)
            // Whoever reads stderr may be gone; the work is finished all the same.
            do { if !words.isEmpty { try console.note(words) } } catch { return true }
            return true
        }
        return false
    }

    /// Runs `body`; at the first signal `finish` is called, and `body` goes on to its end.
    func during<Result: Sendable>(
        _ console: Console, finish: @escaping @Sendable () async -> Void, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        let watch = Task { if await wait(console) { await finish() } }
        do {
            let result = try await body()
            watch.cancel()
            await watch.value
            return result
        } catch {
            watch.cancel()
            await watch.value
            throw error
        }
    }

    /// Signals so far. Used by the queue of the sources alone.
    private final class Count: Sendable {
        private let seen = Atomic<Int>(0)
        func isFirst() -> Bool { seen.wrappingAdd(1, ordering: .relaxed).oldValue == 0 }
    }
}
