import Core
import Store
import Synchronization

/// Receipts that came before the answer they belong to, as far as T4 has to know: while there are none it looks for none.
final class EarlyReceipts: Sendable {
    struct Try: Hashable {
        var delivery: DeliveryID
        var number: Int
    }
    struct Name: Hashable {
        var account, reference: String
    }
    private struct State {
        /// In flight, and a receipt is there.
        var expected: Set<Try> = []
        /// Names of messages that nobody knows yet, of accounts whose receipts go by the provider's own.
        var parked: Set<Name> = []
        /// More than are kept here: then every acceptance is looked up.
        var isOverfull = false
    }
    static let limit = 4096
    /// Written by T5, inside its transaction; read by T4 inside its own. A transaction that is undone leaves a name behind, which costs a look.
    private let state = Mutex(State())

    func expect(_ delivery: Delivery) { state.withLock { _ = $0.expected.insert(Try(delivery: delivery.id, number: delivery.tries)) } }
    func isExpected(_ delivery: Delivery) -> Bool {
        state.withLock { !$0.expected.isEmpty && $0.expected.contains(Try(delivery: delivery.id, number: delivery.tries)) }
    }
    /// After the commit that looked.
    func forget(_ deliveries: some Sequence<Delivery>) {
        state.withLock { state in
            guard !state.expected.isEmpty else { return }
            for delivery in deliveries { state.expected.remove(Try(delivery: delivery.id, number: delivery.tries)) }
        }
    }

    func park(_ reference: String, of account: String) {
        state.withLock { state in
            if state.parked.count < Self.limit {
                state.parked.insert(Name(account: account, reference: reference))
            } else {
                state.isOverfull = true
            }
        }
    }
    func mayHold(_ reference: String, of account: String) -> Bool {
        state.withLock { state in
            guard state.isOverfull || !state.parked.isEmpty else { return false }
            return state.isOverfull || state.parked.contains(Name(account: account, reference: reference))
        }
    }
}
