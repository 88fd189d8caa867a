import Crypto

/// The tree of RFC 6962 (section 2.1) over rows: one root stands for all of them, and the digests beside the way from one row to the root prove that
/// the row is among them, without a word of the others.
public enum MerkleTree {
    /// A row's hash, blinded: who holds a row's neighbour cannot find out by guessing what the row says.
    ///
    /// - Parameter blind: for this row alone; it is handed over with the row.
    public static func leaf(_ row: LogDigest, blind: LogDigest) -> LogDigest {
        var hash = SHA256()
        withUnsafeBytes(of: UInt8(0)) { hash.update(bufferPointer: $0) }
        hash.update(blind)
        hash.update(row)
        return LogDigest(hash.finalize())
    }

    /// The blind of one row, from the secret of all those that one checkpoint signs.
    public static func blind(_ secret: LogDigest, seq: Int64) -> LogDigest {
        var hash = SHA256()
        hash.update(secret)
        withUnsafeBytes(of: seq.bigEndian) { hash.update(bufferPointer: $0) }
        return LogDigest(hash.finalize())
    }

    private static func node(_ left: LogDigest, _ right: LogDigest) -> LogDigest {
        var hash = SHA256()
        withUnsafeBytes(of: UInt8(1)) { hash.update(bufferPointer: $0) }
        hash.update(left)
        hash.update(right)
        return LogDigest(hash.finalize())
    }

    /// Of no leaf: SHA-256 of nothing.
    public static func root(_ leaves: [LogDigest]) -> LogDigest {
        var level = leaves
        while level.count > 1 { level = above(level) }
        return level.first ?? .of([])
    }

    /// What stands alone at the end of its level goes up as it is: the same as splitting at the largest power of two below the count.
    private static func above(_ level: [LogDigest]) -> [LogDigest] {
        stride(from: 0, to: level.count, by: 2).map { $0 + 1 < level.count ? node(level[$0], level[$0 + 1]) : level[$0] }
    }

    /// The digests beside the way from a leaf to the root, the lowest first.
    public static func path(to index: Int, in leaves: [LogDigest]) -> [LogDigest] {
        var (level, index, path) = (leaves, index, [LogDigest]())
        while level.count > 1 {
            let sibling = index ^ 1
            if sibling < level.count { path.append(level[sibling]) }
            (level, index) = (above(level), index / 2)
        }
        return path
    }

    /// The root that a path leads to; nil for a path of another length than the place asks for.
    public static func root(from leaf: LogDigest, at index: Int, of count: Int, path: [LogDigest]) -> LogDigest? {
        guard index >= 0, index < count else { return nil }
        var (hash, index, count, rest) = (leaf, index, count, path[...])
        while count > 1 {
            if index ^ 1 < count {
                guard let sibling = rest.popFirst() else { return nil }
                hash = index & 1 == 0 ? node(hash, sibling) : node(sibling, hash)
            }
            (index, count) = (index / 2, (count + 1) / 2)
        }
        return rest.isEmpty ? hash : nil
    }
}
