public import Core
public import Store
public import Terminal

/// `audit unreachable`: customers with a `high` notice that reached them on no channel, as far as the words of its states claim; the longest
/// unreached first.
///
/// Reached is what `StateWord.isTold` says of a channel outside the app, and the item in the app once it was read. What still waits may reach them
/// yet and is not in it.
public struct UnreachableReport: Document {
    public static let schema = "clarion.audit.unreachable/1"
    public struct Way: Sendable, Equatable {
        public var channel: Channel
        public var state: StateWord
        public var reason: ReasonCode?
    }
    public struct Customer: Sendable {
        public var customer: String
        /// The newest of them.
        public var order: OrderNumber
        public var kind: Kind
        public var stage: NoticeStage
        public var zone: String
        public var ways: [Way]
        /// Since the oldest of them was planned.
        public var since: Timestamp
        public var notices: Int
        /// What would let the next one through, most useful first.
        public var remedies: [String]
    }
    public var customers: [Customer]
    public var isCut: Bool

    /// - Parameter all: also of matters that are over.
    public static func gather(from reader: any StoreReader, search: Search, all: Bool = false) throws -> UnreachableReport {
        var query = search.query
        query[.priority].only = [Priority.high.rawValue]
        query.limit = 1_000
        var (found, order) = ([String: Customer](), [String]())
        var open: [FoundDelivery] = []
        func close() throws {
            defer { open = [] }
            guard let one = try customer(open, reader, all: all) else { return }
            if var known = found[one.customer] {
                (known.since, known.notices) = (min(known.since, one.since), known.notices + 1)
                // A reminder may have been for the app alone: why each channel dropped out, the notice before it says.
                if known.ways.isEmpty { (known.ways, known.remedies) = (one.ways, one.remedies) }
                found[one.customer] = known
            } else {
                found[one.customer] = one
                order.append(one.customer)
            }
        }
        while true {
            let page = try reader.deliveries(fitting: query)
            for delivery in page {
                if let last = open.last, last.notice != delivery.notice { try close() }
                open.append(delivery)
            }
            guard page.count == query.limit, let last = page.last else { break }
            query.before = last.id
        }
        try close()
        let all = order.compactMap { found[$0] }.sorted { $0.since < $1.since }
        return UnreachableReport(customers: Array(all.prefix(search.query.limit)), isCut: all.count > search.query.limit)
    }

    /// The deliveries of one notice. Nil when it reached them, still may, was for staff, or is over.
    private static func customer(_ deliveries: [FoundDelivery], _ reader: any StoreReader, all: Bool) throws -> Customer? {
        guard let id = deliveries.first?.notice else { return nil }
        for found in deliveries {
            let word = StateWord.code(found.state, found.channel, found.reason, isRead: found.readAt != nil)
            let isReached = found.channel == .inApp ? word == .read : word.isTold
            if isReached || (found.channel != .inApp && word.isWaiting) { return nil }
        }
        guard let notice = try reader.notice(id), notice.audience == .customer else { return nil }
        if !all { guard try reader.episode(notice.episode)?.status == .open else { return nil } }
        let ways = try reader.deliveries(ofNotice: id).filter { $0.channel != .inApp }.map { row in
            Way(channel: row.channel, state: StateWord(row), reason: row.reason)
        }
        var remedies: [String] = []
        for remedy in ways.compactMap({ way in way.reason?.remedy.map { "\(way.channel.rawValue): \($0)" } })
        where !remedies.contains(remedy) {
            remedies.append(remedy)
        }
        return Customer(
            customer: notice.customer, order: notice.order, kind: notice.kind, stage: notice.stage, zone: notice.timeZone, ways: ways,
            since: notice.plannedAt, notices: 1, remedies: remedies)
    }
}

// MARK: - Forms

extension UnreachableReport {
    public var members: [(String, JSON)] { [("more", .bool(isCut)), ("customers", .array(customers.map(\.json)))] }

    public var sheet: Sheet {
        var sheet = Sheet(["since", "customer", "order", "kind", "stage", "notices", "channels", "do"])
        for one in customers {
            sheet.add([
                .text(one.since), .string(one.customer), .text(one.order), .code(one.kind), .code(one.stage), .integer(one.notices),
                .array(one.ways.map(\.json)), .array(one.remedies.map(JSON.string)),
            ])
        }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        guard !customers.isEmpty else { return ["Every customer with an urgent open matter was reached, or still may be."] }
        var out: [String] = []
        for one in customers {
            out.append(
                "\(look.bold(Safe.text(one.customer)))  \(one.kind.rawValue) \(one.stage.rawValue) \(look.dot) order \(one.order) \(look.dot) not reached since \(look.times.full(one.since, customer: one.zone))"
                    + (one.notices > 1 ? ", \(counted(one.notices, "notice"))" : ""))
            for way in one.ways { out.append("  \(way.channel.rawValue): \(way.state.words(look, customerZone: one.zone))") }
            out.append("  in_app: there, and not read")
            for remedy in one.remedies { out.append("  \(look.arrow) \(remedy)") }
            out += ["  \(look.arrow) call them; clarion explain \(one.order)", ""]
        }
        return out + [counted(customers.count, "customer") + (isCut ? ", more with --limit" : "")]
    }
}

extension UnreachableReport.Way {
    var json: JSON { ["channel": .code(channel), "state": .code(state.code), "reason": .code(reason)] }
}
extension UnreachableReport.Customer {
    var json: JSON {
        [
            "customer": .string(customer), "since": .text(since), "order": .text(order), "kind": .code(kind), "stage": .code(stage),
            "notices": .integer(notices), "channels": .array(ways.map(\.json)), "do": .array(remedies.map(JSON.string)),
        ]
    }
}
