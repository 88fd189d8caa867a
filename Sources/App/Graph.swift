import Config
import Core
import Templates

/// Settings, policy, catalogue, texts and accounts as one graph: each was read alone; this is what they promise each other.
struct Graph {
    var configuration: Configuration
    var templates: TemplateSet

    /// What does not fit together, by the file that has to change.
    var problems: [Problem] { links + words + brand }

    /// A button that no text names would be a mail without one.
    private var links: [Problem] {
        let known = templates.linkNames
        return rules.flatMap { rule in
            rule.links.filter { !known.contains($0) }.map { problem(rule, "links", $0, "has no label in every language", known) }
        }
    }

    /// Words of the catalogue that the vocabulary has to spell out.
    private var words: [Problem] {
        let lists: [(Vocabulary, String, (KindRule) -> [String])] = [
            (.progressSteps, "steps", { $0.steps }), (.materials, "materials", { $0.materials }),
        ]
        let ofKinds = lists.flatMap { list, key, names in
            let known = templates.terms(of: list)
            return rules.flatMap { rule in
                names(rule).filter { !known.contains($0) }.map {
                    problem(rule, key, $0, "is not in templates/_shared/terms, \(list.rawValue)", known)
                }
            }
        }
        let rails = templates.terms(of: .rails)
        let ofRails = configuration.catalogue.rails.keys.sorted().filter { !rails.contains($0) }.map {
            Problem(
                "\"\($0)\" is not in templates/_shared/terms, rails", file: configuration.settings.cataloguePaths.rails, key: "rails.\($0)")
        }
        let fee = configuration.settings.feeNote.rawValue
        let ofFee =
            templates.terms(of: .feeNotes).contains(fee)
            ? []
            : [
                Problem(
                    "\"\(fee)\" is not in templates/_shared/terms, fee_notes", file: configuration.settings.file, key: "defaults.fee_note")
            ]
        return ofKinds + ofRails + ofFee
    }

    private var brand: [Problem] {
        let settings = configuration.settings
        guard !Brand.accepts(linkBase: settings.brand.linkBase) else { return [] }
        return [
            Problem(
                "cannot stand in a mail's button", file: settings.file, key: "brand.link_base", hint: "https://… or the app's own scheme")
        ]
    }

    private var rules: [KindRule] { Kind.allCases.compactMap { configuration.catalogue.kinds[$0] } }

    private func problem(_ rule: KindRule, _ key: String, _ name: String, _ words: String, _ known: Set<String>) -> Problem {
        Problem(
            "\"\(name)\" \(words)", file: configuration.settings.cataloguePaths.kinds,
            key: "kinds.\(rule.kind.rawValue).\(key)", hint: nearest(to: name, among: known.sorted()).map { "did you mean \"\($0)\"?" })
    }
}
