/// The days of one country on which offices and banks do not follow the week. Days are counted from 1970-01-01, without a zone.
public struct Holidays: Sendable, Hashable {
    /// Closed, whatever day of the week it is.
    public var closed: Set<Int64>
    /// Worked although it is a day off in other weeks: China's make-up days.
    public var worked: Set<Int64>
    /// The last day that is known of. Later ones count as the weekday they fall on.
    public var until: Int64
    public init(closed: Set<Int64>, worked: Set<Int64> = [], until: Int64) {
        (self.closed, self.worked, self.until) = (closed, worked, until)
    }

    /// `2026-02-17`; nil for anything else.
    public static func day(_ text: String) -> Int64? {
        guard text.utf8.count == 10, let moment = Timestamp(rfc3339: text + "T00:00:00Z") else { return nil }
        return moment.seconds / 86400
    }
    /// `2026-02-17`
    public static func text(of day: Int64) -> String { Timestamp(seconds: day * 86400).written(10) }
}

/// Where somebody works: by which clock, and by whose holidays.
struct Workplace: Sendable, Hashable {
    /// A name of the IANA table.
    var zone: String
    /// ISO 3166, two letters.
    var country: String
}

extension Catalogue {
    /// Whose holidays the bank keeps; nil where nothing says it: it goes by ours then, as it does by our clock.
    public func country(ofBank bank: String, rail: String) -> String? { bankCountries[bank] ?? countries[rail] }
}
