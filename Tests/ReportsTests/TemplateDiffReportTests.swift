import Core
import Reports
import Templates
import Terminal
import Testing

@Suite struct TemplateDiffReportTests {
    @Test func ofManyLinesThoseThatAreOthersAreShown() {
        let report = TemplateDiffReport(
            from: "aaaa", to: "bbbb",
            changes: [
                TextChange(file: "bank_delay opened en", key: "mail", old: "Hello\nslow\nBye", new: "Hello\nslower\nBye"),
                TextChange(file: "templates/a/en.yaml", key: "opened.sms", old: nil, new: "new"),
                TextChange(file: "templates/b/en.yaml", key: "", old: "", new: ""),
            ])
        #expect(
            report.human(.sample()).filter { !$0.isEmpty } == [
                "aaaa → bbbb", "bank_delay opened en", "  mail", "  - slow", "  + slower", "templates/a/en.yaml", "  opened.sms", "  + new",
                "templates/b/en.yaml", "  comments only", "3 texts in 3 files",
            ])
        #expect(TemplateDiffReport(from: "aaaa", to: "bbbb", changes: []).human(.sample()) == ["✓ aaaa and bbbb say the same"])
    }
}
