import Core
import Testing

@testable import Proof

@Suite("the tree over rows")
struct MerkleTreeTests {
    static func leaves(_ count: Int) -> [LogDigest] { (0..<count).map { LogDigest.of([UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)]) } }

    @Test("every row of every size is proven by its path, and by no other", arguments: [1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 100, 999, 1000])
    func paths(count: Int) {
        let leaves = Self.leaves(count)
        let root = MerkleTree.root(leaves)
        for index in 0..<count {
            var path = MerkleTree.path(to: index, in: leaves)
            #expect(path.count <= 10)
            #expect(MerkleTree.root(from: leaves[index], at: index, of: count, path: path) == root)
            if count > 1 {
                #expect(MerkleTree.root(from: leaves[index], at: (index + 1) % count, of: count, path: path) != root)
                #expect(MerkleTree.root(from: leaves[(index + 1) % count], at: index, of: count, path: path) != root)
            }
            path.append(.zero)
            #expect(MerkleTree.root(from: leaves[index], at: index, of: count, path: path) == nil)
        }
        #expect(MerkleTree.root(from: .zero, at: count, of: count, path: []) == nil)
    }

    /// As RFC 6962 defines it: split at the largest power of two below the count.
    static func reference(_ leaves: ArraySlice<LogDigest>) -> LogDigest {
        guard leaves.count > 1 else { return leaves.first! }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return .of([1], reference(leaves[..<middle]).bytes, reference(leaves[middle...]).bytes)
    }

    @Test("roots are those of RFC 6962", arguments: 1...70)
    func roots(count: Int) {
        let leaves = Self.leaves(count)
        #expect(MerkleTree.root(leaves) == Self.reference(leaves[...]))
    }

    @Test("a leaf is blinded, and its blind is of one row")
    func blinds() {
        let (secret, row) = (LogDigest.of([1]), LogDigest.of([2]))
        let blind = MerkleTree.blind(secret, seq: 7)
        #expect(blind != MerkleTree.blind(secret, seq: 8) && blind != MerkleTree.blind(row, seq: 7))
        #expect(MerkleTree.leaf(row, blind: blind) == .of([0], blind.bytes, row.bytes))
    }
}
