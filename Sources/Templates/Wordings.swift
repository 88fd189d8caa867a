public import Core
import StrictYAML

extension TemplateSet {
    /// Another way to say a kind's notices that a share of the customers gets: a weighted variant. The others get the text itself.
    public struct Wording: Hashable, Sendable {
        public var name: String
        /// Of a hundred customers.
        public var weight: Int
        public init(name: String, weight: Int) { (self.name, self.weight) = (name, weight) }
    }

    /// By name.
    public func wordings(of kind: Kind) -> [Wording] { wordings[kind] ?? [] }

    /// The wording of a notice; nil: the text that all others get, also where the wording that was drawn does not say this stage.
    ///
    /// - Parameter draw: 0 ..< 100, the same for one customer and kind whatever the stage and language.
    public func wording(kind: Kind, stage: NoticeStage, variant: String?, locale: TextLocale, draw: () -> Int) -> String? {
        guard let wordings = wordings[kind] else { return nil }
        var below = 0
        let draw = draw()
        for wording in wordings {
            below += wording.weight
            guard draw < below else { continue }
            let key = Key(
                kind: kind, stage: stage, variant: stage == .opened ? variant : nil, locale: locale, wording: wording.name)
            return notices[key] == nil ? nil : wording.name
        }
        return nil
    }
}

extension Contract {
    /// Kinds that must not be told from each other by what their customers read (tipping off): they have one wording.
    private static let alike: Set<Kind> = [.riskHold, .complianceRestricted]

    /// Customers of all languages are drawn for the same wordings; what is left of a hundred is the text itself.
    func checkWordings() {
        for (kind, all) in drafts.wordings.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            if Self.alike.contains(kind) {
                for draft in all {
                    draft.node.fail("this kind has one wording", hint: "two would tell a restriction from a security review")
                }
                continue
            }
            let weights = Dictionary(all.map { ($0.wording.name, $0.wording.weight) }) { first, _ in first }
            for locale in TextLocale.allCases {
                let own = all.filter { $0.locale == locale }
                for draft in own where weights[draft.wording.name] != draft.wording.weight {
                    draft.node.fail(
                        "another weight than in another language (\(weights[draft.wording.name] ?? 0))", hint: "one weight in all")
                }
                if let last = own.last, own.reduce(0, { $0 + $1.wording.weight }) >= 100 {
                    last.node.fail("nothing is left for the text itself", hint: "the weights are of a hundred customers")
                }
                guard let opened = drafts.notices[.init(kind: kind, stage: .opened, variant: nil, locale: locale)] else { continue }
                for name in weights.keys.sorted() where !own.contains(where: { $0.wording.name == name }) {
                    opened.node.fail("the wording \"\(name)\" is missing", hint: "another language of \(kind.rawValue) has it")
                }
            }
            for draft in all where !drafts.notices.keys.contains(where: { $0.kind == kind && $0.wording == draft.wording.name }) {
                draft.node.fail("a wording without a text", hint: "opened, variants or stages, as the kind itself has them")
            }
        }
    }
}
