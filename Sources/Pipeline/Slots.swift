import Core
import Synchronization

/// Slots that were taken and not used yet.
struct FreeSlots: Sendable, Equatable {
    var all: [Channel: Int] = [:]
    /// Of these, how many may go to what is not high.
    var others: [Channel: Int] = [:]

    /// What is left after these were started.
    func without(_ open: [Dispatch.Open]) -> Self {
        open.reduce(into: self) { free, item in
            let channel = item.delivery.channel
            free.all[channel, default: 0] -= 1
            free.others[channel] = min(free.others[channel, default: 0], free.all[channel, default: 0])
        }
    }
}

/// How many attempts of each channel may be open at a time: an intent takes a slot, the commit of its outcome gives it back. Each channel has
/// its own, so that a slow one holds up no other.
final class Slots: Sendable {
    private struct State {
        var taken: [Channel: Int] = [:]
        var total = 0
        /// What came back to a channel since it was looked at while it was about full.
        var returned: [Channel: (since: ContinuousClock.Instant, count: Int)] = [:]
        /// None is given.
        var isClosed = false
        /// Somebody found too few.
        var isWanted = false
        var idle: [CheckedContinuation<Void, Never>] = []
    }
    /// A commit for fewer would cost more than it brings.
    static let few = 16
    /// A channel to which so few come back in this time is slow.
    private static let patience = Duration.milliseconds(50)
    /// How long a channel that is about full is waited for while others have room.
    private static let courtesy = Duration.milliseconds(10)
    private let capacity: [Channel: Int]
    /// Beside these, for what is high alone.
    private let reserved: [Channel: Int]
    private let state = Mutex(State())

    init(_ capacity: [Channel: Int], reserved: [Channel: Int] = [:]) { (self.capacity, self.reserved) = (capacity, reserved) }

    /// Takes every slot that is free, or so many of each channel; who needs fewer gives the rest back.
    func takeFree(atMost limit: Int = .max) -> FreeSlots {
        state.withLock { state in
            var free = FreeSlots()
            guard !state.isClosed else { return free }
            for (channel, most) in capacity {
                let left = most - state.taken[channel, default: 0]
                let all = min(limit, left + reserved[channel, default: 0])
                guard all > 0 else { continue }
                (free.all[channel], free.others[channel]) = (all, max(0, min(limit, left)))
                state.taken[channel, default: 0] += all
                state.total += all
            }
            return free
        }
    }

    /// While it is closed nothing is started; what is open comes back.
    func close(_ isClosed: Bool) { state.withLock { $0.isClosed = isClosed } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// What planning has to know.
    struct Room: Equatable {
        /// For so many events the channels that are in use have slots, those left out that have very few or are slow.
        var events: Int
        /// Until then a channel that is about full is given time.
        var waits: ContinuousClock.Instant?
        /// Every channel that is in use is slow.
        var isNone = false
    }

    /// - Parameter since: when planning stopped for want of room.
    func room(limit: Int, since: ContinuousClock.Instant, now: ContinuousClock.Instant = .now) -> Room {
        state.withLock { state in
            var room = Room(events: limit)
            var (free, slow) = (0, 0)
            for (channel, most) in capacity {
                guard let taken = state.taken[channel], taken > 0, most >= 2 * Self.few else { continue }
                guard most - taken < Self.few else {
                    room.events = min(room.events, most - taken)
                    state.returned[channel] = nil
                    free += 1
                    continue
                }
                if state.returned[channel].map({ $0.count >= Self.few }) ?? true { state.returned[channel] = (now, 0) }
                guard let until = state.returned[channel].map({ $0.since + Self.patience }), until > now else {
                    slow += 1
                    continue
                }
                room.waits = min(room.waits ?? until, until)
            }
            // What needs a channel that has room is not held up for long.
            if free > 0, let until = room.waits {
                let soon = since + Self.courtesy
                room.waits = soon > now ? min(until, soon) : nil
            }
            room.isNone = free == 0 && slow > 0 && room.waits == nil
            return room
        }
    }

    /// Returns whether somebody waits for them.
    @discardableResult
    func giveBack(_ slots: [Channel: Int]) -> Bool {
        let (idle, isWanted) = state.withLock { state -> ([CheckedContinuation<Void, Never>], Bool) in
            for (channel, n) in slots {
                state.taken[channel, default: 0] -= n
                state.total -= n
                state.returned[channel]?.count += n
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
    var isWanted: Bool { state.withLock { $0.isWanted } }

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
