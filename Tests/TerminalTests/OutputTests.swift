import Core
import Terminal
import Testing

struct OutputTests {
    static let sheet: Sheet = {
        var sheet = Sheet(["id", "words", "n"])
        sheet.add(["=1+1", "a\tb \u{1B}[0m", 7])
        sheet.add(["x,\"y\"", nil, 8])
        return sheet
    }()

    @Test func plainIsTabSeparatedAndSafe() {
        #expect(Self.sheet.plain == "id\twords\tn\n=1+1\ta\\u{9}b \\u{1B}[0m\t7\nx,\"y\"\t\t8\n")
    }

    @Test func csvNeutralisesFormulas() {
        #expect(Self.sheet.csv == "id,words,n\r\n'=1+1,a\tb \u{1B}[0m,7\r\n\"x,\"\"y\"\"\",,8\r\n")
    }

    @Test(arguments: ["=SUM(A1)", "+86****17", "-1", "@cmd", "\tx", "\rx"])
    func cellsThatWouldRun(_ text: String) {
        var sheet = Sheet(["a"])
        sheet.add([.string(text)])
        #expect(sheet.csv.dropFirst(2).drop { $0 == "\"" }.first == "'")
    }

    @Test func markdownHoldsNoMarkupOfOthers() {
        var sheet = Sheet(["a", "b_c"])
        sheet.add(["x|y\n<b>", "[l](u) *s*"])
        #expect(sheet.markdown == "| a | b_c |\n| --- | --- |\n| x\\|y\\\\u{A}\\<b\\> | \\[l\\](u) \\*s\\* |\n")
    }

    @Test func oneObjectALine() {
        #expect(Self.sheet.ndjson.split(separator: "\n").last == #"{"id":"x,\"y\"","words":null,"n":8}"#)
    }

    @Test func fieldsChooseAndOrder() throws {
        #expect(try Self.sheet.keeping(["n", "id"]).plain == "n\tid\n7\t=1+1\n8\tx,\"y\"\n")
        #expect(throws: Fault(.usage, "there is no field \"word\"", field: "fields", hint: "did you mean \"words\"?")) {
            try Self.sheet.keeping(["word"])
        }
    }

    @Test func faultsAreProblemObjects() {
        let fault = Fault(.notFound, "no order WD9", field: "order", hint: "clarion audit search")
        #expect(
            fault.text(as: .json, .sample())
                == #"{"type":"urn:clarion:problem:not_found","title":"not found","detail":"no order WD9","field":"order","hint":"clarion audit search","exit":5}"#
                + "\n")
        #expect(fault.text(as: .human, .sample()) == "✗ order: no order WD9\n  → clarion audit search\n")
    }

    @Test func exitCodesAreTheAgreedOnes() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7, 64, 69, 78, 130])
    }
}

struct ProgressTests {
    @Test func barOnlyOnATerminalAndOnlyWhenItLasts() {
        var progress = Progress(total: 1000, screen: Screen(isTerminal: true, columns: 100))
        #expect(progress.advance(to: 10, elapsed: .milliseconds(400)) == nil)
        #expect(
            progress.advance(to: 500, elapsed: .milliseconds(1000))
                == "\r\u{1B}[K[####################--------------------] 50 %  500  500/s  ETA 1 s")
        #expect(progress.advance(to: 510, elapsed: .milliseconds(1050)) == nil)
        #expect(progress.close("1,000 events", elapsed: .seconds(2)) == "\r\u{1B}[K1,000 events in 2.0 s\n")
    }

    @Test func shortJobsSayOneLine() {
        var progress = Progress(total: 10, screen: Screen(isTerminal: true, columns: 100))
        #expect(progress.advance(to: 10, elapsed: .milliseconds(100)) == nil)
        #expect(progress.close("10 events", elapsed: .milliseconds(100)) == "10 events in 100 ms\n")
    }

    @Test func pipesGetALineEveryTenSeconds() {
        var progress = Progress(total: nil, screen: Screen(isTerminal: false))
        #expect(progress.advance(to: 5, elapsed: .seconds(9)) == nil)
        #expect(progress.advance(to: 10, elapsed: .seconds(10)) == "10  1/s\n")
        #expect(progress.advance(to: 11, elapsed: .seconds(19)) == nil)
        #expect(progress.advance(to: 40, elapsed: .seconds(20)) == "40  2/s\n")
    }
}
