import Config
import Core
import Foundation
import Testing

@testable import App

/// What `clarion check` says of the calendars of holidays.
@Suite struct CalendarTests {
    private static let shipped = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .appending(path: "config/clarion.yaml").path

    private func warnings(at now: String, _ change: (inout Configuration) -> Void = { _ in }) throws -> [String] {
        var configuration = try Configuration.load(settingsFile: Self.shipped)
        change(&configuration)
        return Calendars(configuration: configuration, now: Timestamp(rfc3339: now)!).warnings.map { "\($0.key): \($0.problem)" }
    }

    @Test func nothingWhileTheyReachFarEnough() throws {
        #expect(try warnings(at: "2027-11-01T23:59:59Z") == [])
    }

    @Test func ofOneThatEndsWithinSixtyDays() throws {
        let found = try warnings(at: "2027-11-02T00:00:00Z")
        #expect(found.count == 9)
        #expect(
            found.first
                == "countries.CN.until: the holidays of CN are known until 2027-12-31: later days count as the weekday they fall on")
    }

    @Test func ofACountryThatABankHas() throws {
        #expect(
            try warnings(at: "2026-11-30T00:00:00Z") { $0.catalogue.holidays["NL"] = nil } == [
                "countries: NL has no holidays: INGBNL2A works by the week alone"
            ])
    }

    @Test func ofOurOwn() throws {
        #expect(
            try warnings(at: "2026-11-30T00:00:00Z") { $0.settings.country = "SG" } == [
                "countries: SG has no holidays: our own office works by the week alone"
            ])
    }
}
