import Glibc
import Terminal
import Testing

struct PagerTests {
    @Test func theVariablesChoose() {
        #expect(Pager(rows: 24, environment: [:])?.command == "less -FRX")
        #expect(Pager(rows: 24, environment: ["PAGER": "more"])?.command == "more")
        #expect(Pager(rows: 24, environment: ["PAGER": "more", "CLARION_PAGER": "most"])?.command == "most")
        #expect(Pager(rows: 24, environment: ["PAGER": "more", "CLARION_PAGER": ""]) == nil)
        #expect(Pager(rows: 24, environment: ["PAGER": "cat"]) == nil)
    }

    @Test func onlyWhatDoesNotFitIsPaged() throws {
        let pager = try #require(Pager(rows: 4, environment: [:]))
        #expect(!pager.isWanted(for: "a\nb\nc\n", columns: 80))
        #expect(pager.isWanted(for: "a\nb\nc\nd\n", columns: 80))
        // One line that the terminal folds into four.
        #expect(pager.isWanted(for: String(repeating: "x", count: 40) + "\n", columns: 10))
        #expect(!pager.isWanted(for: String(repeating: "x", count: 40) + "\n", columns: nil))
    }

    @Test func itGetsTheWholeText() throws {
        var template = Array("/tmp/clarion-pager-XXXXXX".utf8CString)
        let file = template.withUnsafeMutableBufferPointer { buffer in
            close(mkstemp(buffer.baseAddress!))
            return String(cString: buffer.baseAddress!)
        }
        defer { unlink(file) }
        let text = (0..<50_000).map { "line \($0)\n" }.joined()
        let pager = try #require(Pager(rows: 24, environment: ["PAGER": "wc -c > \(file)"]))
        #expect(pager.show(text))
        let reading = fopen(file, "r")
        defer { fclose(reading) }
        var buffer = [CChar](repeating: 0, count: 64)
        let count = fread(&buffer, 1, 63, reading)
        #expect(String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == "\(text.utf8.count)\n")
    }

    @Test func oneThatLeavesEarlyIsNoFailureAndOneThatIsMissingIs() throws {
        let text = String(repeating: "x\n", count: 200_000)
        #expect(try #require(Pager(rows: 24, environment: ["PAGER": "true"])).show(text))
        #expect(!(try #require(Pager(rows: 24, environment: ["PAGER": "no-such-pager-here 2>/dev/null"])).show("x")))
    }
}
