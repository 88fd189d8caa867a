import Synchronization

/// Opens once; whoever waits for it goes on, then and ever after.
final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Whether the store may go on. Once broken, for ever broken: a process that goes on after a failed flush acknowledges what is not there.
final class Health: Sendable {
    private let state = Mutex<StoreError?>(nil)
    var failure: StoreError? { state.withLock { $0 } }
    func fail(_ error: StoreError) {
        guard error.isFatal else { return }
        state.withLock { state in if state == nil { state = error } }
    }
}
