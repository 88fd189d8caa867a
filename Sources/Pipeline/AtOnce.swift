import Core
import Store

/// What leaves in the transaction that plans it: filed in flight, with its bytes in its notice's box. It never waits in a queue, so nothing has
/// to be written, found and opened a second time.
///
/// Only where nothing is overtaken: no delivery of the channel is due already, and there is a slot for each event of the batch. For one
/// transaction, on the store's thread.
final class AtOnce {
    private let dispatch: Dispatch
    private let picks: Picks
    private var left: [Channel: Int]
    /// What was started, to be sent after the commit.
    private(set) var open: [Dispatch.Open] = []

    /// - Parameters:
    ///   - free: the slots of channels on which nothing is due, for what is not high.
    ///   - events: how many are planned in this transaction.
    init(_ dispatch: Dispatch, _ picks: Picks, free: [Channel: Int], events: Int) {
        (self.dispatch, self.picks, left) = (dispatch, picks, free.filter { $0.value >= events })
    }

    /// The attempt of a delivery that was named and is not filed yet. Nil when it has to wait.
    func intent(for delivery: Delivery, of notice: Notice, now: Timestamp, _ writer: any StoreWriter) throws -> Dispatch.Intent? {
        guard left[delivery.channel, default: 0] > 0,
            let intent = try dispatch.intent(for: delivery, of: notice, picks, now: now, writer)
        else { return nil }
        left[delivery.channel, default: 0] -= 1
        return intent
    }

    /// Behind the decision in the log.
    func start(_ intent: Dispatch.Intent, now: Timestamp, _ writer: any StoreWriter) throws {
        intent.record(in: dispatch.flights)
        open.append(intent.open(as: try writer.start(intent.attempt, log: intent.log, at: now)))
    }
}
