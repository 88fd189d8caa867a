import Config
import Core

/// Whether the calendars of holidays reach far enough, and every bank has one.
struct Calendars {
    var configuration: Configuration
    var now: Timestamp

    /// A calendar that ends sooner than this is worth a line.
    static let reach: Duration = .days(60)

    var warnings: [Problem] { missing + ending }

    private var missing: [Problem] {
        needed.filter { known[$0.key] == nil }.sorted { $0.key < $1.key }.map { country, user in
            warning("\(country) has no holidays: \(user) works by the week alone", key: "countries", hint: "add the country")
        }
    }

    private var ending: [Problem] {
        let limit = (now + Self.reach).seconds / 86400
        return known.filter { $0.value.until < limit && needed[$0.key] != nil }.sorted { $0.key < $1.key }.map { country, holidays in
            let day = Holidays.text(of: holidays.until)
            return warning(
                "the holidays of \(country) are known until \(day): later days count as the weekday they fall on",
                key: "countries.\(country).until", hint: "add the next year")
        }
    }

    /// Country → somebody who keeps its holidays.
    private var needed: [String: String] {
        let catalogue = configuration.catalogue
        var needed: [String: String] = [:]
        for (bank, rails) in catalogue.baselines.sorted(by: { $0.key < $1.key }) {
            for rail in rails.keys.sorted() { needed[catalogue.country(ofBank: bank, rail: rail) ?? home] = bank }
        }
        for (rail, country) in catalogue.countries.sorted(by: { $0.key < $1.key }) where needed[country] == nil {
            needed[country] = "a bank of \(rail)"
        }
        needed[home] = "our own office"
        return needed
    }

    private var known: [String: Holidays] { configuration.catalogue.holidays }
    private var home: String { configuration.settings.country }

    private func warning(_ words: String, key: String, hint: String) -> Problem {
        Problem(words, severity: .warning, file: configuration.settings.cataloguePaths.holidays, key: key, hint: hint)
    }
}
