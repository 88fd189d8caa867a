import Core
import Terminal
import Testing

struct TimeTests {
    static let now = Timestamp(rfc3339: "2026-11-18T11:04:31.120Z")!

    func format(_ zone: TimeFormat.Zone) -> TimeFormat { TimeFormat(zone, zones: FixedZones(), localOffset: { _ in -12600 }) }

    @Test func theZoneIsAlwaysThere() {
        #expect(format(.utc).full(Self.now) == "2026-11-18 11:04:31 UTC")
        #expect(format(.local).full(Self.now) == "2026-11-18 07:34:31 UTC-03:30")
        #expect(format(.named("Asia/Shanghai")).full(Self.now) == "2026-11-18 19:04:31 Asia/Shanghai")
        #expect(format(.customer).full(Self.now, customer: "Asia/Shanghai") == "2026-11-18 19:04:31 Asia/Shanghai")
        #expect(format(.customer).full(Self.now, customer: "Mars/Base") == "2026-11-18 11:04:31 UTC")
        #expect(format(.utc).preciseClock(Self.now) == "11:04:31.120")
    }

    @Test func zoneNames() {
        #expect(TimeFormat.zone("UTC", zones: FixedZones()) == .utc)
        #expect(TimeFormat.zone("local", zones: FixedZones()) == .local)
        #expect(TimeFormat.zone("customer", zones: FixedZones()) == .customer)
        #expect(TimeFormat.zone("Asia/Shanghai", zones: FixedZones()) == .named("Asia/Shanghai"))
        #expect(TimeFormat.zone("Mars/Base", zones: FixedZones()) == nil)
    }

    @Test(arguments: [
        ("2h", "2026-11-18T09:04:31.120Z"), ("1h30m", "2026-11-18T09:34:31.120Z"), ("90s", "2026-11-18T11:03:01.120Z"),
        ("1w", "2026-11-11T11:04:31.120Z"),
        ("now", "2026-11-18T11:04:31.120Z"), ("today", "2026-11-17T16:00:00.000Z"), ("yesterday", "2026-11-16T16:00:00.000Z"),
        ("2026-11-01", "2026-10-31T16:00:00.000Z"), ("2026-11-18T11:04:31+08:00", "2026-11-18T03:04:31.000Z"),
    ])
    func since(_ text: String, is expected: String) {
        #expect(TimeArgument.moment(text, now: Self.now, offset: { _ in 28800 })?.description == expected)
    }

    @Test(arguments: [
        "", "h", "2", "2x", "30m1h", "2h2h", "2.5h", "-2h", "99999999999d", "2026-13-01", "2026-11-31", "tomorrow", "２h",
        "2026-11-18 11:00",
    ])
    func refuses(_ text: String) {
        #expect(TimeArgument.moment(text, now: Self.now, offset: { _ in 0 }) == nil)
    }

    @Test(arguments: [
        (812, "812 ms"), (2049, "2.0 s"), (59_999, "59.9 s"), (60_000, "1 min"), (7_800_000, "2 h 10"), (7_200_000, "2 h"),
        (97_200_000, "1 d 03"), (-1500, "-1.5 s"),
    ])
    func speaks(_ ms: Int, _ expected: String) {
        #expect(spoken(.milliseconds(ms)) == expected)
    }

    @Test(arguments: [(12_045, "12.045"), (0, "0.000"), (7, "0.007"), (-7, "-0.007"), (-1250, "-1.250")])
    func decimals(_ ms: Int, _ expected: String) {
        #expect(decimalSeconds(.milliseconds(ms)) == expected)
    }
}
