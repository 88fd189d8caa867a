public import Core

/// Reads `--since` and `--until`: a span before now, a day, or a moment.
public enum TimeArgument {
    /// | text | means |
    /// |---|---|
    /// | `90s` `15m` `2h` `3d` `1w` `1h30m` | that long before now |
    /// | `now` `today` `yesterday` | now; the start of that day in the zone |
    /// | `2026-11-18` | the start of that day in the zone |
    /// | `2026-11-18T11:04:31Z` | RFC 3339 |
    ///
    /// - Parameter offset: seconds east of UTC of the zone the person thinks in, at a moment.
    /// - Returns: nil for anything else.
    public static func moment(_ text: String, now: Timestamp, offset: (Timestamp) -> Int) -> Timestamp? {
        switch text {
        case "now": return now
        case "today": return startOfDay(of: now, offset: offset)
        case "yesterday": return startOfDay(of: startOfDay(of: now, offset: offset) - .hours(12), offset: offset)
        default: break
        }
        if let span = span(text) { return now - span }
        if let moment = Timestamp(rfc3339: text) { return moment }
        guard text.utf8.count == 10, let midnight = Timestamp(rfc3339: text + "T00:00:00Z") else { return nil }
        return midnight - .seconds(offset(midnight - .seconds(offset(midnight))))
    }

    /// `30s`, `1h30m`; whole numbers, units from large to small. Nil for anything else, and for more than a hundred years.
    public static func span(_ text: String) -> Duration? {
        let units: [(Character, Int64)] = [("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
        var total: Int64 = 0
        var digits = ""
        var next = 0
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = units[next...].firstIndex(where: { $0.0 == character }), let count = Int64(digits), count < 10_000_000_000
            else { return nil }
            total += count * units[unit].1
            guard total <= 3_200_000_000 else { return nil }
            next = unit + 1
            digits = ""
        }
        return digits.isEmpty && next > 0 ? .seconds(total) : nil
    }

    private static func startOfDay(of moment: Timestamp, offset: (Timestamp) -> Int) -> Timestamp {
        let east = offset(moment)
        var civil = CivilTime(moment, offset: east)
        (civil.hour, civil.minute, civil.second) = (0, 0, 0)
        let midnight = civil.moment(offset: east)
        // The day may have begun under another offset.
        return civil.moment(offset: offset(midnight))
    }
}
