public import Core
import StrictYAML

/// All customer texts, compiled and checked. A value: one set is swapped for another as a whole, and deliveries keep the revision they
/// were planned with.
public struct TemplateSet: Sendable {
    /// The first 12 hexadecimal digits of the digest over all files, sorted by path.
    public let revision: String
    /// What a translator should look at; nothing here stops a notice.
    public let warnings: [Problem]

    struct Key: Hashable, Sendable {
        /// Nil for the stages that all kinds share.
        var kind: Kind?
        var stage: NoticeStage
        var variant: String?
        var locale: TextLocale
        /// Another way to say it that some of the customers get (`wordings` of a kind).
        var wording: String? = nil
    }
    let notices: [Key: Notice]
    let wordings: [Kind: [Wording]]
    let words: [TextLocale: Words]
    let generic: [TextLocale: Notice]
    let layout: MailLayout

    /// What of the files is read.
    public struct Scope: Sendable {
        let kinds: Set<Kind>
        let locales: Set<TextLocale>
        var isWhole: Bool { locales.count == TextLocale.allCases.count }
        /// Whether the texts have to keep to the contract.
        private(set) var judges = true

        /// The same of texts that were judged when they were kept: what later rules say of them is no reason not to say what was planned.
        public var unjudged: Scope {
            var scope = self
            scope.judges = false
            return scope
        }

        public static let everything = Scope(kinds: Kind.allCases, locales: TextLocale.allCases)
        /// Texts of some kinds in some languages, and what stands in for them.
        public init(kinds: some Sequence<Kind>, locales: some Sequence<TextLocale>) {
            (self.kinds, self.locales) = (Set(kinds), Set(locales).union([.en]))
        }
    }

    /// Reads, compiles and checks all files of `templates/`, and throws every mistake in them at once.
    ///
    /// - Parameters:
    ///   - files: path and text of each file; the path is shown in problems, and its last parts say what the file is:
    ///     `<kind>/<locale>.yaml`, `_shared/<what>/<locale>.yaml`, `_shared/mail.html`. Other files are not templates, nor are fixtures.
    ///   - scope: less than everything for a look at one text. The checks that compare languages then need all of them; the revision is
    ///     the whole's.
    ///   - digest: a collision-resistant hash, SHA-256 in production.
    public static func compile(
        files: [(path: String, text: String)], scope: Scope = .everything, digest: ([UInt8]) -> [UInt8]
    ) throws(Problems) -> TemplateSet {
        try read(files, scope, digest).set
    }

    /// The set, and what its files say where.
    static func read(_ files: [(path: String, text: String)], _ scope: Scope, _ digest: ([UInt8]) -> [UInt8]) throws(Problems) -> (
        set: TemplateSet, drafts: Drafts
    ) {
        let findings = Findings()
        let files = files.filter { !$0.path.hasSuffix("/" + Fixture.fileName) }.sorted { $0.path < $1.path }
        let drafts = Drafts(files, scope, findings)
        try findings.throwErrors()
        guard let set = TemplateSet(drafts, revision: revision(of: files, digest), warnings: []) else {
            throw Problems([Problem("there are no templates", file: "templates")])
        }
        if scope.judges { Contract(set: set, drafts: drafts, findings: findings).check(comparing: scope.isWhole) }
        try findings.throwErrors()
        return (TemplateSet(set, warnings: findings.warnings), drafts)
    }

    private static func revision(of files: [(path: String, text: String)], _ digest: ([UInt8]) -> [UInt8]) -> String {
        var all: [UInt8] = []
        for file in files {
            all += Array(file.path.utf8) + [0] + Array(file.text.utf8) + [0]
        }
        let hex = Array("0123456789abcdef")
        return String(digest(all).prefix(6).flatMap { [hex[Int($0 >> 4)], hex[Int($0 & 15)]] })
    }

    private init?(_ drafts: Drafts, revision: String, warnings: [Problem]) {
        guard let layout = drafts.layout else { return nil }
        self.revision = revision
        self.warnings = warnings
        self.layout = layout
        var notices: [Key: Notice] = [:]
        for (key, draft) in drafts.notices { notices[key] = draft.notice }
        for (kind, locale) in drafts.fallbacks {
            for (key, notice) in notices where key.kind == kind && key.locale == .en {
                var key = key
                key.locale = locale
                notices[key] = notice
            }
        }
        // Every language has the same ones, which the contract sees to.
        wordings = drafts.wordings.mapValues { all in
            all.filter { $0.locale == all[0].locale }.map(\.wording).sorted { $0.name < $1.name }
        }
        self.notices = notices
        words = drafts.words.mapValues(\.words)
        generic = drafts.generic.mapValues(\.notice)
    }

    private init(_ set: TemplateSet, warnings: [Problem]) {
        (revision, self.warnings, notices, words) = (set.revision, warnings, set.notices, set.words)
        (generic, layout, wordings) = (set.generic, set.layout, set.wordings)
    }

    /// The kind's own text, or the shared one of the stage. A variant that only the opening knows is ignored later; a wording that does not
    /// say this one leaves it to the text that all others get.
    func notice(_ kind: Kind, _ stage: NoticeStage, _ variant: String?, _ locale: TextLocale, wording: String? = nil) -> Notice? {
        if let wording {
            let key = Key(kind: kind, stage: stage, variant: stage == .opened ? variant : nil, locale: locale, wording: wording)
            if let notice = notices[key] { return notice }
        }
        if stage == .opened { return notices[Key(kind: kind, stage: .opened, variant: variant, locale: locale)] }
        return notices[Key(kind: kind, stage: stage, variant: nil, locale: locale)]
            ?? notices[Key(kind: nil, stage: stage, variant: nil, locale: locale)]
    }
}
