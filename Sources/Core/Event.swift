/// One event as it was accepted: validated, cleaned, with nothing in it that no later stage needs.
public struct Event: Sendable {
    public enum Body: Sendable {
        /// An anomaly is large: an event that is handed on takes one along, not all that is in it.
        indirect case anomaly(Anomaly)
        case incident(IncidentNews)
    }
    public var id, source: String
    /// `anomaly.detected`, `incident.closed`, …: the type without its prefix.
    public var type: String
    public var time: Timestamp
    /// The producer side's stamp of arrival, in files; replays run on it.
    public var receivedAt: Timestamp?
    /// Marked by the producer with the extension attribute `test`: recorded, told to nobody.
    public var isTest = false
    public var body: Body

    public var order: OrderNumber? { if case .anomaly(let anomaly) = body { anomaly.order } else { nil } }
    public var customer: String? { if case .anomaly(let anomaly) = body { anomaly.customer.id } else { nil } }
}

public struct ReasonRef: Sendable, Hashable {
    public var source, code: String
    public init(source: String, code: String) { (self.source, self.code) = (source, code) }
}

/// News about one payout.
public struct Anomaly: Sendable {
    public enum Stage: String, ClosedWord { case detected, updated, resolved }

    public var order: OrderNumber
    /// Orders the events of one payout, from 1.
    public var seq: Int64
    public var id: String
    public var stage: Stage
    public var kind: Kind?
    public var reason: ReasonRef?
    public var step: String?
    public var resolution: Resolution?
    public var funds: FundsState?
    public var occurredAt: Timestamp?
    public var expectedAt: Timestamp?
    public var submittedAt: Timestamp?
    public var rail: String
    public var bank: Bank
    public var tail4: Tail4?
    public var isWallet: Bool
    public var amount: Money?
    public var details: Details
    public var customer: CustomerRef
}

public struct Bank: Sendable, Hashable {
    public var code: String
    public var name: PlainText?
}

/// The parts of `details` that texts and rules use; everything else in it is dropped.
public struct Details: Sendable {
    public var field: String?
    public var materials: [String] = []
    public var deadline: Timestamp?
    public var variant: String?
    public var limit: Limit?
    public var amountRule: AmountRule?
    public var traceRef: String?
    public var plainReason: String?
    public var fee: String?
    public var wallet: String?
    public var firstOrder: OrderNumber?
    public var windowUntil: Timestamp?
    public var hasWindow = false

    public struct Limit: Sendable {
        public var amount: Money?
        public var count: Int?
        public var period: String
        public var owner: String
    }
    public struct AmountRule: Sendable {
        public var rule: String
        public var amount: Money?
    }
}

/// A customer as the event names them. Contacts are sensitive from the first moment.
public struct CustomerRef: Sendable {
    public enum Contact: Sendable {
        case none
        case usable(Sensitive<Address>)
        /// Given, but not a phone number, mail address or token: that channel is left out.
        case unusable

        /// A device whose platform is named: one we do not know cannot be reached.
        func on(_ platform: String?) -> Contact {
            guard let platform, case .usable(let address) = self else { return self }
            return Platform(rawValue: platform).map { .usable(address.on($0)) } ?? .unusable
        }
    }
    public var id: String
    public var locale: String
    public var timeZone: String?
    public var phone, mail, device: Contact
    public var privatePreview: Bool

    public func contact(_ channel: Channel) -> Contact {
        switch channel {
        case .sms, .voice: phone
        case .mail: mail
        case .push: device
        case .inApp: .usable(Sensitive(.inbox))
        }
    }
}

/// News about a bank and rail, not about one payout.
public struct IncidentNews: Sendable {
    public enum Stage: String, Sendable, CaseIterable { case opened, updated, closed }
    public var id: String
    public var stage: Stage
    public var bank: String
    public var rail: String
    public var since: Timestamp
    public var until: Timestamp?
}

/// One thing wrong with an event, by the path of its field: `data.amount.minor`. Never quotes the value.
public struct FieldProblem: Error, Sendable, Hashable, CustomStringConvertible {
    public var field: String
    public var problem: String
    public init(_ field: String, _ problem: String) { (self.field, self.problem) = (field, problem) }
    public var description: String { field.isEmpty ? problem : "\(field): \(problem)" }

    /// A member's name from outside as it may be shown: names are words with a digit or two. Anything else is `*`: it may be a value that came
    /// to stand in the wrong place.
    public static func shown(_ name: String) -> String {
        let isWord =
            name.utf8.count <= 40
            && name.utf8.allSatisfy { $0 == 0x5F || $0 == 0x2D || ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) }
        return isWord && !name.isEmpty && name.utf8.count(where: { $0 >= 0x30 && $0 <= 0x39 }) <= 2 ? name : "*"
    }
}

/// Everything wrong with an event.
public struct EventRefusal: Error, Sendable, CustomStringConvertible {
    public var problems: [FieldProblem]
    public init(_ problems: [FieldProblem]) { self.problems = problems }
    public var description: String { problems.map(\.description).joined(separator: "; ") }
}
