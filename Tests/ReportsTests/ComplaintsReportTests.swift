import Core
import Reports
import Terminal
import Testing

/// What `complaint list` says, and `review list` of what has a note and is open.
struct ComplaintsReportTests {
    private let open = ReviewItem(
        id: 7, cause: .complaint, order: OrderNumber("WD1"), kind: nil, detail: "a customer complains", openedAt: Sample.noon - .minutes(5),
        note: "three days late")

    @Test func list() {
        var over = open
        (over.id, over.closedAt, over.note) = (3, Sample.noon, "rude; answered: by letter")
        let report = ComplaintsReport([open, over], now: Sample.noon)
        let lines = report.human(.sample())
        #expect(lines[1].contains("7") && lines[1].contains("5 min") && lines[1].contains("WD1") && lines[1].contains("three days late"))
        #expect(lines[2].contains("closed") && lines[2].contains("by letter"))
        #expect(lines.last == "Answered: clarion complaint end 7 --reason \"…\"")
        #expect(report.json["schema"]?.string == "clarion.complaints/1")
        #expect(ComplaintsReport([], now: Sample.noon).human(.sample()) == ["✓ nobody complains"])
    }

    @Test func anOpenItemsNoteIsNotCalledItsEnd() {
        let lines = ReviewReport([open], now: Sample.noon).human(.sample())
        #expect(lines[1].contains("a customer complains: three days late") && !lines[1].contains("closed"))
    }
}
