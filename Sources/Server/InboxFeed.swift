import Core
import Hummingbird
import NIOCore
import Store

/// One inbox as server-sent events: what is new after a position, and the counts when they changed.
struct InboxFeed {
    private let store: any Store
    private let customer: String
    private let links: (@Sendable (Kind, OrderNumber) -> String?)?
    private var position: Int64
    private var counts: (unseen: Int, unread: Int)?
    private var mustReset: Bool

    /// Items that a stream catches up with; who missed more is told to load the list.
    static let mostMissed = 200
    private static let page = 50

    /// - Parameter last: id of the last item the reader had; nil starts with what comes next.
    init(
        store: any Store, customer: String, after last: String?, links: (@Sendable (Kind, OrderNumber) -> String?)? = nil
    ) async throws {
        (self.store, self.customer, self.links) = (store, customer, links)
        let found = try await store.read { reader -> (position: Int64, isKnown: Bool) in
            if let last, let item = try reader.inboxItem(publicID: last, customer: customer) { return (item.id, true) }
            return (try reader.inbox(customer: customer, unreadOnly: false, before: nil, limit: 1).first?.id ?? 0, last == nil)
        }
        (position, mustReset) = (found.position, !found.isKnown)
    }

    /// Writes until the ticks end or the token does.
    mutating func run(
        _ ticks: AsyncStream<Void>, beat: Duration, until isOver: @Sendable () -> Bool, to writer: inout any ResponseBodyWriter
    ) async throws {
        try await writer.write(ByteBuffer(string: "retry: 3000\n\n" + (try await news())))
        var last = ContinuousClock.now
        for await _ in ticks {
            if isOver() {
                try await writer.write(ByteBuffer(string: "event: expired\ndata: {}\n\n"))
                return
            }
            let text = try await news()
            guard !text.isEmpty || last.duration(to: .now) >= beat else { continue }
            try await writer.write(ByteBuffer(string: text.isEmpty ? ": still here\n\n" : text))
            last = .now
        }
    }

    /// What happened since the last call, empty when nothing did.
    private mutating func news() async throws -> String {
        let (customer, position) = (customer, position)
        let (items, isTooMuch, counts) = try await store.read { reader in
            let (items, isTooMuch) = try Self.items(of: customer, after: position, reader)
            return (items, isTooMuch, try reader.inboxCounts(customer: customer))
        }
        var text = ""
        if isTooMuch || mustReset { text += "event: reset\ndata: {}\n\n" }
        mustReset = false
        for item in items.reversed() where !isTooMuch {
            text += "id: \(item.publicID)\nevent: message\ndata: \(item.shown(link: links?(item.kind, item.order)).text)\n\n"
        }
        if self.counts.map({ $0 != counts }) ?? true {
            let sums: JSON = ["unseen": .integer(counts.unseen), "unread": .integer(counts.unread)]
            text += "event: counts\ndata: \(sums.text)\n\n"
        }
        self.counts = counts
        self.position = items.first?.id ?? position
        return text
    }

    /// Newest first. One look at the newest tells whether there is anything: most ticks are other people's news.
    private static func items(of customer: String, after position: Int64, _ reader: any StoreReader) throws -> ([InboxItem], Bool) {
        var found = try reader.inbox(customer: customer, unreadOnly: false, before: nil, limit: 1).filter { $0.id > position }
        while let last = found.last {
            guard found.count <= mostMissed else { return (found, true) }
            let older = try reader.inbox(customer: customer, unreadOnly: false, before: last.id, limit: page)
            let fresh = older.filter { $0.id > position }
            found += fresh
            if fresh.count < page { break }
        }
        return (found, false)
    }
}
