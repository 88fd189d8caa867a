import Core
import Store
import Synchronization
import Transport

/// T1, T2 and T3 in one transaction: while nothing waits, a few events are accepted, decided and started with one flush and without a hand-over
/// between stages. The same work by the same stage; when it cannot be done here, the events are accepted alone and planned in their turn.
final class Through: Sendable {
    private let plan: PlanStage
    private let sender: Sender
    private let inboxChanges: Broadcast
    /// Told when something is left for the stages.
    private let work: Signal
    private let isOpen = Atomic(false)
    /// More at a time are a queue.
    private static let most = 8

    init(plan: PlanStage, sender: Sender, inboxChanges: Broadcast, work: Signal) {
        (self.plan, self.sender, self.inboxChanges, self.work) = (plan, sender, inboxChanges, work)
    }

    /// Open while the stages run: what is started is waited for at their end.
    func open(_ isOpen: Bool) { self.isOpen.store(isOpen, ordering: .sequentiallyConsistent) }

    /// Nil when nothing was done: the events are still to be accepted.
    func take(
        _ count: Int, _ accept: @escaping @Sendable (any StoreWriter) throws -> Intake.Batch
    ) async throws -> (filed: Intake.Batch, isPlanned: Bool)? {
        guard count <= Self.most else { return nil }
        let free = plan.slots.takeFree(atMost: count + Slots.few)
        // Only now: at the end the slots are waited for after this is closed.
        guard isOpen.load(ordering: .sequentiallyConsistent) else {
            plan.slots.giveBack(free.all)
            return nil
        }
        let (picks, flights) = (Picks(plan.dispatch.accounts), plan.recorder?.batch())
        do {
            let (filed, round) = try await plan.store.write { [plan] writer -> (Intake.Batch, PlanStage.Round?) in
                // Who waits comes first.
                let isNext = try writer.receivedHeads(limit: 1).isEmpty
                let filed = try accept(writer)
                guard isNext, !filed.new.isEmpty else { return (filed, nil) }
                let new = Dictionary(uniqueKeysWithValues: filed.new)
                return (filed, try plan.work(limit: new.count, isAhead: true, new: new, free: free, picks, flights: flights, writer))
            }
            if let round { finish(plan.kept(round, free: free, flights), left: round.left.count) } else { plan.slots.giveBack(free.all) }
            return (filed, isPlanned: round != nil)
        } catch {
            plan.undone(error, free: free, picks, flights)
            if let error = error as? StoreError, error.stopsStages { throw error }
            return nil
        }
    }

    private func finish(_ taken: PlanStage.Taken, left: Int) {
        sender.send(taken.open)
        if taken.events > 0 { inboxChanges.notify() }
        // The stages look at least once a second by themselves.
        let soon = plan.clock.now() + .seconds(1)
        if left > 0 || taken.isFull || plan.slots.isWanted || taken.next.timer.map({ $0 <= soon }) ?? false { work.notify() }
    }
}
