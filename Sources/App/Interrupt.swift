import Dispatch
import Glibc
import Pipeline
import Synchronization

/// Ctrl-C as a flag and a wake-up: a command that follows something ends in order instead of being cut off.
final class Interrupt: Sendable {
    private let raised = Mutex(false)
    private let woken = Signal()
    // Made in `init`, cancelled in `deinit`; in between only libdispatch touches them.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    /// Takes SIGINT and SIGTERM over for the rest of the process.
    init() {
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        for source in sources {
            source.setEventHandler { [weak self] in self?.raise() }
            source.resume()
        }
    }

    deinit { for source in sources { source.cancel() } }

    var isRaised: Bool { raised.withLock { $0 } }

    func raise() {
        raised.withLock { $0 = true }
        woken.notify()
    }

    /// Returns after `span`, or as soon as the signal came.
    func wait(atMost span: Duration) async { await woken.wait(atMost: span) }
}
