@testable import App
import Core
import Pipeline
import Sandbox
import TestKit
import Testing

/// The inboxes beside the phones on the sandbox's page.
@Suite(.timeLimit(.minutes(2)))
struct WallTests {
    @Test func everyInboxIsThereWithItsNewestItemLast() async throws {
        try await Bench.run { bench in
            let wall = InboxWall()
            let options = wall.hung(on: Sandbox.Options())
            let inbox = try #require(options.inbox), changes = try #require(options.inboxChanges)
            // The page may ask before the store is open.
            #expect(await inbox().isEmpty)
            for await _ in changes() {}
            wall.open(bench.runtime)
            let news = changes()
            let first = try await bench.put("One", for: "C-1")
            try await bench.put("Two", for: "C-2")
            try await bench.put("Three", for: "C-1")
            for await _ in news { break }
            let shown = await inbox()
            #expect(shown.map(\.owner) == ["C-1", "C-2"])
            #expect(shown.map { $0.items.map(\.title) } == [["One", "Three"], ["Two"]])
            let key = try await bench.token(of: "C-1")
            #expect(try await bench.ask("POST", "/v1/inbox/messages/\(first)/read", key: key).status == 204)
            #expect(await inbox().first?.items.map(\.isRead) == [true, false])
        }
    }
}
