/// A moment in UTC, in whole milliseconds since 1970-01-01T00:00:00Z, with no leap seconds.
///
/// Core reads no clock: a moment comes in as an argument, in tests and replays as in production.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    public init(seconds: Int64) { milliseconds = seconds * 1000 }

    public var seconds: Int64 { milliseconds.floorDivided(by: 1000) }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }
    public static func + (a: Timestamp, b: Duration) -> Timestamp { Timestamp(milliseconds: a.milliseconds + b.milliseconds) }
    public static func - (a: Timestamp, b: Duration) -> Timestamp { Timestamp(milliseconds: a.milliseconds - b.milliseconds) }
    public static func - (a: Timestamp, b: Timestamp) -> Duration { .milliseconds(a.milliseconds - b.milliseconds) }

    /// Seconds of the years 0000 to 9999.
    private static let writable: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    /// RFC 3339 in UTC with milliseconds: `2025-11-12T03:30:00.000Z`.
    public var description: String { isWritable ? written(24) : farAway }
    /// Whether `write(to:)` can write it.
    var isWritable: Bool { Timestamp.writable.contains(seconds) }

    /// The first `count` characters of `description`: 10 name the day, 13 the hour, 16 the minute.
    public func written(_ count: Int) -> String {
        guard isWritable else { return String(farAway.prefix(count)) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { bytes in
            write(to: bytes)
            return String(decoding: bytes[..<min(count, 24)], as: UTF8.self)
        }
    }

    /// - Parameter bytes: 24 of them.
    func write(to bytes: UnsafeMutableBufferPointer<UInt8>) {
        func pair(_ value: Int, _ at: Int) {
            let value = UInt32(truncatingIfNeeded: value)
            bytes[at] = 0x30 + UInt8(truncatingIfNeeded: value / 10)
            bytes[at + 1] = 0x30 + UInt8(truncatingIfNeeded: value % 10)
        }
        let civil = CivilTime(self, offset: 0)
        let rest = Int(milliseconds - seconds * 1000)
        pair(civil.year / 100, 0)
        pair(civil.year % 100, 2)
        pair(civil.month, 5)
        pair(civil.day, 8)
        pair(civil.hour, 11)
        pair(civil.minute, 14)
        pair(civil.second, 17)
        pair(rest / 10, 20)
        bytes[22] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
        (bytes[4], bytes[7], bytes[10]) = (0x2D, 0x2D, 0x54)
        (bytes[13], bytes[16], bytes[19], bytes[23]) = (0x3A, 0x3A, 0x2E, 0x5A)
    }

    /// Years that RFC 3339 cannot write; they come from arithmetic only.
    private var farAway: String {
        let civil = CivilTime(self, offset: 0)
        let ms = milliseconds - seconds * 1000
        return "\(digits(civil.year, 4))-\(digits(civil.month, 2))-\(digits(civil.day, 2))T"
            + "\(digits(civil.hour, 2)):\(digits(civil.minute, 2)):\(digits(civil.second, 2)).\(digits(Int(ms), 3))Z"
    }

    /// Reads RFC 3339: date, `T`, time, optional fraction (any length, cut to milliseconds), then `Z` or `±hh:mm`.
    /// Anything else is nil: no blank instead of `T`, no missing zone, no month 13, no second 60.
    public init?(rfc3339 text: some StringProtocol) {
        let read = text.utf8.withContiguousStorageIfAvailable { Timestamp(rfc3339: $0) }
        guard let moment = read ?? Array(text.utf8).withUnsafeBufferPointer({ Timestamp(rfc3339: $0) }) else { return nil }
        self = moment
    }

    init?(rfc3339 bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count >= 20 else { return nil }
        var areDigits = true
        /// Two digits; what is none is found out in the end.
        func pair(_ at: Int) -> Int {
            let (tens, ones) = (bytes[at] &- 0x30, bytes[at + 1] &- 0x30)
            if tens > 9 || ones > 9 { areDigits = false }
            return Int(tens) * 10 + Int(ones)
        }
        guard bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x54 || bytes[10] == 0x74, bytes[13] == 0x3A, bytes[16] == 0x3A else {
            return nil
        }
        let (year, month, day) = (pair(0) * 100 + pair(2), pair(5), pair(8))
        let (hour, minute, second) = (pair(11), pair(14), pair(17))
        guard areDigits, (1...12).contains(month), day >= 1, day <= CivilTime.days(in: month, of: year), hour < 24, minute < 60, second < 60
        else { return nil }
        var at = 19
        var fraction: Int64 = 0
        if bytes[at] == 0x2E {
            at += 1
            let start = at
            var scale: Int64 = 100
            while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 {
                fraction += Int64(bytes[at] - 0x30) * scale
                scale /= 10
                at += 1
            }
            guard at > start else { return nil }
        }
        guard at < bytes.count else { return nil }
        var offset = 0
        switch bytes[at] {
        case 0x5A, 0x7A:
            guard at + 1 == bytes.count else { return nil }
        case 0x2B, 0x2D:
            guard at + 6 == bytes.count, bytes[at + 3] == 0x3A else { return nil }
            let (hours, minutes) = (pair(at + 1), pair(at + 4))
            guard areDigits, hours < 24, minutes < 60 else { return nil }
            offset = (hours * 60 + minutes) * (bytes[at] == 0x2B ? 60 : -60)
        default:
            return nil
        }
        let days = CivilTime.daysSinceEpoch(year: year, month: month, day: day)
        let total = Int64(days) * 86400 + Int64(hour * 3600 + minute * 60 + second - offset)
        // The offset may carry a time out of the years that RFC 3339 can write.
        guard Timestamp.writable.contains(total) else { return nil }
        self.init(milliseconds: total * 1000 + fraction)
    }
}

/// A moment as a wall clock shows it at a fixed offset from UTC. The proleptic Gregorian calendar.
public struct CivilTime: Hashable, Sendable {
    public var year, month, day, hour, minute, second: Int

    public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        (self.year, self.month, self.day, self.hour, self.minute, self.second) = (year, month, day, hour, minute, second)
    }

    /// - Parameter offset: seconds east of UTC.
    public init(_ moment: Timestamp, offset: Int) {
        let local = moment.seconds + Int64(offset)
        let days = local.floorDivided(by: 86400)
        let rest = Int(local - days * 86400)
        // Howard Hinnant's civil_from_days, with eras of 400 years.
        let z = days + 719_468
        let era = z.floorDivided(by: 146_097)
        let doe = z - era * 146_097
        let yoe = (doe - doe / 1460 + doe / 36524 - doe / 146_096) / 365
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
        let mp = (5 * doy + 2) / 153
        day = Int(doy - (153 * mp + 2) / 5 + 1)
        month = Int(mp < 10 ? mp + 3 : mp - 9)
        year = Int(yoe + era * 400) + (month <= 2 ? 1 : 0)
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
    }

    /// The moment this wall clock time names at an offset, in seconds east of UTC.
    public func moment(offset: Int) -> Timestamp {
        let days = Int64(Self.daysSinceEpoch(year: year, month: month, day: day))
        return Timestamp(seconds: days * 86400 + Int64(hour * 3600 + minute * 60 + second - offset))
    }

    static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = Int64(y).floorDivided(by: 400)
        let yoe = Int64(y) - era * 400
        let mp = Int64(month > 2 ? month - 3 : month + 9)
        let doy = (153 * mp + 2) / 5 + Int64(day) - 1
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy
        return Int(era * 146_097 + doe - 719_468)
    }

    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Seconds east of UTC in a zone at a moment. Nil when the zone is not known.
///
/// Core owns no zone table: the caller passes one (in production Foundation's, in tests a fixed one).
public protocol ZoneTable: Sendable {
    func offset(of zone: String, at moment: Timestamp) -> Int?
}

extension Duration {
    /// Whole milliseconds, the rest cut off.
    public var milliseconds: Int64 {
        Int64(attoseconds / 1_000_000_000_000_000)
    }
    public static func minutes(_ n: Int) -> Duration { .seconds(n * 60) }
    public static func hours(_ n: Int) -> Duration { .seconds(n * 3600) }
    public static func days(_ n: Int) -> Duration { .seconds(n * 86400) }
}

extension Int64 {
    /// Inlined: by a divisor that is known, a division costs little.
    @inline(__always)
    func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

func digits(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return text.count >= width ? text : String(repeating: "0", count: width - text.count) + text
}
