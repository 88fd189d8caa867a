public import Core
public import Store
public import Terminal

/// `complaint list`: what customers complain of, newest first.
public struct ComplaintsReport: Document {
    public static let schema = "clarion.complaints/1"
    public var complaints: [ReviewItem]
    public var now: Timestamp
    public init(_ complaints: [ReviewItem], now: Timestamp) { (self.complaints, self.now) = (complaints, now) }

    /// They are few among what waits for people, so all of that is looked at.
    public static func gather(from reader: any StoreReader, onlyOpen: Bool, limit: Int, now: Timestamp) throws -> ComplaintsReport {
        let all = try reader.reviews(onlyOpen: onlyOpen, limit: .max).filter { $0.cause == .complaint }
        return ComplaintsReport(Array(all.prefix(limit)), now: now)
    }

    public var members: [(String, JSON)] { [("complaints", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) }))] }
    public var sheet: Sheet {
        var sheet = Sheet(["id", "order", "opened_at", "closed_at", "note"])
        for item in complaints {
            sheet.add([.integer(item.id), .text(item.order), .text(item.openedAt), .text(item.closedAt), .text(item.note)])
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        guard !complaints.isEmpty else { return [look.mark(.good, "nobody complains")] }
        var table = Table([
            .init("ID", isRightAligned: true), .init("OPEN", isRightAligned: true), .init("ORDER", cut: .middle), .init("WHAT", cut: .end),
        ])
        for item in complaints {
            table.add([
                .init(item.id, .bold), .init(item.closedAt == nil ? spoken(now - item.openedAt) : "closed"),
                .init(item.order?.description ?? look.dash), .init(item.note ?? look.dash),
            ])
        }
        let open = complaints.first { $0.closedAt == nil }
        return table.lines(look) + (open.map { ["", "Answered: clarion complaint end \($0.id) --reason \"…\""] } ?? [])
    }
}
