import Core
import HTTPTypes
import Hummingbird
import Pipeline
import Reports
import Store
import Terminal

/// What leaves over HTTP unmasked: `/v1/reveals`, for some minutes, and `/v1/customers/{id}/export`. For keys of the role `admin` alone: where no keys are asked
/// for, everybody on the machine can call, and only what is masked is theirs.
struct DisclosureRoutes: Sendable {
    let desk: Desk
    let reveals: Reveals
    init(desk: Desk) { (self.desk, reveals) = (desk, Reveals(desk)) }

    var routes: [Route] {
        [
            Route(.post, "/v1/reveals", needs: .role(.admin)) { try await grant($0) },
            Route(.get, "/v1/reveals/{id}", needs: .role(.admin)) { try await show($0) },
            Route(.post, "/v1/customers/{id}/export", needs: .role(.admin)) { try await export($0) },
        ]
    }

    private static let keyless = Replies.problem(
        .forbidden, "key-needed", "Nothing is shown unmasked without a key",
        detail: "this listener asks for no keys; use the command line on this machine, or set keys (listen, behind_proxy)")

    /// `{"order" | "customer": …, "minutes": 15, "reason": …, "who": …}`
    private func grant(_ call: Call) async throws -> Response {
        guard call.role != nil else { return Self.keyless }
        let body = try await call.json(atMost: 16384)
        let reason = PlainText(body["reason"]?.string ?? "", limit: 200).description
        var problems = reason.isEmpty ? [FieldProblem("reason", body["reason"] == nil ? "missing" : "expected text")] : []
        if let who = body["who"], who.string == nil { problems.append(FieldProblem("who", "expected text")) }
        let named: [Desk.Disclosed] = [
            body["order"]?.string.flatMap { OrderNumber($0) }.map { .order($0) },
            body["customer"]?.string.flatMap { Identifier.isValid($0, limit: 64) ? $0 : nil }.map { .customer($0) },
        ].compactMap(\.self)
        if named.count != 1 { problems.append(FieldProblem("", "expected one of order, customer")) }
        let minutes = body["minutes"].map { Int($0.integer ?? 0) } ?? Reveals.usual
        if !(1...Reveals.longest).contains(minutes) { problems.append(FieldProblem("minutes", "expected 1 to \(Reveals.longest)")) }
        guard problems.isEmpty else { return Replies.invalid("invalid-request", "Say what is looked at, and why", problems) }
        if case .customer(let id) = named[0], try await desk.store.read({ try $0.pseudonym(ofCustomer: id) }) == nil {
            return Replies.notFound
        }
        guard let grant = try await reveals.grant(named[0], minutes: minutes, who: call.who(body), reason: reason) else {
            return Replies.notFound
        }
        return Replies.json(.created, ["reveal": .string(grant.id), "until": .string(grant.until.description)])
    }

    private func show(_ call: Call) async throws -> Response {
        guard call.role != nil else { return Self.keyless }
        switch try await reveals.use(call.id, who: call.who([:])) {
        case .notFound: return Replies.notFound
        case .over: return Replies.problem(.gone, "reveal-over", "Its time is over", detail: "ask for another one, with a reason")
        case .allowed(let grant):
            let report = try await DiscreetStore(desk.store).read { reader -> RevealReport? in
                switch grant.what {
                case .order(let order): try RevealReport.gather(from: reader, order: order)
                case .customer(let id): try RevealReport.gather(from: reader, customer: id)
                case .delivery: nil
                }
            }
            guard let report else { return Replies.notFound }
            return Replies.json(
                .ok, .object(report.members + [("reveal", .string(grant.id)), ("until", .string(grant.until.description))]))
        }
    }

    /// `{"reason": …, "who": …}`: everything that is held about a customer, for them.
    private func export(_ call: Call) async throws -> Response {
        guard call.role != nil else { return Self.keyless }
        let body = try await call.json(atMost: 16384)
        let (customer, desk) = (call.id, desk)
        let noted = try await call.act(body) { try await desk.exportCustomer(customer, who: $0, reason: $1) }
        guard noted.status == .ok else { return noted }
        let now = desk.clock.now()
        let export = try await desk.store.read { try CustomerExport.gather(from: DiscreetReader($0), customer: customer, now: now) }
        return export.map { Replies.json(.ok, $0.json) } ?? Replies.notFound
    }
}
