import App
import Core
import Foundation
import Testing

@Suite("offsets of zones")
struct ZonesTests {
    @Test(
        "are the system's, asked in any order, also around the hours when clocks are changed",
        arguments: [
            "Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Monrovia", "UTC",
        ])
    func offsets(_ name: String) throws {
        let zone = try #require(TimeZone(identifier: name)), zones = SystemZones()
        // The changes of 2026 in both halves of the world, the beginning of time, and Liberia's 44 minutes and a half.
        let around = [
            "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-03-08T07:00:00Z", "2026-04-04T15:00:00Z", "1970-01-01T00:00:00Z",
            "1972-01-07T00:44:30Z",
        ]
        for text in around + around.reversed() {
            let moment = try #require(Timestamp(rfc3339: text))
            for step in -40...40 {
                let at = Timestamp(milliseconds: moment.milliseconds + Int64(step) * 97_000 - 1)
                let expected = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(at.seconds)))
                #expect(zones.offset(of: name, at: at) == expected, "\(at)")
            }
        }
    }

    @Test("are none of what is no zone") func unknown() {
        let zones = SystemZones()
        for name in ["", "Nowhere/Here", "../etc/passwd"] { #expect(zones.offset(of: name, at: Timestamp(seconds: 1_763_000_000)) == nil) }
    }
}
