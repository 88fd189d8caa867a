public import Core

/// Something in a log that is not what was written or signed.
public struct Breach: Sendable, Equatable {
    public enum Sort: String, Sendable, CaseIterable {
        /// A row's words, or its hash, are others.
        case edited
        case deleted, inserted
        /// A row or checkpoint stands in the place of another.
        case moved
        /// The end is missing: cut off, or an older copy in the place of a newer one.
        case truncated
        /// Another history: rows that fit each other and are not those that were signed.
        case forked
        /// A checkpoint is not one of ours.
        case checkpoint
        /// Signed with a key that nothing links to the one that was given.
        case key
        /// A line that is none of a log.
        case unreadable
    }
    public var sort: Sort
    /// The rows that it is about: no row outside of these is meant.
    public var rows: ClosedRange<Int64>
    /// What is wrong, for people.
    public var words: String

    public init(_ sort: Sort, _ rows: ClosedRange<Int64>, _ words: String) { (self.sort, self.rows, self.words) = (sort, rows, words) }

    /// `row 17`, `rows 17 to 20`
    public var place: String { rows.count == 1 ? "row \(rows.lowerBound)" : "rows \(rows.lowerBound) to \(rows.upperBound)" }
}

/// What a verification has proven, and what not.
public struct LogVerdict: Sendable, Equatable {
    public var chain = ""
    /// The rows that were there; nil: none.
    public var rows: ClosedRange<Int64>?
    public var rowCount: Int64 = 0
    /// Up to this row the log is signed with a key that the given one vouches for, by this many checkpoints, the last of this moment.
    public var signedThrough: Int64 = 0
    public var signedAt: Timestamp?
    public var checkpoints = 0
    /// In the order of the log.
    public var breaches: [Breach] = []
    /// Breaches beyond those that are listed.
    public var more = 0
    /// What is not proven, and why.
    public var notes: [String] = []
    public init() {}

    public var isSound: Bool { breaches.isEmpty && more == 0 }
    /// Rows behind the last checkpoint: they fit each other, and nobody has signed them.
    public var unsigned: Int64 { max(0, (rows?.upperBound ?? 0) - max(signedThrough, (rows?.lowerBound ?? 1) - 1)) }
}
