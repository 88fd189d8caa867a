public import Core

/// What a transaction changed of what has states, in the order it did, with where it stood before; nil: it is new.
public enum Change: Sendable {
    case event(EventSeq, from: Disposition?, to: Disposition)
    case notice(NoticeID)
    case delivery(DeliveryID, from: DeliveryState?, to: DeliveryState)
    case attempt(AttemptID, from: AttemptState?, to: AttemptState)
    /// Why it may leave: how its episode stood in that moment, nil for staff.
    case intent(AttemptID, stage: NoticeStage, isOfThisVersion: Bool, episode: Episode.Status?)
    /// From armed to armed: it is due at another moment.
    case timer(StoredTimer, from: StoredTimer.State?)
    /// A delivery stays where it stands, and its moments are others.
    case moved(DeliveryID)
    /// Everything that waits, at that moment and by that much.
    case postponed(from: Timestamp, by: Duration)
    case log(LogEntry.Act, at: Timestamp)
}
