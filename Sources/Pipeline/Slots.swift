import Core
import Synchronization

/// How many attempts of each channel may be open at a time: an intent takes a slot, the commit of its outcome gives it back. Each channel has
/// its own, so that a slow one holds up no other.
final class Slots: Sendable {
    private struct State {
        var taken: [Channel: Int] = [:]
        var total = 0
        /// Somebody found too few.
        var isWanted = false
        var idle: [CheckedContinuation<Void, Never>] = []
    }
    /// A commit for fewer would cost more than it brings.
    static let few = 16
    private let capacity: [Channel: Int]
    private let state = Mutex(State())

    init(_ capacity: [Channel: Int]) { self.capacity = capacity }

    /// Takes every slot that is free, or so many of each channel; who needs fewer gives the rest back.
    func takeFree(atMost limit: Int = .max) -> [Channel: Int] {
        state.withLock { state in
            var free: [Channel: Int] = [:]
            for (channel, most) in capacity {
                let left = min(limit, most - state.taken[channel, default: 0])
                guard left > 0 else { continue }
                free[channel] = left
                state.taken[channel, default: 0] += left
                state.total += left
            }
            return free
        }
    }

    /// For how many events there is room, and for how many beside the channels that are about full; `limit` when none is in use. A channel that
    /// has no slots for a whole batch is left out: its deliveries wait in the store.
    func room(limit: Int) -> (all: Int, others: Int) {
        state.withLock { state in
            var room = (all: limit, others: limit)
            var hasOthers = false
            for (channel, most) in capacity {
                guard let taken = state.taken[channel], taken > 0, most >= limit else { continue }
                let left = most - taken
                guard left >= Self.few else {
                    room.all = 0
                    continue
                }
                room = (min(room.all, left), min(room.others, left))
                hasOthers = true
            }
            return hasOthers || room.all > 0 ? room : (0, 0)
        }
    }

    /// Returns whether somebody waits for them.
    @discardableResult
    func giveBack(_ slots: [Channel: Int]) -> Bool {
        let (idle, isWanted) = state.withLock { state -> ([CheckedContinuation<Void, Never>], Bool) in
            for (channel, n) in slots {
                state.taken[channel, default: 0] -= n
                state.total -= n
            }
            guard state.total == 0 else { return ([], state.isWanted) }
            defer { state.idle = [] }
            return (state.idle, state.isWanted)
        }
        for waiter in idle { waiter.resume() }
        return isWanted
    }

    /// Whether the next that is given back is to be told of.
    func want(_ isWanted: Bool) { state.withLock { $0.isWanted = isWanted } }

    /// Returns when nothing is open, with how many were when it was called.
    func drained() async -> Int {
        let taken = state.withLock { $0.total }
        guard taken > 0 else { return 0 }
        await withCheckedContinuation { waiter in
            let isIdle = state.withLock { state in
                if state.total > 0 { state.idle.append(waiter) }
                return state.total == 0
            }
            if isIdle { waiter.resume() }
        }
        return taken
    }
}
