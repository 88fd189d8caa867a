public import Core

/// A gradual publication with what it has led to so far, beside what the texts before lead to.
public struct RolloutStanding: Sendable {
    /// The newest notices of each side, and how far back.
    private static let notices = 20_000
    private static let span = Duration.days(7)

    public var rollout: Rollout
    public var trial, base: RolloutGuard.Arm
    /// Why it has to stop; nil: nothing speaks against it.
    public var verdict: String?

    /// Of the one that runs; nil: none does.
    public static func running(in reader: any StoreReader, at now: Timestamp) throws -> RolloutStanding? {
        guard let rollout = try reader.revisionsInForce().trial, let base = rollout.base else { return nil }
        let since = now - span
        let (voices, oldest) = (try reader.voices(since: since), max(0, try reader.lastNotice() - 10 * NoticeID(notices)))
        func arm(_ revision: String, after notice: NoticeID) throws -> RolloutGuard.Arm {
            RolloutGuard.Arm(try reader.told(revision: revision, after: notice, since: since, limit: notices), voices)
        }
        let trial = try arm(rollout.revision, after: max(rollout.after, oldest))
        let before = try arm(base, after: oldest)
        return RolloutStanding(
            rollout: rollout, trial: trial, base: before, verdict: RolloutGuard.verdict(trial: trial, base: before))
    }
}
