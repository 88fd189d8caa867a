import Synchronization

/// Says that a worker is ready once all its listeners are: who has read it may come by any of them.
final class Readiness: Sendable {
    private let state: Mutex<(missing: Int, port: Int)>
    private let ready: @Sendable (_ port: Int) async -> Void

    /// - Parameter ready: called once, with the one port that is none of 0.
    init(listeners: Int, ready: @escaping @Sendable (_ port: Int) async -> Void) {
        state = Mutex((listeners, 0))
        self.ready = ready
    }

    /// One of them takes requests now; `port` is 0 for one that has none.
    func arrived(port: Int) async {
        let port = state.withLock { state -> Int? in
            (state.missing, state.port) = (state.missing - 1, max(state.port, port))
            return state.missing == 0 ? state.port : nil
        }
        if let port { await ready(port) }
    }
}
