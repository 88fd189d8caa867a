import Core
import Hummingbird
import Pipeline

/// What the command line asks a running worker to do: dead letters, reviews, and the record of who looked at what.
struct OperatorRoutes: Sendable {
    let desk: Desk
    /// Sends messages that try an account; nil: 404.
    let tester: ProviderTest?
    /// Takes the key that was put into the key file; nil: 404.
    let rotation: (@Sendable (_ key: Desk.RotatedKey, _ who: String, _ reason: String) async throws -> Desk.Answer)?

    let templates: TemplateDesk?

    var routes: [Route] {
        [
            Route(.post, "/v1/dead/{id}/retry", needs: .role(.operator)) { call in
                try await act(call) { try await desk.retry(deadLetter: $0, who: $1, reason: $2) }
            },
            Route(.post, "/v1/dead/{id}/discard", needs: .role(.operator)) { call in
                try await act(call) { try await desk.discard(deadLetter: $0, who: $1, reason: $2) }
            },
            Route(.post, "/v1/dead/{id}/restore", needs: .role(.operator)) { call in
                try await act(call) { try await desk.restore(deadLetter: $0, who: $1, reason: $2) }
            },
            Route(.post, "/v1/reviews/{id}/close", needs: .role(.operator)) { call in
                try await act(call) { try await desk.close(review: $0, note: $2, who: $1) }
            },
            Route(.post, "/v1/providers/{id}/pause", needs: .role(.operator)) { try await set(paused: true, $0) },
            Route(.post, "/v1/providers/{id}/resume", needs: .role(.operator)) { try await set(paused: false, $0) },
            Route(.post, "/v1/providers/{id}/test", needs: .role(.operator)) { try await test($0) },
            Route(.post, "/v1/attempts/{id}/settle", needs: .role(.operator)) { try await settle($0) },
            Route(.post, "/v1/fence/release", needs: .role(.operator)) { try await releaseFence($0) },
            Route(.post, "/v1/customers/{id}/erase", needs: .role(.admin)) { try await erase($0) },
            Route(.post, "/v1/keys/rotate", needs: .role(.admin)) { call in
                guard let rotation else { return Replies.notFound }
                return try await act(call) { try await rotation(.master, $0, $1) }
            },
            Route(.post, "/v1/keys/rotate-audit", needs: .role(.admin)) { call in
                guard let rotation else { return Replies.notFound }
                return try await act(call) { try await rotation(.audit, $0, $1) }
            },
            Route(.post, "/v1/audit/exports", needs: .role(.admin)) { try await export($0) },
            Route(.post, "/v1/backups", needs: .role(.admin)) { try await backUp($0) },
            Route(.post, "/v1/disclosures", needs: .role(.admin)) { try await disclose($0) },
        ] + DisclosureRoutes(desk: desk).routes + HoldRoutes(desk: desk).routes + ComplaintRoutes(desk: desk).routes
            + TemplateRoutes(desk: desk, templates: templates).routes
    }

    /// `{"reason": …, "who": …}`: nothing is done for no reason.
    private func act(_ call: Call, _ work: @Sendable (Int64, String, String) async throws -> Desk.Answer) async throws -> Response {
        guard let id = Int64(call.id), id > 0 else { return Replies.notFound }
        return try await act(call) { try await work(id, $0, $1) }
    }

    private func set(paused: Bool, _ call: Call) async throws -> Response {
        try await act(call) { try await desk.set(paused: paused, account: call.id, who: $0, reason: $1) }
    }

    /// `{"to": …, "reason": …, "who": …}`: one real message; 200 whatever the provider says of it. The address is in no answer.
    private func test(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        guard let address = body["to"]?.string else {
            let words = body["to"] == nil ? "missing" : "expected text"
            return Replies.invalid("invalid-request", "Say to whom it is sent", [FieldProblem("to", words)])
        }
        guard let tester else { return Replies.notFound }
        let reason = PlainText(body["reason"]?.string ?? "test", limit: 200).description
        switch try await tester.run(account: call.id, to: address, who: call.who(body), reason: reason) {
        case .done(let result): return Replies.json(.ok, result.json)
        case .notFound: return Replies.notFound
        case .notAllowed:
            return Replies.problem(.conflict, "not-allowlisted", "Nothing was sent", detail: "mode allowlist does not let it be written to")
        case .refused(let words): return Replies.invalid("invalid-request", "The address cannot be used", [FieldProblem("to", words)])
        }
    }

    /// `{"discard": true, "reason": …, "who": …}`
    private func releaseFence(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        guard let discards = body["discard"]?.bool else {
            let words = body["discard"] == nil ? "missing" : "expected true or false"
            return Replies.invalid("invalid-request", "Say what becomes of what waits", [FieldProblem("discard", words)])
        }
        return try await call.act(body) { try await desk.releaseFence(discarding: discards, who: $0, reason: $1) }
    }

    /// `{"even_if_open": true, "reason": …, "who": …}`
    private func erase(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        let isForced = body["even_if_open"]
        guard isForced == nil || isForced?.bool != nil else {
            return Replies.invalid(
                "invalid-request", "Say whether it is to be done", [FieldProblem("even_if_open", "expected true or false")])
        }
        return try await call.act(body) {
            try await desk.erase(customer: call.id, evenIfOpen: isForced?.bool ?? false, who: $0, reason: $1)
        }
    }

    /// `{"taken": true, "reason": …, "who": …}`: what somebody found out about an attempt in doubt.
    private func settle(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        guard let wasTaken = body["taken"]?.bool else {
            let words = body["taken"] == nil ? "missing" : "expected true or false"
            return Replies.invalid("invalid-request", "Say whether it was taken", [FieldProblem("taken", words)])
        }
        return try await call.act(body) { try await desk.settle(attempt: call.id, wasTaken: wasTaken, who: $0, reason: $1) }
    }

    /// `{"what": "whole" | "order": …, "reason": …, "who": …}`: the log's row of who takes a copy of it. The answer holds none.
    private func export(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        let order = body["order"]?.string.flatMap { OrderNumber($0) }
        guard order != nil || body["order"] == nil, let what = body["what"]?.string ?? order?.description else {
            return Replies.invalid(
                "invalid-request", "Say what is taken", [FieldProblem(body["order"] == nil ? "what" : "order", "expected text")])
        }
        let words = PlainText(what, limit: 200).description
        return try await call.act(body) { try await desk.export(order: order, what: words, who: $0, reason: $1) }
    }

    /// `{"file": …, "reason": …, "who": …}`: the log's row of who takes a copy of the store. The answer holds none.
    private func backUp(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        let name = PlainText(body["file"]?.string ?? "", limit: 100).description
        guard !name.isEmpty else {
            let words = body["file"] == nil ? "missing" : "expected text"
            return Replies.invalid("invalid-request", "Say what it is called", [FieldProblem("file", words)])
        }
        return try await call.act(body) { try await desk.backup(to: name, who: $0, reason: $1) }
    }

    private func act(_ call: Call, _ work: @Sendable (String, String) async throws -> Desk.Answer) async throws -> Response {
        try await call.act(try await call.json(atMost: 16384, isOptional: true), work)
    }

    /// `{"order" | "delivery" | "customer": …, "reason": …, "who": …}`: the log's row of who sees unmasked addresses; with `"export": true` of who takes
    /// all that is held about a customer. The answer holds none.
    private func disclose(_ call: Call) async throws -> Response {
        let body = try await call.json(atMost: 16384)
        let reason = PlainText(body["reason"]?.string ?? "", limit: 200).description
        var problems = reason.isEmpty ? [FieldProblem("reason", body["reason"] == nil ? "missing" : "expected text")] : []
        let named: [Desk.Disclosed] = [
            body["order"]?.string.flatMap { OrderNumber($0) }.map { .order($0) }, body["delivery"]?.string.map { .delivery($0) },
            body["customer"]?.string.map { .customer($0) },
        ].compactMap(\.self)
        if named.count != 1 { problems.append(FieldProblem("", "expected one of order, delivery, customer")) }
        let isExport = body["export"]
        if let isExport, isExport.bool == nil || body["customer"]?.string == nil {
            problems.append(FieldProblem("export", "expected true or false, of a customer"))
        }
        guard problems.isEmpty else { return Replies.invalid("invalid-request", "Say what is looked at, and why", problems) }
        if isExport?.bool == true, case .customer(let id) = named[0] {
            return try await call.act(body) { try await desk.exportCustomer(id, who: $0, reason: $1) }
        }
        switch try await desk.disclose(named[0], who: call.who(body), reason: reason) {
        case .done(let words): return Replies.json(.ok, ["done": .string(words)])
        case .notFound: return Replies.notFound
        case .refused(let words): return Replies.problem(.conflict, "refused", "Nothing was changed", detail: words)
        }
    }
}

extension Call {
    /// Nothing is done for no reason.
    func act(_ body: JSON, _ work: @Sendable (String, String) async throws -> Desk.Answer) async throws -> Response {
        var problems: [FieldProblem] = []
        let reason = PlainText(body["reason"]?.string ?? "", limit: 200).description
        if reason.isEmpty { problems.append(FieldProblem("reason", body["reason"] == nil ? "missing" : "expected text")) }
        if let who = body["who"], who.string == nil { problems.append(FieldProblem("who", "expected text")) }
        guard problems.isEmpty else { return Replies.invalid("invalid-request", "A reason is needed", problems) }
        switch try await work(who(body), reason) {
        case .done(let words): return Replies.json(.ok, ["done": .string(words)])
        case .notFound: return Replies.notFound
        case .refused(let words): return Replies.problem(.conflict, "refused", "Nothing was changed", detail: words)
        }
    }

    /// A name in the body is what the caller says; the role of the key is what we know.
    func who(_ body: JSON) -> String {
        let name = PlainText(body["who"]?.string ?? "").description
        guard let role else { return name.isEmpty ? "api" : name }
        return "api \(role.rawValue)" + (name.isEmpty ? "" : ": " + name)
    }
}
