import Core
import StrictYAML

/// `holidays.yaml`: the days on which a country's offices and banks do not follow the week.
enum HolidayReader {
    static func read(_ root: YAML) -> [String: Holidays] {
        var found: [String: Holidays] = [:]
        guard let top = root.mapping(), let countries = top.required("countries")?.mapping() else { return found }
        top.close()
        for (code, node) in countries.all {
            if !isCountry(code) { countries.fail("expected a country", atKey: code, hint: hint) }
            found[code] = country(node)
        }
        return found
    }

    private static func country(_ node: YAML) -> Holidays? {
        guard let fields = node.mapping() else { return nil }
        let until = fields.required("until").flatMap(day)
        let closed = fields.required("closed").map(closed) ?? []
        let workedNode = fields["worked"]
        let worked = (workedNode?.list() ?? []).compactMap { item in day(item).map { ($0, item) } }
        fields.close()
        var days: Set<Int64> = []
        for (day, item) in worked {
            if closed.contains(day) { item.fail("is closed as well") }
            if !days.insert(day).inserted { item.fail("stands here twice") }
        }
        guard let until else { return nil }
        if let last = closed.union(days).max(), last > until {
            fields.fail("is before \(Holidays.text(of: last)), which stands below", atKey: "until")
        }
        return Holidays(closed: closed, worked: days, until: until)
    }

    /// Day → its name.
    private static func closed(_ node: YAML) -> Set<Int64> {
        guard let fields = node.mapping() else { return [] }
        var days: Set<Int64> = []
        for (text, name) in fields.all {
            if name.text()?.isEmpty == true { name.fail("is empty") }
            guard let day = Holidays.day(text) else {
                fields.fail("expected a day", atKey: text, hint: dayHint)
                continue
            }
            days.insert(day)
        }
        return days
    }

    private static func day(_ node: YAML) -> Int64? {
        guard let text = node.text() else { return nil }
        guard let day = Holidays.day(text) else {
            node.fail("expected a day", hint: dayHint)
            return nil
        }
        return day
    }

    private static let dayHint = "year, month and day: 2026-02-17"
    static let hint = "two capital letters of ISO 3166: CN"

    static func isCountry(_ text: String) -> Bool { text.utf8.count == 2 && text.utf8.allSatisfy { (0x41...0x5A).contains($0) } }

    /// `name: COUNTRY` of rails.yaml.
    ///
    /// - Parameter known: the names there may be; nil when they could not be read.
    static func countries(_ node: YAML?, of what: String, known: Set<String>?) -> [String: String] {
        guard let node, let list = node.mapping() else { return [:] }
        var countries: [String: String] = [:]
        for (name, node) in list.all {
            if let known, !known.contains(name) {
                list.fail("unknown \(what)", atKey: name, hint: nearest(to: name, among: known).map { "did you mean \"\($0)\"?" })
            }
            guard let text = node.text() else { continue }
            if isCountry(text) { countries[name] = text } else { node.fail("expected a country", hint: hint) }
        }
        return countries
    }
}
