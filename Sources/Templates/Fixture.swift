public import Core
import StrictYAML

/// Values under a name that texts of a kind are looked at and checked with. It changes nothing that a customer reads, so it counts for no
/// revision, and a mistake in one stops no worker: `clarion check` tells of it.
public struct Fixture: Sendable, Hashable {
    /// Beside the texts: `templates/<kind>/fixtures.yaml`.
    public static let fileName = TemplateFile.fixtures

    public var name: String
    /// What is special about it.
    public var title: String
    /// Nil: in every language.
    public var locale: TextLocale?
    /// Nil: that of the settings.
    public var zone: String?
    /// Nil: at every stage.
    public var stage: NoticeStage?
    /// Nil: for the opening and all its variants.
    public var variant: String?
    public var values: GivenValues

    public init(
        name: String, title: String, locale: TextLocale? = nil, zone: String? = nil, stage: NoticeStage? = nil, variant: String? = nil,
        values: GivenValues
    ) {
        (self.name, self.title, self.locale, self.zone) = (name, title, locale, zone)
        (self.stage, self.variant, self.values) = (stage, variant, values)
    }

    /// Whether it says something about a text.
    public func fits(_ stage: NoticeStage, _ variant: String?, _ locale: TextLocale) -> Bool {
        (self.locale ?? locale) == locale && (self.stage ?? stage) == stage && (self.variant == nil || self.variant == variant)
    }
}

/// The fixtures of all kinds, in the order of their files.
public struct Fixtures: Sendable {
    private var all: [Kind: [Fixture]] = [:]

    public init() {}
    public subscript(kind: Kind) -> [Fixture] { all[kind] ?? [] }
    public var count: Int { all.values.reduce(0) { $0 + $1.count } }

    /// Reads what there is for some kinds. What cannot be read is left out, and is a problem.
    ///
    /// - Parameters:
    ///   - files: of the templates, as for `TemplateSet.compile`; those that are no fixtures are passed over.
    ///   - isZone: whether there is a zone of that name.
    public static func read(
        _ files: [(path: String, text: String)], of kinds: some Sequence<Kind> = Kind.allCases, templates: TemplateSet,
        isZone: (String) -> Bool
    ) -> (fixtures: Fixtures, problems: [Problem]) {
        let findings = Findings()
        let kinds = Set(kinds)
        var fixtures = Fixtures()
        for (path, text) in files {
            let parts = path.split(separator: "/")
            guard parts.last == Substring(Fixture.fileName), parts.count >= 2 else { continue }
            guard let kind = Kind(rawValue: String(parts[parts.count - 2])) else {
                findings.add(Problem("fixtures stand beside the texts of a kind", file: path))
                continue
            }
            guard kinds.contains(kind), let map = StrictYAML.parse(text, file: path, findings)?.mapping() else { continue }
            fixtures.all[kind] = map.all.compactMap { Fixture($0.name, at: $0.value, kind, templates, isZone) }
        }
        return (fixtures, findings.problems.byPlace)
    }
}

extension [Problem] {
    var byPlace: [Problem] { sorted { ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column) } }
}

extension Fixture {
    fileprivate init?(_ name: String, at node: YAML, _ kind: Kind, _ templates: TemplateSet, _ isZone: (String) -> Bool) {
        guard let map = node.mapping() else { return nil }
        if !Self.accepts(name: name) { node.fail("\"\(PlainText(name))\" is no name", hint: Self.nameRule) }
        let title = map.required("title")?.text()
        let locale = map["locale"].map { $0.word(TextLocale.self) }
        let stage = map["stage"].map { $0.word(NoticeStage.self) }
        let zone = map["zone"].map { node in Self.word(node, "zone", isZone, "a name such as Asia/Shanghai") }
        let variants = templates.variants(of: kind)
        let variant = map["variant"].map { node in
            Self.word(
                node, "variant", variants.contains, variants.isEmpty ? "this kind has none" : "known: \(variants.joined(separator: ", "))")
        }
        if let variant = map["variant"], let stage, stage != .opened {
            variant.fail("only the first notice has variants", hint: "leave variant or stage out")
        }
        let values = map.required("values")?.mapping().map { GivenValues($0, of: templates) }
        map.close()
        guard let title, let values else { return nil }
        self.init(
            name: name, title: title, locale: locale ?? nil, zone: zone ?? nil, stage: stage ?? nil, variant: variant ?? nil, values: values
        )
    }

    private static func word(_ node: YAML, _ what: String, _ isKnown: (String) -> Bool, _ hint: String) -> String? {
        guard let word = node.text() else { return nil }
        if isKnown(word) { return word }
        node.fail("there is no \(what) \"\(PlainText(word))\"", hint: hint)
        return nil
    }

    public static let nameRule = "small letters, digits and _, at most 40"
    /// What may follow `--fixture`, and stand before a colon.
    public static func accepts(name: String) -> Bool {
        (1...40).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}
