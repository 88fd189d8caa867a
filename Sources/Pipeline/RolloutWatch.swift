import Core
package import Store

/// Looks at what a gradual publication leads to, and ends it when that is worse than before.
package final class RolloutWatch: Sendable {
    private static let round = Duration.minutes(1)

    private let store: any Store
    private let clock: any Clock
    private let texts: Texts
    private let staff: StaffDesk
    private let mode: Mode

    init(store: any Store, clock: any Clock, texts: Texts, staff: StaffDesk, mode: Mode) {
        (self.store, self.clock, self.texts, self.staff, self.mode) = (store, clock, texts, staff, mode)
    }

    /// Until the task is cancelled.
    func run() async throws {
        while !Task.isCancelled {
            do { _ = try await look() } catch StoreError.full {} catch is CancellationError { return }
            do { try await Task.sleep(for: Self.round) } catch { return }
        }
    }

    /// What the publication that runs has led to; nil: none runs. Where something speaks against it, it is over when this returns.
    @discardableResult
    package func look() async throws -> RolloutStanding? {
        let now = clock.now()
        guard let look = try await store.read({ try RolloutStanding.running(in: $0, at: now) }) else { return nil }
        guard let verdict = look.verdict, !PlantedBug.keepsBadTexts.isActive else { return look }
        let isStopped = try await store.write { [staff, mode] writer in
            guard var running = try writer.revisionsInForce().trial, running.id == look.rollout.id else { return false }
            (running.state, running.changedAt, running.who, running.reason) = (.stopped, now, "clarion", verdict)
            _ = try writer.save(running)
            try Desk.note(running.revision, "stopped", TemplateRevision.Act(at: now, who: "clarion", reason: verdict), writer)
            _ = try writer.insert(
                ReviewItem(
                    cause: .texts, order: nil, kind: nil, detail: "texts \(running.revision) were stopped: \(verdict)", openedAt: now))
            var facts = Facts()
            facts.set(.reason, PlainText(verdict))
            try staff.tell(Finding(.texts, subject: running.revision, facts: facts), mode: mode, now: now, writer)
            return true
        }
        if isStopped { try await texts.load(from: store, at: now) }
        return look
    }
}
