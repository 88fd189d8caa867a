import Core
import Synchronization

/// Events as they were read when they came in, until they are planned: opening and reading the stored bytes once more would cost as much as
/// deciding. Bounded; what is not here is read from the store, so nothing depends on it.
public final class FreshEvents: Sendable {
    private let events = Mutex<[EventSeq: Event]>([:])
    private static let limit = 16_384

    public init() {}

    /// After the commit that holds them.
    func keep(_ accepted: [(EventSeq, Event)]) {
        events.withLock { events in
            for (seq, event) in accepted.prefix(Self.limit - events.count) { events[seq] = event }
        }
    }

    func forget() { events.withLock { $0.removeAll() } }

    /// Handed out once.
    func take(_ seq: EventSeq) -> Event? { events.withLock { $0.removeValue(forKey: seq) } }
}
