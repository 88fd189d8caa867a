public import Core
public import Store
public import Templates

/// Renders a notice from its pinned facts: what T2 writes in-app and what T3 sends.
public struct NoticeRenderer: Sendable {
    public var texts: Texts
    public var brand: Brand
    public var zones: any ZoneTable
    /// A kind's buttons, the first is the one a mail shows.
    public var links: [Kind: [String]]
    /// What a push and an item of the inbox open: the first button, and where others may not tell kinds apart the first that all of them have.
    private let opens: [Kind: String]

    public init(texts: Texts, brand: Brand, zones: any ZoneTable, links: [Kind: [String]]) {
        (self.texts, self.brand, self.zones, self.links) = (texts, brand, zones, links)
        opens = Dictionary(
            uniqueKeysWithValues: Kind.allCases.compactMap { kind in
                let alike = Kind.allCases.filter { $0.toOthers == kind.toOthers }
                let name = links[kind.toOthers]?.first { name in alike.allSatisfy { links[$0]?.contains(name) ?? false } }
                return name.map { (kind, $0) }
            })
    }

    /// What went wrong is kept beside the generic text that took its place.
    public struct Rendered: Sendable {
        public var content: Content
        public var replaced: RenderProblem?
        /// Whose words these are, when it is not the revision that the notice was planned with: that one is not kept.
        public var otherRevision: String?
    }

    /// The text of one channel. For `high`, SMS and mail fall back to the safe generic text when a value is missing.
    ///
    /// Throws `RenderProblem`, or what the store throws.
    ///
    /// - Parameter reader: where the texts of earlier revisions are kept.
    public func render(
        _ notice: Notice, on channel: Channel, moreOrders: Int = 0, kept reader: any StoreReader
    ) throws -> Rendered {
        if notice.audience == .staff {
            return Rendered(content: StaffDesk.content(of: notice, zoneOffset: 0))
        }
        let templates = try texts.of(notice.templateRevision, kept: reader)
        let other = templates.revision == notice.templateRevision ? nil : templates.revision
        let request = request(notice, on: channel, moreOrders: moreOrders)
        do throws(RenderProblem) {
            return Rendered(content: try templates.render(request), otherRevision: other)
        } catch {
            guard notice.priority == .high, channel == .sms || channel == .mail else { throw error }
            return Rendered(content: try templates.generic(request), replaced: error, otherRevision: other)
        }
    }

    /// The in-app text. It is written with the decision and must exist: where a value is missing the safe generic text stands in.
    public func inApp(_ notice: Notice, kept reader: any StoreReader) throws -> (title: String, body: String) {
        let templates = try texts.of(notice.templateRevision, kept: reader)
        let content: Content
        do throws(RenderProblem) {
            content = try templates.render(request(notice, on: .inApp))
        } catch {
            content = try templates.generic(request(notice, on: .inApp))
        }
        guard case .inApp(let title, let body) = content else { throw RenderProblem(.renderError, detail: "no in-app text") }
        return (title, body)
    }

    /// Where a tap on a push or on an item of the inbox leads. Nil: to the app.
    public func link(of kind: Kind, order: OrderNumber) -> String? { opens[kind].map { brand.link($0, order: order) } }

    private func request(_ notice: Notice, on channel: Channel, moreOrders: Int = 0) -> RenderRequest {
        let (zones, zone) = (zones, notice.timeZone)
        return RenderRequest(
            kind: notice.kind, stage: notice.stage, variant: notice.variant, channel: channel, locale: notice.locale, facts: notice.facts,
            brand: brand, offset: { zones.offset(of: zone, at: $0) ?? 0 }, privatePreview: notice.privatePreview,
            link: links[notice.kind]?.first, moreOrders: moreOrders,
            wording: notice.wording)
    }
}
