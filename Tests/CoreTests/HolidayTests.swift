@testable import Core
import Testing

@Suite("holidays")
struct HolidayTests {
    private static let shanghai = Workplace(zone: "Asia/Shanghai", country: "CN")
    private static let berlin = Workplace(zone: "Europe/Berlin", country: "DE")

    private static let planner: Planner = {
        func days(_ texts: String...) -> Set<Int64> { Set(texts.compactMap { Holidays.day($0) }) }
        var planner = World.planner()
        planner.catalogue.holidays = [
            "CN": Holidays(
                closed: days("2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-02-23"),
                worked: days("2026-02-14", "2026-02-28"), until: Holidays.day("2026-12-31")!),
            "DE": Holidays(closed: days("2026-05-01", "2026-05-14"), until: Holidays.day("2026-12-31")!),
        ]
        planner.catalogue.zones = ["cn_instant": "Asia/Shanghai", "cn_batch": "Europe/Berlin"]
        (planner.catalogue.countries, planner.catalogue.bankCountries) = (["cn_batch": "DE"], ["ICBC": "CN"])
        return planner
    }()

    @Test(
        "a working day later leaves out the holidays, and counts make-up days",
        arguments: [
            // Noon of the Friday before the Spring Festival: Saturday is worked, then nothing until Tuesday.
            ("2026-02-13T04:00:00Z", 1, "2026-02-14T04:00:00Z"), ("2026-02-13T04:00:00Z", 2, "2026-02-24T04:00:00Z"),
            // What begins on a holiday begins on the first day after it.
            ("2026-02-17T04:00:00Z", 1, "2026-02-25T01:00:00Z"),
            // Before and after it the week is as always.
            ("2026-03-06T04:00:00Z", 1, "2026-03-09T04:00:00Z"), ("2027-02-17T04:00:00Z", 1, "2027-02-18T04:00:00Z"),
        ])
    func days(_ from: String, _ count: Int, _ end: String) {
        #expect(Self.planner.moment(time(from), plusWorkingDays: count, in: Self.shanghai) == time(end))
    }

    @Test func hoursLeaveThemOut() {
        // Two hours of Saturday, two of Tuesday.
        #expect(
            Self.planner.moment(time("2026-02-14T08:00:00Z"), plusWorkingHours: 4, in: Self.shanghai) == time("2026-02-24T03:00:00Z"))
    }

    @Test func aBankOpensAfterThem() {
        #expect(Self.planner.nextWorkingDay(after: time("2026-04-30T10:00:00Z"), in: Self.berlin) == time("2026-05-04T07:00:00Z"))
    }

    @Test func aCountryWithoutACalendarGoesByTheWeek() {
        let place = Workplace(zone: "Asia/Shanghai", country: "XX")
        #expect(Self.planner.moment(time("2026-02-16T04:00:00Z"), plusWorkingDays: 1, in: place) == time("2026-02-17T04:00:00Z"))
    }

    @Test func aCalendarThatIsAlwaysClosedEnds() {
        var planner = Self.planner
        planner.catalogue.holidays["CN"]?.closed = Set(20_000...30_000)
        planner.catalogue.holidays["CN"]?.worked = []
        #expect(planner.nextWorkingDay(after: World.noon, in: Self.shanghai) > World.noon + .days(365))
    }

    /// One working day of ours and one bank day, told on the eve of the First of May.
    private func due(bank: String, country: String = "CN", at noon: Timestamp) -> [Timestamp] {
        var planner = Self.planner
        planner.country = country
        planner.catalogue.kinds[.notArrived]?.escalation = [
            EscalationStep(.workingDays(1), to: .desk, task: "a"), EscalationStep(.bankDays(1), to: .desk, task: "b"),
        ]
        let held = World.episode(.notArrived, status: .holding, told: false) {
            ($0.bank, $0.rail, $0.detectedAt) = (bank, "cn_batch", noon)
        }
        return planner.holdEnded(held, contact: World.customer, snapshot: Snapshot(), now: noon).timers
            .filter { $0.step == .escalation }.map(\.due)
    }

    @Test func ofTheBanksCountryAndOfOurs() {
        let eve = time("2026-04-30T09:00:00Z")
        #expect(due(bank: "DEUTDEFF", at: eve) == [time("2026-05-01T09:00:00Z"), time("2026-05-04T09:00:00Z")])
    }

    @Test func aBankOfItsOwnGoesBeforeItsRail() {
        let friday = time("2026-02-13T09:00:00Z")
        #expect(due(bank: "ICBC", country: "DE", at: friday).last == time("2026-02-14T09:00:00Z"))
        #expect(due(bank: "DEUTDEFF", country: "DE", at: friday).last == time("2026-02-16T09:00:00Z"))
    }

    @Test(arguments: ["2026-2-17", "2026-02-30", "2026-02-17T", "17.02.2026", "", "2026-13-01"])
    func daysAreDays(_ text: String) {
        #expect(Holidays.day(text) == nil)
    }

    @Test func daysAreWrittenAsTheyAreRead() {
        #expect(Holidays.day("2026-02-17").map(Holidays.text) == "2026-02-17" && Holidays.day("1970-01-01") == 0)
    }
}
