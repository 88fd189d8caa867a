import Core
import Testing

@testable import Proof

@Suite("an exported log")
struct ExportVerifierTests {
    static let log = SampleLog(rows: 400)

    @Test("is proven as it is, in pieces of any size", arguments: [1, 7, 333, 4096, 1 << 20])
    func whole(chunk: Int) {
        let verdict = SampleLog.verify(Self.log.export(), exported: Self.log.file, chunk: chunk)
        #expect(verdict.isSound, "\(verdict.breaches)")
        #expect(verdict.rows == 1...400 && verdict.rowCount == 400 && verdict.checkpoints == 8 && verdict.signedThrough == 400)
        #expect(verdict.notes.isEmpty && verdict.unsigned == 0)
    }

    @Test("may be a part, and says so")
    func part() {
        let verdict = SampleLog.verify(Self.log.export(from: 3, to: 5, isToTheEnd: false))
        #expect(verdict.isSound, "\(verdict.breaches)")
        #expect(verdict.rows == 101...250 && verdict.checkpoints == 3)
        #expect(verdict.notes.count == 3 && verdict.notes[0].contains("rows 1 to 100"))
    }

    struct Edit: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The rows that have to be named, each by one breach of one of these sorts.
        var rows: [ClosedRange<Int64>]
        var sorts: [Breach.Sort]
        /// How many rows a breach may take in beside the one that was changed.
        var width: Int
        var act: @Sendable (inout [[UInt8]]) -> Void
        init(
            _ name: String, _ sorts: [Breach.Sort], _ rows: [ClosedRange<Int64>], width: Int = 0,
            _ act: @escaping @Sendable (inout [[UInt8]]) -> Void
        ) {
            (testDescription, self.sorts, self.rows, self.width, self.act) = (name, sorts, rows, width, act)
        }
    }
    static func at(_ seq: Int) -> Int { SampleLog.place(of: seq) }

    /// A row with other words, and the hash that these words give.
    static func rehashed(_ seq: Int) -> [UInt8] {
        var content = log.contents[seq - 1]
        content[content.count - 30] ^= 1
        var line: [UInt8] = []
        content.withUnsafeBytes { ExportLines.append($0, Chain.hash(after: log.hashes[seq - 2], content), to: &line) }
        return line
    }

    static let edits: [Edit] = [
        Edit("a bit of a body", [.edited], [17...17]) { $0[at(17)][60] ^= 1 },
        Edit("a bit of the first row", [.edited], [1...1]) { $0[at(1)][60] ^= 1 },
        Edit("a bit of the last row of a checkpoint", [.edited], [100...100]) { $0[at(100)][60] ^= 1 },
        Edit("a bit of the last row", [.edited], [400...400]) { $0[at(400)][60] ^= 1 },
        Edit("a digit of a hash", [.edited], [18...18]) {
            $0[at(18)][$0[at(18)].count - 5] = $0[at(18)][$0[at(18)].count - 5] == 0x61 ? 0x62 : 0x61
        },
        Edit("the hash of the last row of a checkpoint", [.edited], [50...50]) {
            $0[at(50)][$0[at(50)].count - 5] = $0[at(50)][$0[at(50)].count - 5] == 0x61 ? 0x62 : 0x61
        },
        Edit("words and hash of a row", [.edited], [123...123], width: 1) { $0[at(123)] = rehashed(123) },
        Edit("words and hash of the last row of a checkpoint", [.edited], [150...150], width: 1) { $0[at(150)] = rehashed(150) },
        Edit("words and hash of the last row of all", [.forked], [400...400], width: 49) { $0[at(400)] = rehashed(400) },
        Edit("a row cut out", [.deleted], [33...33]) { $0.remove(at: at(33)) },
        Edit("the first row cut out", [.deleted], [1...1]) { $0.remove(at: 1) },
        Edit("rows cut out before a checkpoint", [.deleted], [45...50]) { $0.removeSubrange(at(45)...at(50)) },
        Edit("rows cut out over a checkpoint", [.deleted], [45...50, 51...60]) { lines in
            for seq in (45...60).reversed() { lines.remove(at: at(seq)) }
        },
        Edit("a row doubled", [.inserted], [70...70]) { $0.insert($0[at(70)], at: at(70)) },
        Edit("an old row put in later", [.inserted], [70...70]) { $0.insert($0[at(70)], at: at(200)) },
        Edit("a row from behind put in before", [.inserted], [300...300]) { $0.insert($0[at(300)], at: at(200)) },
        Edit("a line of nonsense put in", [.unreadable], [90...90]) { $0.insert(Array("hello".utf8), at: at(90)) },
        Edit("a line made nonsense", [.edited], [90...90]) { $0[at(90)] = Array("hello".utf8) },
        Edit("the end of a line lost", [.edited, .deleted], [91...92]) { $0[at(91)] += $0.remove(at: at(92)) },
        Edit("a line broken in two", [.edited, .unreadable], [93...93]) {
            let line = $0[at(93)]
            $0[at(93)] = Array(line[..<40])
            $0.insert(Array(line[40...]), at: at(93) + 1)
        },
        Edit("two rows swapped", [.moved, .inserted, .deleted], [20...20, 30...30]) { $0.swapAt(at(20), at(30)) },
        Edit("two rows swapped over a checkpoint", [.moved, .inserted, .deleted], [20...20, 330...330]) { $0.swapAt(at(20), at(330)) },
        Edit("neighbours swapped", [.moved, .inserted, .deleted], [21...22]) { $0.swapAt(at(21), at(22)) },
        Edit("a number changed", [.moved, .edited], [24...24]) {
            var line = $0[at(24)]
            line[line.count - 76] ^= 1
            $0[at(24)] = line
        },
        Edit("a checkpoint changed", [.checkpoint], [100...100]) { $0[at(100) + 2][40] ^= 1 },
        Edit("a checkpoint cut out", [.checkpoint], [51...100], width: 50) { $0.remove(at: at(100) + 2) },
        Edit("a checkpoint doubled", [.inserted], [100...100]) { $0.insert($0[at(100) + 2], at: at(100) + 3) },
        Edit("two checkpoints swapped", [.moved, .inserted, .checkpoint], [51...100, 200...200], width: 150) {
            $0.swapAt(at(100) + 2, at(200) + 2)
        },
        Edit("what blinds a checkpoint changed", [.checkpoint], [51...100], width: 49) { $0[at(100) + 1] = ExportLines.blind(.of([1])) },
        Edit("what blinds a checkpoint cut out", [.checkpoint], [51...100], width: 49) { $0.remove(at: at(100) + 1) },
        Edit("the end cut off", [.truncated], [200...400]) { $0.removeSubrange(at(200)...) },
        Edit("the end cut off at a checkpoint", [.truncated], [201...400]) { $0.removeSubrange((at(200) + 3)...) },
        Edit("the end cut off, the manifest left", [.truncated], [201...400]) { $0.removeSubrange((at(200) + 3)..<($0.count - 1)) },
        Edit("the manifest cut off", [.truncated], [401...401]) { $0.removeLast() },
        Edit("the manifest changed", [.edited, .unreadable, .truncated], [400...401]) { $0[$0.count - 1][60] ^= 1 },
        Edit("the header changed", [.edited], [400...400]) { $0[0][40] ^= 1 },
        Edit("the header cut out", [.unreadable], [1...1]) { $0.remove(at: 0) },
        Edit("lines behind the end", [.inserted, .unreadable], [400...401]) { $0.append(Array("{}".utf8)) },
        Edit("a short file of another end", [.truncated], [201...400]) { $0 = log.export(to: 4) },
        Edit("another history from a row on", [.forked], [101...400]) { $0 = SampleLog(rows: 400, salt: 5, common: 110).export() },
        Edit("another history without signatures of ours", [.forked], [101...400]) { lines in
            let other = SampleLog(rows: 400, salt: 5, common: 110)
            for seq in 111...400 { lines[at(seq)] = other.line(seq) }
        },
    ]

    @Test("that was changed: every change is named, nothing else is", arguments: edits)
    func changed(_ edit: Edit) {
        var lines = Self.log.export()
        edit.act(&lines)
        for chunk in [4096, 97] {
            let verdict = SampleLog.verify(lines, exported: Self.log.file, chunk: chunk)
            #expect(!verdict.isSound)
            for rows in edit.rows {
                #expect(
                    verdict.breaches.contains { $0.rows.overlaps(rows) && edit.sorts.contains($0.sort) }, "\(rows): \(verdict.breaches)")
            }
            // No breach takes in more than was changed, but where the two ends of a change cannot be told apart.
            for breach in verdict.breaches {
                let isMeant = edit.rows.contains {
                    $0.lowerBound - Int64(edit.width) <= breach.rows.lowerBound
                        && breach.rows.upperBound <= $0.upperBound + Int64(edit.width)
                }
                #expect(isMeant, "\(breach)")
                #expect(edit.sorts.contains(breach.sort), "\(breach)")
            }
        }
    }

    @Test("with another key's signatures is not believed")
    func stranger() {
        let verdict = SampleLog.verify(Self.log.export(), trusted: [SampleLog.nextKey])
        #expect(verdict.breaches.contains { $0.sort == .key && $0.rows == 1...400 } && verdict.signedThrough == 0)
    }

    @Test("over a change of keys is believed with either, and a part of it too")
    func rotated() {
        let log = SampleLog(rows: 400, rotated: 3)
        for key in [SampleLog.key, SampleLog.nextKey] {
            let whole = SampleLog.verify(log.export(key: SampleLog.nextKey), trusted: [key], exported: log.file)
            #expect(whole.isSound && whole.signedThrough == 400, "\(whole.breaches)")
            let part = SampleLog.verify(log.export(from: 5, to: 6, isToTheEnd: false, key: SampleLog.nextKey), trusted: [key])
            #expect(part.isSound && part.signedThrough == 300, "\(part.breaches)")
        }
        // Without the line that announces it nobody can tell the new key from a stranger's.
        var lines = log.export(key: SampleLog.nextKey)
        lines.remove(at: SampleLog.place(of: 150) + 2)
        #expect(SampleLog.verify(lines).breaches.contains { $0.sort == .key })
    }

    @Test(
        "that nobody wrote is no log",
        arguments: ["", "\n", "hello", "{\"clarion\":\"audit.export/1\"}", String(repeating: "x", count: 3 << 20)])
    func nonsense(text: String) {
        #expect(!SampleLog.verify([Array(text.utf8)]).isSound)
    }

    @Test("is never sound with one random bit turned, and never ends the program", arguments: 1...3)
    func bits(seed: Int) {
        var random = Seeded(UInt64(seed))
        let lines = SampleLog(rows: 100).export()
        for _ in 0..<400 {
            var copy = lines
            let line = Int.random(in: 0..<copy.count, using: &random)
            let place = Int.random(in: 0..<copy[line].count, using: &random)
            copy[line][place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(!SampleLog.verify(copy).isSound, "line \(line), byte \(place), seed \(seed)")
        }
    }
}

struct Seeded: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
