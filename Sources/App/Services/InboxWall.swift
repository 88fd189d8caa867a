import Core
import Pipeline
import Sandbox
import Store
import Synchronization

/// The in-app inboxes that the sandbox's page shows beside phones and mailboxes. The sandbox is there before the store is open.
final class InboxWall: Sendable {
    private struct Sight {
        var store: SQLiteStore
        var changes: @Sendable () -> AsyncStream<Void>
    }
    private let sight = Mutex<Sight?>(nil)
    /// Items of everybody that are looked at.
    private static let depth = 300

    /// The same options with the inboxes of this wall.
    func hung(on options: Sandbox.Options) -> Sandbox.Options {
        var options = options
        options.inbox = { await self.inboxes() }
        options.inboxChanges = { self.sight.withLock { $0?.changes }?() ?? AsyncStream { $0.finish() } }
        return options
    }

    func open(_ runtime: Runtime) {
        let changes = runtime.engine.inboxChanges
        sight.withLock { $0 = Sight(store: runtime.store) { changes.listen() } }
    }

    /// In the order of their first item here, each with the newest item last.
    private func inboxes() async -> [Sandbox.Inbox] {
        guard let store = sight.withLock({ $0?.store }) else { return [] }
        do {
            let items = try await store.read { try $0.newestInboxItems(limit: Self.depth) }
            var inboxes: [Sandbox.Inbox] = []
            for item in items.reversed() {
                let shown = Sandbox.Inbox.Item(at: item.createdAt, title: item.title, body: item.body, isRead: item.readAt != nil)
                if let n = inboxes.firstIndex(where: { $0.owner == item.customer }) {
                    inboxes[n].items.append(shown)
                } else {
                    inboxes.append(Sandbox.Inbox(owner: item.customer, items: [shown]))
                }
            }
            return inboxes
        } catch {
            // The page is only a view: without the store it shows none.
            return []
        }
    }
}
