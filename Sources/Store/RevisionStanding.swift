public import Core

/// A kept revision with its last publication, as every face shows it.
public struct RevisionStanding: Sendable, Equatable {
    public var revision: TemplateRevision
    /// The last one; nil: it was never published.
    public var rollout: Rollout?
    public var isInForce: Bool

    public static func all(in reader: any StoreReader, limit: Int) throws -> [RevisionStanding] {
        let (inForce, rollouts) = (try reader.revisionsInForce(), try reader.rollouts(limit: 1000))
        return try reader.templateRevisions(limit: limit).map { revision in
            RevisionStanding(
                revision: revision, rollout: rollouts.first { $0.revision == revision.revision },
                isInForce: inForce.base?.revision == revision.revision)
        }
    }

    public var json: JSON {
        func act(_ act: TemplateRevision.Act?) -> JSON {
            act.map { ["at": .string($0.at.description), "reason": .string($0.reason), "who": .string($0.who)] } ?? .null
        }
        return [
            "revision": .string(revision.revision), "state": .string(revision.state.rawValue), "in_force": .bool(isInForce),
            "kept_at": .string(revision.keptAt.description), "submitted": act(revision.submitted), "decided": act(revision.decided),
            "rollout": rollout?.json ?? .null,
        ]
    }

    /// What `GET /v1/templates` answers.
    public static func json(of reader: any StoreReader, limit: Int, at now: Timestamp) throws -> JSON {
        let running = try RolloutStanding.running(in: reader, at: now)
        return [
            "revisions": .array(try all(in: reader, limit: limit).map(\.json)),
            "running": running?.json ?? .null,
        ]
    }
}

extension Rollout {
    public var json: JSON {
        [
            "percent": .integer(percent), "state": .string(state.rawValue), "base": base.map { .string($0) } ?? .null,
            "started_at": .string(startedAt.description), "changed_at": .string(changedAt.description), "who": .string(who),
            "reason": .string(reason),
        ]
    }
}

extension RolloutStanding {
    public var json: JSON {
        [
            "revision": .string(rollout.revision), "percent": .integer(rollout.percent), "trial": trial.json, "base": base.json,
            "verdict": verdict.map { .string($0) } ?? .null,
        ]
    }
}

extension RolloutGuard.Arm {
    public var json: JSON {
        [
            "notices": .integer(notices), "orders": .integer(orders), "failed": .integer(failed), "broken": .integer(broken),
            "complaints": .integer(complaints), "contacts": .integer(contacts),
        ]
    }
}
