public import Core

/// What a transaction changed of what has states, in the order it did, with where it stood before; nil: it is new.
public enum Change: Sendable {
    case event(EventSeq, from: Disposition?, to: Disposition)
    case notice(NoticeID)
    case delivery(DeliveryID, from: DeliveryState?, to: DeliveryState)
    case attempt(AttemptID, from: AttemptState?, to: AttemptState)
    /// Why it may leave: how its episode stood in that moment, nil for staff.
    case intent(AttemptID, stage: NoticeStage, isOfThisVersion: Bool, episode: Episode.Status?)
    case timer(StoredTimer, from: StoredTimer.State?)
    case log(LogEntry.Act, order: OrderNumber?, delivery: DeliveryID?)
}
