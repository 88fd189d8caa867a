import Core
import HTTPTypes
import Hummingbird
import Pipeline
import Store

/// `/v1/inbox`: what one customer sees in the app. A token is scoped to one customer; another's item answers the same 404 as none, after
/// the same look-up by item and customer together.
struct InboxRoutes: Sendable {
    let store: any Store
    let tokens: InboxTokens
    let clock: any Clock
    let changes: Broadcast
    let streams: Streams
    /// Nil: nothing is sent from here.
    let receipts: Receipts?
    /// Where an item leads; nil: to the app.
    let links: (@Sendable (Kind, OrderNumber) -> String?)?

    static let mostItems = 100

    var routes: [Route] {
        [
            Route(.post, "/v1/inbox/tokens", needs: .role(.operator)) { try await issue($0) },
            Route(.get, "/v1/inbox/messages", needs: .inbox(urlToo: false)) { try await list($0) },
            Route(.get, "/v1/inbox/messages/{id}", needs: .inbox(urlToo: false)) { try await item($0) },
            Route(.get, "/v1/inbox/counts", needs: .inbox(urlToo: false)) { try await counts($0) },
            Route(.post, "/v1/inbox/messages/{id}/seen", needs: .inbox(urlToo: false)) { try await mark($0, isRead: false) },
            Route(.post, "/v1/inbox/messages/{id}/read", needs: .inbox(urlToo: false)) { try await mark($0, isRead: true) },
            Route(.post, "/v1/inbox/pushes/{id}/opened", needs: .inbox(urlToo: false)) { try await opened($0) },
            // `EventSource` cannot set a header, so this one takes the token in its address: it runs out after minutes, is scoped to one
            // inbox, and no log of ours holds addresses.
            Route(.get, "/v1/inbox/stream", needs: .inbox(urlToo: true)) { try await stream($0) },
        ]
    }

    /// For the app's back end, which knows who is signed in.
    private func issue(_ call: Call) async throws -> Response {
        let json = try await call.json(atMost: 4096)
        guard let customer = json["customer"]?.string, Identifier.isValid(customer, limit: 64) else {
            let problem = json["customer"] == nil ? "missing" : "expected 1 to 64 characters of A-Z a-z 0-9 - _ . /"
            return Replies.invalid("invalid-request", "No token for that", [FieldProblem("customer", problem)])
        }
        let (token, expires) = try await tokens.make(for: customer, now: clock.now())
        return Replies.json(.created, ["token": .string(token), "expires": .string(expires.description)])
    }

    // MARK: Reading

    private func list(_ call: Call) async throws -> Response {
        let customer = try call.customer
        let wish = try ListWish(call.query)
        let page = try await store.read { reader -> (items: [InboxItem], unseen: Int, unread: Int)? in
            var before: Int64?
            if let cursor = wish.cursor {
                guard let last = try reader.inboxItem(publicID: cursor, customer: customer) else { return nil }
                before = last.id
            }
            let items = try reader.inbox(customer: customer, unreadOnly: wish.onlyUnread, before: before, limit: wish.limit)
            let counts = try reader.inboxCounts(customer: customer)
            return (items, counts.unseen, counts.unread)
        }
        guard let page else { throw Refusal(ListWish.refused([FieldProblem("cursor", "not one of this list")])) }
        // One more page may be empty; the cursor is an item's own id, so nothing is counted out to a customer.
        let next: JSON = page.items.count == wish.limit ? page.items.last.map { .string($0.publicID) } ?? .null : .null
        return Replies.json(
            .ok,
            [
                "messages": .array(page.items.map(shown)), "unseen": .integer(page.unseen), "unread": .integer(page.unread),
                "cursor": next,
            ])
    }

    private func item(_ call: Call) async throws -> Response {
        let customer = try call.customer
        guard let item = try await store.read({ try $0.inboxItem(publicID: call.id, customer: customer) }) else { return Replies.notFound }
        return Replies.json(.ok, shown(item))
    }

    private func shown(_ item: InboxItem) -> JSON { item.shown(link: links?(item.kind, item.order)) }

    private func counts(_ call: Call) async throws -> Response {
        let customer = try call.customer
        let counts = try await store.read { try $0.inboxCounts(customer: customer) }
        return Replies.json(.ok, ["unseen": .integer(counts.unseen), "unread": .integer(counts.unread)])
    }

    // MARK: Marking

    /// The first time counts; again is the same 204. What is read is seen.
    private func mark(_ call: Call, isRead: Bool) async throws -> Response {
        let (customer, id, now) = (try call.customer, call.id, clock.now())
        enum Result: Sendable { case none, before, now }
        let result = try await store.write { writer -> Result in
            guard let item = try writer.inboxItem(publicID: id, customer: customer) else { return .none }
            guard item.seenAt == nil || (isRead && item.readAt == nil) else { return .before }
            _ = try writer.mark(inboxItem: id, customer: customer, seen: item.seenAt ?? now, read: isRead ? now : nil)
            try writer.append(
                LogEntry(isRead ? .read : .seen, at: now, order: item.order, delivery: item.delivery, body: ["item": .string(id)]))
            return .now
        }
        if result == .none { return Replies.notFound }
        if result == .now { changes.notify() }
        return Response(status: .noContent, headers: [.cacheControl: "no-store"])
    }

    /// The device has shown a push notice and its owner has tapped it. `id` is the `delivery` of the payload.
    private func opened(_ call: Call) async throws -> Response {
        let customer = try call.customer
        guard let receipts, try await receipts.opened(push: call.id, by: customer) else { return Replies.notFound }
        return Response(status: .noContent, headers: [.cacheControl: "no-store"])
    }

    // MARK: Live

    /// Server-sent events: `message` with an item, `counts` whenever they changed, `reset` when too much was missed, `expired` at the
    /// token's end. An event's id is the item's: `Last-Event-ID` resumes after it without a gap.
    private func stream(_ call: Call) async throws -> Response {
        let holder = try call.owner
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store", HTTPField.Name("X-Accel-Buffering")!: "no",
        ]
        if call.request.method == .head { return Response(status: .ok, headers: headers) }
        let seat: Streams.Seat
        switch streams.open(for: holder.customer) {
        case .open(let taken): seat = taken
        case .tooManyOfOne:
            return Replies.problem(.tooManyRequests, "too-many-streams", "This inbox is open often enough", headers: [.retryAfter: "15"])
        case .full: return Replies.unavailable("too-many-streams", "No stream is free", after: 15)
        }
        let last = call.headers[HTTPField.Name("Last-Event-ID")!]
        let (store, clock, beat) = (store, clock, streams.beat)
        let body = ResponseBody { writer in
            var feed = try await InboxFeed(store: store, customer: holder.customer, after: last, links: links)
            try await feed.run(seat.ticks, beat: beat, until: { clock.now() >= holder.expires }, to: &writer)
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}

extension Call {
    /// The front door has let nobody in without a token.
    var owner: InboxTokens.Holder {
        get throws {
            guard let holder else { throw Refusal(Replies.noToken) }
            return holder
        }
    }
    var customer: String { get throws { try owner.customer } }
}

/// What a list was asked for: `state`, `limit`, `cursor`.
private struct ListWish {
    var onlyUnread = false
    var limit = 20
    var cursor: String?

    init(_ query: [(name: String, value: String)]) throws(Refusal) {
        var problems: [FieldProblem] = []
        for (name, value) in query {
            switch name {
            case "state" where value == "unread" || value == "all": onlyUnread = value == "unread"
            case "state": problems.append(FieldProblem("state", "expected unread or all"))
            case "limit":
                if let number = Int(value), (1...InboxRoutes.mostItems).contains(number) {
                    limit = number
                } else {
                    problems.append(FieldProblem("limit", "expected 1 to \(InboxRoutes.mostItems)"))
                }
            case "cursor": cursor = value
            default: problems.append(FieldProblem(PlainText(name).description, "unknown parameter"))
            }
        }
        guard problems.isEmpty else { throw Refusal(Self.refused(problems)) }
    }

    static func refused(_ problems: [FieldProblem]) -> Response {
        Replies.problem(.badRequest, "invalid-query", "The list cannot be asked for like that", errors: problems)
    }
}

extension InboxItem {
    /// What the customer's app gets.
    func shown(link: String?) -> JSON {
        [
            "id": .string(publicID), "order": .string(order.description), "kind": .string(kind.toOthers.rawValue),
            "stage": .string(stage.toOthers(of: kind).rawValue),
            "locale": .string(locale.rawValue), "title": .string(title), "body": .string(body),
            "link": link.map { .string($0) } ?? .null,
            "created_at": .string(createdAt.description),
            "seen_at": seenAt.map { .string($0.description) } ?? .null, "read_at": readAt.map { .string($0.description) } ?? .null,
        ]
    }
}
