/// `attempts list`: what is on the wire, and what nobody can know.
public struct AttemptListRequest: Sendable {
    /// Only what is in doubt.
    public var onlyAmbiguous: Bool
    public init(onlyAmbiguous: Bool = false) { self.onlyAmbiguous = onlyAmbiguous }
}

/// `attempts settle`: what somebody found out about an attempt in doubt.
public struct AttemptSettleRequest: Sendable {
    /// Public id, `att_…`.
    public var attempt: String
    public var wasTaken: Bool
    public init(attempt: String, wasTaken: Bool) { (self.attempt, self.wasTaken) = (attempt, wasTaken) }
}
