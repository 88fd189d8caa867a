import Synchronization

/// The live streams of one listener: how many there are, what wakes them, and the end of all when the server stops.
final class Streams: Sendable {
    private struct State {
        var hasEnded = false
        var next = 0
        var open: [Int: (customer: String, wake: AsyncStream<Void>.Continuation)] = [:]
        var byCustomer: [String: Int] = [:]
    }
    /// A stream that was quiet for so long says that it lives.
    let beat: Duration
    private let most, mostOfOne: Int
    private let state = Mutex(State())

    init(most: Int, mostOfOne: Int, beat: Duration) { (self.most, self.mostOfOne, self.beat) = (most, mostOfOne, beat) }

    /// One stream's place. It is free again when nobody holds it: also when the answer was never written.
    final class Seat: Sendable {
        /// Any number of ticks while the stream is busy count as one.
        let ticks: AsyncStream<Void>
        private let leave: @Sendable () -> Void
        fileprivate init(_ ticks: AsyncStream<Void>, leave: @escaping @Sendable () -> Void) { (self.ticks, self.leave) = (ticks, leave) }
        deinit { leave() }
    }

    enum Answer {
        case open(Seat)
        case tooManyOfOne
        case full
    }

    func open(for customer: String) -> Answer {
        let (ticks, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let taken = state.withLock { state -> Result<Int, Crowded> in
            guard !state.hasEnded, state.open.count < most else { return .failure(.full) }
            guard state.byCustomer[customer, default: 0] < mostOfOne else { return .failure(.ofOne) }
            state.next += 1
            state.open[state.next] = (customer, wake)
            state.byCustomer[customer, default: 0] += 1
            return .success(state.next)
        }
        switch taken {
        case .failure(.full): return .full
        case .failure(.ofOne): return .tooManyOfOne
        case .success(let number): return .open(Seat(ticks) { [weak self] in self?.close(number) })
        }
    }

    private enum Crowded: Error { case full, ofOne }

    private func close(_ number: Int) {
        state.withLock { state in
            guard let (customer, _) = state.open.removeValue(forKey: number), let count = state.byCustomer[customer] else { return }
            state.byCustomer[customer] = count > 1 ? count - 1 : nil
        }
    }

    /// Every stream looks for news, or says that it lives.
    func tick() {
        for wake in state.withLock({ $0.open.values.map(\.wake) }) { wake.yield() }
    }

    /// Every stream ends, and no other is opened.
    func finish() {
        let all = state.withLock { state in
            state.hasEnded = true
            return state.open.values.map(\.wake)
        }
        for wake in all { wake.finish() }
    }

    /// Streams that are open now.
    var count: Int { state.withLock { $0.open.count } }
}
