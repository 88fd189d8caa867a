public import Core
import Glibc

/// How moments are shown. The zone always stands beside them: in a heading, or after the time.
public struct TimeFormat: Sendable {
    public enum Zone: Sendable, Equatable {
        case utc, local
        /// The zone of the customer a row is about; UTC where that is not known.
        case customer
        case named(String)
    }
    public var zone: Zone
    private let zones: any ZoneTable
    private let localOffset: @Sendable (Timestamp) -> Int

    /// - Parameter localOffset: seconds east of UTC of this machine at a moment.
    public init(_ zone: Zone, zones: any ZoneTable, localOffset: @escaping @Sendable (Timestamp) -> Int = TimeFormat.machineOffset) {
        (self.zone, self.zones, self.localOffset) = (zone, zones, localOffset)
    }

    /// `utc`, `local`, `customer` or a name of the zone database; nil when no such zone is known.
    public static func zone(_ text: String, zones: any ZoneTable) -> Zone? {
        switch text.lowercased() {
        case "utc", "z": .utc
        case "local": .local
        case "customer": .customer
        default: zones.offset(of: text, at: Timestamp(seconds: 0)) == nil ? nil : .named(text)
        }
    }

    /// The machine's own zone, from `TZ` or `/etc/localtime`.
    public static let machineOffset: @Sendable (Timestamp) -> Int = { moment in
        var seconds = time_t(moment.seconds)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return 0 }
        return parts.tm_gmtoff
    }

    /// - Parameter customer: the zone of the customer the moment is about.
    public func offset(at moment: Timestamp, customer: String? = nil) -> Int {
        switch zone {
        case .utc: 0
        case .local: localOffset(moment)
        case .customer: customer.flatMap { zones.offset(of: $0, at: moment) } ?? 0
        case .named(let name): zones.offset(of: name, at: moment) ?? 0
        }
    }

    /// What to write beside a time: `UTC`, `UTC+08:00`, `Asia/Shanghai`.
    public func label(at moment: Timestamp, customer: String? = nil) -> String {
        switch zone {
        case .utc: "UTC"
        case .local: TimeFormat.name(ofOffset: localOffset(moment))
        case .customer: customer.flatMap { zones.offset(of: $0, at: moment) == nil ? nil : $0 } ?? "UTC"
        case .named(let name): name
        }
    }

    static func name(ofOffset seconds: Int) -> String {
        guard seconds != 0 else { return "UTC" }
        let minutes = abs(seconds) / 60
        return "UTC\(seconds < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }

    public func civil(_ moment: Timestamp, customer: String? = nil) -> CivilTime {
        CivilTime(moment, offset: offset(at: moment, customer: customer))
    }
    /// `2026-11-18`
    public func day(_ moment: Timestamp, customer: String? = nil) -> String {
        let civil = civil(moment, customer: customer)
        return "\(two(civil.year / 100))\(two(civil.year % 100))-\(two(civil.month))-\(two(civil.day))"
    }
    /// `11:04:31`, for columns whose heading names the zone.
    public func clock(_ moment: Timestamp, customer: String? = nil) -> String {
        let civil = civil(moment, customer: customer)
        return "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second))"
    }
    /// `11:04:31.120`
    public func preciseClock(_ moment: Timestamp, customer: String? = nil) -> String {
        let rest = moment.milliseconds - moment.seconds * 1000
        return clock(moment, customer: customer) + "." + (rest < 100 ? "0" : "") + two(Int(rest))
    }
    /// `2026-11-18 11:04:31 UTC`
    public func full(_ moment: Timestamp, customer: String? = nil) -> String {
        "\(day(moment, customer: customer)) \(clock(moment, customer: customer)) \(label(at: moment, customer: customer))"
    }
    /// `2026-11-18 11:04:31`, for columns whose heading names the zone.
    public func dayAndClock(_ moment: Timestamp, customer: String? = nil) -> String {
        "\(day(moment, customer: customer)) \(clock(moment, customer: customer))"
    }
}

private func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }

/// A span for people: `812 ms`, `2.0 s`, `4 min`, `2 h 10`, `3 d`.
public func spoken(_ span: Duration) -> String {
    let ms = span.milliseconds
    if ms < 0 { return "-" + spoken(.milliseconds(-ms)) }
    switch ms {
    case ..<1000: return "\(ms) ms"
    case ..<60_000: return "\(ms / 1000).\(ms % 1000 / 100) s"
    case ..<3_600_000: return "\(ms / 60_000) min"
    case ..<86_400_000: return "\(ms / 3_600_000) h" + (ms % 3_600_000 / 60_000 == 0 ? "" : " \(two(Int(ms % 3_600_000 / 60_000)))")
    default: return "\(ms / 86_400_000) d" + (ms % 86_400_000 / 3_600_000 == 0 ? "" : " \(two(Int(ms % 86_400_000 / 3_600_000)))")
    }
}

/// Seconds with milliseconds, for JSON: `12.045`.
public func decimalSeconds(_ span: Duration) -> String {
    let ms = span.milliseconds
    let rest = abs(ms % 1000)
    return "\(ms < 0 && ms / 1000 == 0 ? "-" : "")\(ms / 1000).\(rest < 100 ? "0" : "")\(two(Int(rest)))"
}
