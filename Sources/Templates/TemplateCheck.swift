public import Core

/// What a rendering takes from the settings.
public struct Surroundings: Sendable {
    public var brand: Brand
    /// The button of each kind's mail.
    public var links: [Kind: String]
    /// Seconds east of UTC at a moment, in a zone by name, or in that of the settings; nil for a zone that there is not.
    public var offset: @Sendable (_ zone: String?, Timestamp) -> Int?

    public init(brand: Brand, links: [Kind: String], offset: @escaping @Sendable (String?, Timestamp) -> Int?) {
        (self.brand, self.links, self.offset) = (brand, links, offset)
    }

    /// An invented platform whose customers live in China.
    public static let sample = Surroundings(brand: .sample, links: [:]) { zone, _ in zone == nil ? 8 * 3600 : 0 }

    public func isZone(_ name: String) -> Bool { offset(name, Samples.moment) != nil }

    /// A text with values, those of a fixture perhaps.
    public func request(
        _ kind: Kind, _ stage: NoticeStage, _ variant: String?, _ channel: Channel, _ locale: TextLocale, facts: Facts, _ fixture: Fixture?
    ) -> RenderRequest {
        let (zone, offset) = (fixture?.zone, offset)
        return RenderRequest(
            kind: kind, stage: stage, variant: variant, channel: channel, locale: locale, facts: facts, brand: brand,
            offset: { offset(zone, $0) ?? 0 }, link: links[kind], moreOrders: fixture?.values.moreOrders ?? 0)
    }
}

/// The texts as files, and as customers would read them: read, checked, and filled in with the samples and with every fixture.
public struct TemplateCheck: Sendable {
    public let templates: TemplateSet
    public let fixtures: Fixtures
    /// Of texts, fixtures, and texts filled in, errors and warnings.
    public let problems: [Problem]
    /// Each kind's forms, on every channel, in every language.
    public let texts: Int
    /// How often one of them was filled in.
    public let renders: Int

    /// Throws what is wrong with the files of the texts: then there is nothing to fill in.
    ///
    /// - Parameter kinds: whose texts are looked at. What all kinds share always is.
    public init(
        _ files: [(path: String, text: String)], kinds: [Kind] = Kind.allCases, in surroundings: Surroundings, digest: ([UInt8]) -> [UInt8]
    ) throws(Problems) {
        let (set, drafts) = try TemplateSet.read(files, TemplateSet.Scope(kinds: kinds, locales: TextLocale.allCases), digest)
        let (fixtures, wrong) = Fixtures.read(files, of: kinds, templates: set, isZone: surroundings.isZone)
        var outputs = OutputContract(set: set, wording: drafts.wording, surroundings: surroundings)
        for kind in kinds { outputs.check(kind, fixtures[kind]) }
        (templates, self.fixtures, renders) = (set, fixtures, outputs.renders)
        texts = kinds.reduce(0) { $0 + set.forms(of: $1).count } * TemplateSet.channels.count * TextLocale.allCases.count
        problems = set.warnings + wrong + outputs.problems
    }
}
