import Core
import Reports
import Terminal
import Testing

struct BenchReportTests {
    private static func file(_ cases: String) throws -> BenchFile { try BenchFile(parsing: "{\(cases)}", file: "bench.json") }
    private static func rate(_ ratio: String) -> String {
        #""deliveries":{"value":9000,"limit":18000,"ratio":\#(ratio),"unit":"a second","better":"more"}"#
    }
    private static func cost(_ value: String) -> String {
        #""render":{"value":\#(value),"limit":null,"ratio":null,"unit":"us","better":"less"}"#
    }

    /// Ten percent may go either way; what is better depends on the case.
    @Test(
        arguments: [
            (rate("0.5"), rate("0.451"), .same), (rate("0.5"), rate("0.449"), .worse), (rate("0.5"), rate("0.56"), .better),
            (cost("5"), cost("5.4"), .same), (cost("5"), cost("5.6"), .worse), (cost("5"), cost("4.4"), .better),
        ] as [(String, String, BenchReport.Verdict)])
    func verdicts(_ old: String, _ new: String, _ verdict: BenchReport.Verdict) throws {
        let report = BenchReport(old: try Self.file(old), new: try Self.file(new))
        #expect(report.rows.map(\.verdict) == [verdict])
        #expect(report.status == (verdict == .worse ? .findings : .success))
    }

    @Test("a value that fell with its limit is no regression: the machine was slower")
    func ratiosCount() throws {
        let slow = #""deliveries":{"value":4500,"limit":9000,"ratio":0.5,"unit":"a second","better":"more"}"#
        #expect(BenchReport(old: try Self.file(Self.rate("0.5")), new: try Self.file(slow)).status == .success)
    }

    @Test func aCaseThatIsGoneIsAFindingAndANewOneIsNot() throws {
        let (one, both) = (try Self.file(Self.rate("0.5")), try Self.file(Self.rate("0.5") + "," + Self.cost("5")))
        let lost = BenchReport(old: both, new: one)
        #expect(lost.rows.map(\.verdict) == [.same, .gone])
        #expect(lost.status == .findings)
        let gained = BenchReport(old: one, new: both)
        #expect(gained.rows.map(\.verdict) == [.same, .new])
        #expect(gained.status == .success)
        // Another unit is another case.
        let other = try Self.file(Self.cost("5").replacing("\"us\"", with: "\"ns\""))
        #expect(BenchReport(old: try Self.file(Self.cost("5")), new: other).rows.map(\.verdict) == [.gone])
    }

    @Test func bothForms() throws {
        let old = try Self.file(Self.rate("0.5") + "," + Self.cost("0.00002"))
        let report = BenchReport(old: old, new: try Self.file(Self.rate("0.4") + "," + Self.cost("0.00002")))
        #expect(
            report.text(.human) == """
                CASE              OLD        NEW  OF        GAIN  VERDICT
                deliveries     0.5000     0.4000  limit  -20.0 %  ✗ worse
                render      0.0000200  0.0000200  us       0.0 %  same

                ✗ 1 case lost more than 10 %, or is gone

                """)
        #expect(
            report.text(.json) == #"{"schema":"clarion.bench.compare/1","tolerance_percent":10.00,"regressions":["deliveries"],"cases":["#
                + #"{"case":"deliveries","measure":"limit","old":0.5000,"new":0.4000,"gain_percent":-20.00,"verdict":"worse"},"#
                + #"{"case":"render","measure":"us","old":0.0000200,"new":0.0000200,"gain_percent":0.00,"verdict":"same"}]}"# + "\n")
    }

    @Test(
        arguments: [
            ("[]", "bench.json"), ("{", "bench.json"), (#"{"a":{"better":"more"}}"#, "bench.json: a.value"),
            (#"{"a":{"value":0,"better":"more"}}"#, "bench.json: a.value"), (#"{"a":{"value":1,"better":"up"}}"#, "bench.json: a.better"),
            (#"{"a":{"value":"1","better":"more"}}"#, "bench.json: a.value"),
        ])
    func mistakesNameTheCaseAndTheMember(_ text: String, _ field: String) {
        let fault = #expect(throws: Fault.self) { try BenchFile(parsing: text, file: "bench.json") }
        #expect(fault?.status == .usage)
        #expect(fault?.field == field)
    }
}

extension BenchReport {
    fileprivate func text(_ form: OutputForm) -> String {
        do { return try text(as: form, .sample()) } catch { return "\(error)" }
    }
}
