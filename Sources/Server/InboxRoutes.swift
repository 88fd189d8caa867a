import Core
import HTTPTypes
import Hummingbird
import NIOCore
import Pipeline
import Store

/// `/v1/inbox`: what one customer sees in the app. A token is scoped to one customer; another's item answers the same 404 as none.
struct InboxRoutes: Sendable {
    let store: any Store
    let tokens: InboxTokens
    let clock: any Clock
    let access: Access
    let changes: Broadcast

    func add(to router: Router<BasicRequestContext>) {
        router.post("/v1/inbox/tokens") { request, _ in try await issue(request) }
        router.get("/v1/inbox/messages") { request, _ in try await list(request) }
        router.get("/v1/inbox/messages/:id") { request, context in try await item(request, id: context.parameters.require("id")) }
        router.get("/v1/inbox/counts") { request, _ in try await counts(request) }
        router.post("/v1/inbox/messages/:id/seen") { request, context in
            try await mark(request, id: context.parameters.require("id"), isRead: false)
        }
        router.post("/v1/inbox/messages/:id/read") { request, context in
            try await mark(request, id: context.parameters.require("id"), isRead: true)
        }
        router.get("/v1/inbox/stream") { request, _ in try await stream(request) }
    }

    /// For the app's back end, which knows who is signed in.
    private func issue(_ request: Request) async throws -> Response {
        let verdict = access.verdict(request.headers, needs: .operator)
        guard verdict == .allowed else { return Replies.refused(verdict) }
        let body = Array(buffer: try await request.body.collect(upTo: 4096))
        guard let json = try? JSON(parsing: body), let customer = json["customer"]?.string, Identifier.isValid(customer, limit: 64) else {
            return Replies.problem(.unprocessableContent, "invalid-token-request", "Expected {\"customer\": id}", errors: [FieldProblem("customer", "missing or not an id")])
        }
        let (token, expires) = try await tokens.make(for: customer, now: clock.now())
        return Replies.json(.created, ["token": .string(token), "expires": .string(expires.description)])
    }

    private func customer(_ request: Request) async -> String? {
        guard let token = Access.bearer(request.headers) ?? request.uri.queryParameters["token"].map(String.init) else { return nil }
        return await tokens.customer(of: token, now: clock.now())
    }

    private static let unauthorized = Replies.problem(
        .unauthorized, "unauthorized", "An inbox token is needed", headers: [.wwwAuthenticate: "Bearer"])

    private func list(_ request: Request) async throws -> Response {
        guard let customer = await customer(request) else { return Self.unauthorized }
        let query = request.uri.queryParameters
        let limit = min(100, max(1, query["limit"].flatMap { Int($0) } ?? 20))
        let before = query["cursor"].flatMap { Int64($0) }
        let unread = query["state"] == "unread"
        let (items, counts) = try await store.read { reader in
            (
                try reader.inbox(customer: customer, unreadOnly: unread, before: before, limit: limit),
                try reader.inboxCounts(customer: customer)
            )
        }
        var body: [(String, JSON)] = [
            ("messages", .array(items.map(Self.json))), ("unseen", .integer(counts.unseen)), ("unread", .integer(counts.unread)),
        ]
        if items.count == limit, let last = items.last { body.append(("cursor", .string(String(last.id)))) }
        return Replies.json(.ok, .object(body))
    }

    private func item(_ request: Request, id: String) async throws -> Response {
        guard let customer = await customer(request) else { return Self.unauthorized }
        guard let item = try await store.read({ try $0.inboxItem(publicID: id, customer: customer) }) else { return Replies.notFound }
        return Replies.json(.ok, Self.json(item))
    }

    private func counts(_ request: Request) async throws -> Response {
        guard let customer = await customer(request) else { return Self.unauthorized }
        let counts = try await store.read { try $0.inboxCounts(customer: customer) }
        return Replies.json(.ok, ["unseen": .integer(counts.unseen), "unread": .integer(counts.unread)])
    }

    private func mark(_ request: Request, id: String, isRead: Bool) async throws -> Response {
        guard let customer = await customer(request) else { return Self.unauthorized }
        let now = clock.now()
        let found = try await store.write { writer -> Bool in
            guard let item = try writer.inboxItem(publicID: id, customer: customer) else { return false }
            guard item.seenAt == nil || (isRead && item.readAt == nil) else { return true }
            _ = try writer.mark(inboxItem: id, customer: customer, seen: item.seenAt ?? now, read: isRead ? item.readAt ?? now : nil)
            try writer.append(
                LogEntry(isRead ? .read : .seen, at: now, order: item.order, delivery: item.delivery, body: ["item": .string(id)]))
            return true
        }
        guard found else { return Replies.notFound }
        changes.notify()
        return Response(status: .noContent)
    }

    /// Server-sent events: `message` with an item, `counts` after each change; ids are positions, so `Last-Event-ID` resumes without a gap.
    private func stream(_ request: Request) async throws -> Response {
        guard let customer = await customer(request) else { return Self.unauthorized }
        let resume = request.headers[HTTPField.Name("Last-Event-ID")!].flatMap { Int64($0) }
        let listener = changes.listen()
        var last = resume ?? 0
        if resume == nil {
            last = try await store.read { try $0.inbox(customer: customer, unreadOnly: false, before: nil, limit: 1).first?.id ?? 0 }
        }
        let (store, start) = (store, last)
        let body = ResponseBody { writer in
            var position = start
            try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
            position = try await Self.send(after: position, customer, store, &writer)
            for await _ in Self.ticks(listener) {
                position = try await Self.send(after: position, customer, store, &writer)
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store", HTTPField.Name("X-Accel-Buffering")!: "no"], body: body)
    }

    /// Changes, and a beat every 15 s that keeps the connection alive.
    private static func ticks(_ changes: AsyncStream<Void>) -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let task = Task {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for await _ in changes { continuation.yield() }
                        continuation.finish()
                    }
                    group.addTask {
                        while !Task.isCancelled {
                            do { try await Task.sleep(for: .seconds(15)) } catch { return }
                            continuation.yield()
                        }
                    }
                    await group.next()
                    group.cancelAll()
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private static func send(
        after position: Int64, _ customer: String, _ store: any Store, _ writer: inout any ResponseBodyWriter
    ) async throws -> Int64 {
        let (items, counts) = try await store.read { reader in
            (
                try reader.inbox(customer: customer, unreadOnly: false, before: nil, limit: 50).filter { $0.id > position }.reversed(),
                try reader.inboxCounts(customer: customer)
            )
        }
        var text = ""
        for item in items { text += "id: \(item.id)\nevent: message\ndata: \(json(item).text)\n\n" }
        let sums: JSON = ["unseen": .integer(counts.unseen), "unread": .integer(counts.unread)]
        text += "event: counts\ndata: \(sums.text)\n\n"
        try await writer.write(ByteBuffer(string: text))
        return items.last?.id ?? position
    }

    private static func json(_ item: InboxItem) -> JSON {
        [
            "id": .string(item.publicID), "order": .string(item.order.description), "kind": .string(item.kind.publicName),
            "stage": .string(item.stage.rawValue), "locale": .string(item.locale.rawValue), "title": .string(item.title), "body": .string(item.body),
            "created_at": .string(item.createdAt.description), "seen_at": item.seenAt.map { .string($0.description) } ?? .null,
            "read_at": item.readAt.map { .string($0.description) } ?? .null,
        ]
    }
}

extension Kind {
    /// What a customer's screen may know: the name of a compliance restriction must never reach it (domain.md section 11).
    var publicName: String { self == .complianceRestricted ? "restricted" : rawValue }
}
