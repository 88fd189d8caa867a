public import Core
public import Store
public import Terminal

/// `review list` and `review show`: what waits for a person, oldest first.
public struct ReviewReport: Document {
    public static let schema = "clarion.reviews/1"
    public var items: [ReviewItem]
    public var now: Timestamp
    public init(_ items: [ReviewItem], now: Timestamp) { (self.items, self.now) = (items, now) }

    /// - Parameter restricted: those of the compliance officer too; without it nothing says that there are any.
    public static func gather(
        from reader: any StoreReader, onlyOpen: Bool = true, restricted: Bool = false, limit: Int, now: Timestamp
    ) throws -> ReviewReport {
        ReviewReport(try reader.reviews(onlyOpen: onlyOpen, limit: limit).filter { restricted || !$0.isRestricted }, now: now)
    }
    /// Nil when there is no such item, or none for these eyes.
    public static func gather(from reader: any StoreReader, id: Int64, restricted: Bool = false, now: Timestamp) throws -> ReviewReport? {
        guard let item = try reader.review(id), restricted || !item.isRestricted else { return nil }
        return ReviewReport([item], now: now)
    }

    public var members: [(String, JSON)] { [("reviews", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) }))] }
    public var sheet: Sheet {
        var sheet = Sheet(["id", "cause", "order", "kind", "detail", "opened_at", "closed_at", "note"])
        for item in items {
            sheet.add([
                .integer(item.id), .code(item.cause), .text(item.order), .code(item.kind), .string(item.detail), .text(item.openedAt),
                .text(item.closedAt),
                .text(item.note),
            ])
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        guard let first = items.first else { return [look.mark(.good, "nothing to review")] }
        var table = Table([
            .init("ID", isRightAligned: true), .init("OPEN", isRightAligned: true), .init("CAUSE"), .init("ORDER", cut: .middle),
            .init("KIND", priority: 1),
            .init("DETAIL", cut: .end),
        ])
        for item in items {
            table.add([
                .init(item.id, .bold), .init(item.closedAt == nil ? spoken(now - item.openedAt) : "closed"), .init(item.cause.rawValue),
                .init(item.order?.description ?? look.dash), .init(item.kind?.rawValue ?? look.dash),
                .init(item.detail + (item.note.map { item.closedAt == nil ? ": \($0)" : " (closed: \($0))" } ?? "")),
            ])
        }
        let open = items.first { $0.closedAt == nil } ?? first
        return table.lines(look) + (open.closedAt == nil ? ["", "Done with one: clarion review close \(open.id) --reason \"…\""] : [])
    }
}
