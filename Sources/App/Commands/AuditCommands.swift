import Config
import Core
import Pipeline
import Reports
import Store
public import Terminal

// Commands that only look: one read, one report.

extension AuditOrderRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let unknown = Fault(.notFound, "no order \(order)", field: "order", hint: "clarion audit search customer:ID")
        guard let found = try await context.read({ [self] in try OrderReport.gather(from: $0, order: order, verify: verifies) }) else {
            throw unknown
        }
        var report = found
        if try await context.disclosed(.order(order)) {
            report =
                try await context.read { [self] in try OrderReport.gather(from: $0, order: order, verify: verifies, revealed: true) }
                ?? found
        }
        try context.console.show(report)
        if case .broken = report.chain { return .integrity }
        return .success
    }
}

extension AuditCustomerRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let search = context.search
        guard let found = try await context.read({ [self] in try CustomerReport.gather(from: $0, customer: customer, search: search) })
        else { throw Fault(.notFound, "nothing is known of customer \(customer)", field: "customer") }
        var report = found
        if try await context.disclosed(.customer(customer)) {
            report =
                try await context.read { [self] in
                    try CustomerReport.gather(from: $0, customer: customer, search: search, revealed: true)
                } ?? found
        }
        try context.console.show(report)
        return .success
    }
}

extension AuditDeliveryRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let found = try await context.read { [self] in try DeliveryReport.gather(from: $0, delivery: delivery, content: showsContent) }
        guard let found else {
            throw Fault(.notFound, "no delivery \(delivery)", field: "delivery", hint: "clarion audit search order:ID")
        }
        var report = found
        if try await context.disclosed(.delivery(delivery)) {
            report =
                try await context.read { [self] in
                    try DeliveryReport.gather(from: $0, delivery: delivery, content: showsContent, revealed: true)
                } ?? found
        }
        try context.console.show(report)
        return .success
    }
}

extension AuditSearchRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let search = try context.search(query)
        try context.console.show(
            try await context.read { [cursor, showsFacets] in
                try SearchReport.gather(from: $0, search: search, cursor: cursor, facets: showsFacets)
            })
        return .success
    }
}

extension AuditSampleRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let search = try context.search(query)
        let seed = seed ?? UInt64.random(in: 0...0xFFFF_FFFF)
        try context.console.show(
            try await context.read { [count] in try SampleReport.gather(from: $0, search: search, seed: seed, count: count) })
        return .success
    }
}

extension AuditResultsRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let limit = context.options.limit
        try context.console.show(try await context.read { try VerdictsReport.gather(from: $0, limit: limit) })
        return .success
    }
}

extension AuditSampleWork: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        switch self {
        case .draw(let request): try await request.run(in: context)
        case .sum(let request): try await request.run(in: context)
        }
    }
}

extension AuditVerdictRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let who = context.who
        let answer = try await context.operate(
            "/v1/verdicts",
            ["delivery": .string(delivery), "right": .bool(isRight), "reason": .string(note), "who": .string(who)]
        ) { [self] in try await $0.judge(delivery: delivery, isRight: isRight, who: who, note: note) }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words], next: "clarion audit sample --results"))
        case .notFound: throw Fault(.notFound, "no delivery \(PlainText(delivery))", field: "delivery")
        case .refused(let words): throw Fault(.failure, words)
        }
        return .success
    }
}

extension AuditUnreachableRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let search = try context.search(query)
        let report = try await context.read { [showsAll] in try UnreachableReport.gather(from: $0, search: search, all: showsAll) }
        try context.console.show(report)
        return report.customers.isEmpty ? .success : .findings
    }
}

extension AuditStatsRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let (since, until) = (context.options.since, context.options.until)
        let prices = try context.settings().smsPrices
        try context.console.show(
            try await context.read { [dimensions] in
                try StatsReport.gather(from: $0, since: since, until: until, by: dimensions, prices: prices)
            })
        return .success
    }
}

extension AuditInvariantsRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let limit = context.options.limit
        let report = try await context.read { try InvariantsReport.gather(from: $0, limit: limit) }
        try context.console.show(report)
        return report.status
    }
}

extension ExplainRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let report = try await context.read { [self] in try gather(from: $0) }
        guard var report else { throw Fault(.notFound, "no order, event or delivery \(subject)", field: "subject") }
        if recomputes { report.recomputed = try await Recomputing.run(report.order, in: context) }
        try context.console.show(report)
        return .success
    }

    /// Tried in this order: a delivery, an event, an order.
    private func gather(from reader: any StoreReader) throws -> ExplainReport? {
        if let delivery = try reader.delivery(publicID: subject) {
            let cause = try reader.notice(delivery.notice)?.event.flatMap { try reader.event($0)?.id }
            return try ExplainReport.gather(from: reader, order: delivery.order, event: cause, channel: delivery.channel)
        }
        if let event = try reader.event(id: subject), let order = event.order {
            return try ExplainReport.gather(from: reader, order: order, event: event.id, channel: channel)
        }
        return try OrderNumber(subject).flatMap { try ExplainReport.gather(from: reader, order: $0, channel: channel) }
    }
}

extension InboxShowRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let limit = context.options.limit
        let isRevealed = try await context.disclosed(.customer(customer))
        let report = try await context.read { [self] in
            try InboxReport.gather(from: $0, customer: customer, unreadOnly: isUnreadOnly, limit: limit, reveal: isRevealed)
        }
        try context.console.show(report)
        return .success
    }
}
