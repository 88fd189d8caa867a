import Core
import StrictYAML
import Testing

@testable import Config

@Suite struct CSVTests {
    private func read(_ text: String) -> (rows: [CSV.Row], problems: [String]) {
        let findings = Findings()
        let rows = CSV.rows(text, file: "codes.csv", columns: ["a", "b"], findings)
        return (rows, findings.problems.map(\.description))
    }

    @Test func readsBareAndQuotedFieldsWithTheirLines() {
        let (rows, problems) = read("a,b\n05,\"say \"\"no\"\", then\nwait\"\r\n,x\n\"\",y")
        #expect(problems == [])
        #expect(
            rows == [
                CSV.Row(line: 2, fields: ["05", "say \"no\", then\nwait"]), CSV.Row(line: 4, fields: ["", "x"]),
                CSV.Row(line: 5, fields: ["", "y"]),
            ])
    }

    @Test(arguments: [
        ("", "codes.csv: error: the file is empty"),
        ("a;b\n", "codes.csv:1: error: the header is not a,b"),
        ("\u{FEFF}a,b\n", "codes.csv:1: error: the header is not a,b"),
        ("a,b\n1,2\n\n3,4\n", "codes.csv:3: error: an empty line"),
        ("a,b\n1\n", "codes.csv:2: error: 1 fields instead of 2"),
        ("a,b\n1,2,3\n", "codes.csv:2: error: 3 fields instead of 2 (put quotes around a field with a comma)"),
        ("a,b\n1,t\"wo\n", "codes.csv:2: error: a quote inside a field that does not begin with one (quote the field, double the quote)"),
        ("a,b\n1,\"two\" \n", "codes.csv:2: error: text after the closing quote"),
        ("a,b\n1,2\n3,\"four\n", "codes.csv:3: error: a quote is opened here and never closed"),
        ("a,b\n1,2\r3,4\n", "codes.csv:2: error: a carriage return without a line feed"),
    ])
    func refusesWhatOthersGuess(_ text: String, _ problem: String) {
        #expect(read(text).problems == [problem])
    }

    @Test func readsOnAfterAMistake() {
        let (rows, problems) = read("a,b\n1,\"two\"x\n3,4\n")
        #expect(problems.count == 1)
        #expect(rows == [CSV.Row(line: 3, fields: ["3", "4"])])
    }
}
