@testable import Core
import Testing

@Suite("moments and wall clocks")
struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1), ("1969-12-31T23:59:59.999Z", -1),
            ("2025-11-12T03:30:00Z", 1_762_918_200_000),
            ("2025-11-12T11:30:00+08:00", 1_762_918_200_000), ("2025-11-11T22:00:00.5-05:30", 1_762_918_200_500),
            ("2000-02-29T12:00:00.123456789Z", 951_825_600_123), ("2025-11-12t03:30:00z", 1_762_918_200_000),
            ("1970-01-01T00:00:00-00:00", 0), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)])
    func reads(_ text: String, _ milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2025", "2025-11-12", "2025-11-12T03:30Z", "2025-11-12 03:30:00Z", "2025-11-12T03:30:00", "2025-13-12T03:30:00Z",
        "2025-00-12T03:30:00Z", "2025-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2025-04-31T00:00:00Z", "2025-11-00T00:00:00Z",
        "2025-11-12T24:00:00Z", "2025-11-12T03:60:00Z", "2025-11-12T03:30:60Z", "2025-11-12T03:30:00.Z", "2025-11-12T03:30:00.5",
        "2025-11-12T03:30:00+8:00", "2025-11-12T03:30:00+0800", "2025-11-12T03:30:00+24:00", "2025-11-12T03:30:00+08:60",
        "2025-11-12T03:30:00Z ", " 2025-11-12T03:30:00Z", "2025-11-12T03:30:00ZZ", "+025-11-12T03:30:00Z", "2025-1１-12T03:30:00Z",
        "2025-11-12T03:30:00,5Z", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    ])
    func refuses(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("817 moments as Python's datetime sees them: same digits, same moment, both ways")
    func agreesWithPython() throws {
        let lines = try fixtureLines("times.tsv")
        #expect(lines.count == 817)
        for line in lines {
            let columns = line.split(separator: "\t").map(String.init)
            let milliseconds = try #require(Int64(columns[0])), offset = try #require(Int(columns[1]))
            let moment = Timestamp(milliseconds: milliseconds)
            #expect(Timestamp(rfc3339: columns[2]) == moment, "\(line)")
            let local = CivilTime(moment, offset: offset)
            let shown = Timestamp(milliseconds: milliseconds + Int64(offset) * 1000).description.dropLast()
            #expect(columns[2].hasPrefix(String(shown)), "\(line)")
            let fraction = Duration.milliseconds(milliseconds - moment.seconds * 1000)
            #expect(local.moment(offset: offset) + fraction == moment, "\(line)")
            #expect(Timestamp(rfc3339: moment.description) == moment, "\(line)")
        }
    }

    @Test func writesMillisecondsInUTC() {
        #expect(Timestamp(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp(seconds: 1_762_918_200).description == "2025-11-12T03:30:00.000Z")
    }

    @Test func everyDayOf400YearsFollowsTheOneBefore() {
        var expected = CivilTime(year: 1970, month: 1, day: 1)
        for day in 0..<146_097 {
            let civil = CivilTime(Timestamp(seconds: Int64(day) * 86400), offset: 0)
            guard civil == expected else {
                Issue.record("day \(day): \(civil), expected \(expected)")
                return
            }
            let isLeap = (civil.year % 4 == 0 && civil.year % 100 != 0) || civil.year % 400 == 0
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            expected.day += 1
            if expected.day > lengths[expected.month - 1] { (expected.month, expected.day) = (expected.month + 1, 1) }
            if expected.month > 12 { (expected.year, expected.month) = (expected.year + 1, 1) }
        }
    }

    @Test func arithmeticIsInMilliseconds() {
        let moment = Timestamp(seconds: 100)
        #expect(moment + .milliseconds(1500) == Timestamp(milliseconds: 101_500))
        #expect(moment - .seconds(101) == Timestamp(milliseconds: -1000))
        #expect(moment - Timestamp(milliseconds: 99_999) == .milliseconds(1))
        #expect(Duration.milliseconds(-1500).milliseconds == -1500)
        #expect(Duration.minutes(2) == .seconds(120) && Duration.hours(2) == .seconds(7200) && Duration.days(2) == .seconds(172_800))
        #expect(Timestamp(milliseconds: -1) < Timestamp(milliseconds: 0))
        #expect(Timestamp(milliseconds: -1).seconds == -1)
    }
}
