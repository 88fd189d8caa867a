import Core

/// What has ended on one loop and was not handed over yet. Loop thread only.
final class Results {
    private var done: [Completion] = []
    /// Ended since the inbox was told.
    private var ended = 0

    func add(_ order: Order, _ result: TransferResult, after elapsed: Duration = .zero) {
        ended += 1
        if let completion = order.end(result, after: elapsed) { done.append(completion) }
    }

    func takeCount() -> Int {
        defer { ended = 0 }
        return ended
    }

    /// One call for all of a turn.
    func handOver(to handler: Inbox.Handler?) {
        guard !done.isEmpty else { return }
        let batch = done
        done = []
        done.reserveCapacity(batch.count)
        handler?(batch)
    }
}
