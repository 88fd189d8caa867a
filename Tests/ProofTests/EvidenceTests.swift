import Core
import Testing

@testable import Proof

@Suite("an evidence pack")
struct EvidenceTests {
    static let log = SampleLog(rows: 400, rotated: 5)
    static let order = OrderNumber("WD3")!

    static func pack(_ change: (inout Evidence) -> Void = { _ in }) -> [UInt8] {
        var rows: [Evidence.Row] = []
        for seq in stride(from: 3, through: 400, by: 7) {
            let signed = log.checkpoints.first { $0.checkpoint.seq >= seq }!.checkpoint
            let leaves = (signed.first...signed.seq).map {
                MerkleTree.leaf(log.hashes[Int($0) - 1], blind: MerkleTree.blind(SampleLog.secret, seq: $0))
            }
            rows.append(
                Evidence.Row(
                    seq: Int64(seq), content: log.contents[seq - 1], hash: log.hashes[seq - 1],
                    after: log.hashes[seq - 2], checkpoint: signed.number,
                    blind: MerkleTree.blind(SampleLog.secret, seq: Int64(seq)),
                    path: MerkleTree.path(to: seq - Int(signed.first), in: leaves)))
        }
        var evidence = Evidence(
            order: order, chain: SampleLog.chain, madeAt: Timestamp(milliseconds: 5), rows: rows, checkpoints: log.checkpoints)
        change(&evidence)
        return try! evidence.file(key: SampleLog.nextKey)
    }

    static func verify(_ bytes: [UInt8], _ key: AuditKey = SampleLog.key) -> LogVerdict {
        var verifier = EvidenceVerifier(trusted: [key.publicKey])
        return verifier.verify(bytes)
    }

    @Test("is believed with the key of then and the key of now")
    func sound() {
        let bytes = Self.pack()
        #expect(EvidenceVerifier.isPack(bytes))
        for key in [SampleLog.key, SampleLog.nextKey] {
            let verdict = Self.verify(bytes, key)
            #expect(verdict.isSound && verdict.rowCount == 57 && verdict.signedThrough == 400, "\(verdict.breaches)")
            #expect(verdict.notes.contains { $0.contains("all rows of WD3") })
        }
        #expect(Self.verify(bytes, AuditKey(seed: Sensitive([UInt8](repeating: 8, count: 32)))!).breaches.contains { $0.sort == .key })
    }

    @Test("says nothing of anybody else's rows")
    func silent() {
        let text = String(decoding: Self.pack(), as: UTF8.self)
        for n in [0, 1, 2, 4, 5, 6] { #expect(!text.contains("\"order\":\"WD\(n)\"")) }
        // Neither the hashes of their rows, but for the one before each of its own.
        let own = Set(stride(from: 3, through: 400, by: 7).flatMap { [$0, $0 - 1] })
        for seq in 1...400 where !own.contains(seq) && seq % 50 != 0 { #expect(!text.contains(Self.log.hashes[seq - 1].description)) }
    }

    @Test("whose maker lied is found out", arguments: 0..<7)
    func forged(n: Int) {
        let bytes = Self.pack { evidence in
            switch n {
            case 0: evidence.rows[4].content[70] ^= 1
            case 1: evidence.rows[4].after = .zero
            case 2: evidence.rows[4].blind = .zero
            case 3: evidence.rows[4].path[0] = .zero
            case 4: evidence.rows[4].checkpoint = 2
            case 5: evidence.checkpoints.removeFirst()
            default:
                // A row of its own making, with a hash that fits it.
                evidence.rows[4].content[70] ^= 1
                evidence.rows[4].hash = Chain.hash(after: evidence.rows[4].after, evidence.rows[4].content)
            }
        }
        let verdict = Self.verify(bytes)
        #expect(!verdict.isSound)
        #expect(n == 5 || verdict.breaches.contains { $0.rows == 31...31 }, "\(verdict.breaches)")
    }

    @Test("of another order is found out")
    func other() {
        #expect(Self.verify(Self.pack { $0.order = OrderNumber("WD4")! }).breaches.contains { $0.sort == .inserted })
    }

    @Test("is never sound with one bit turned, a line lost or its end cut off")
    func bits() {
        var random = Seeded(5)
        let bytes = Self.pack()
        for _ in 0..<500 {
            var copy = bytes
            copy[Int.random(in: 0..<copy.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(!Self.verify(copy).isSound)
        }
        let lines = bytes.split(separator: 0x0A)
        for n in lines.indices {
            var rest = lines
            rest.remove(at: n)
            #expect(!Self.verify(Array(rest.joined(separator: [0x0A])) + [0x0A]).isSound, "line \(n + 1)")
        }
        for cut in [1, 2, 100, 5000] { #expect(!Self.verify(Array(bytes.dropLast(cut))).isSound) }
    }
}
