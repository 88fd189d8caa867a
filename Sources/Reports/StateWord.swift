public import Core
public import Terminal

/// What a delivery's state may claim, in one word for files and one for people. The only display of `DeliveryState`.
public struct StateWord: Sendable, Equatable {
    public enum Code: String, Sendable, CaseIterable {
        case planned, held, dropped, queued, sending
        case providerAccepted = "provider_accepted"
        case mtaAccepted = "mta_accepted"
        case deviceConfirmed = "device_confirmed"
        case noReport = "no_report"
        case read, acked, refused
        case gaveUp = "gave_up"
        case expired

        /// What must be there before the word may be said.
        public var evidence: String {
            switch self {
            case .planned, .held, .dropped: "decision record"
            case .queued, .sending: "our queue"
            case .providerAccepted: "provider id"
            case .mtaAccepted: "a receipt, or SMTP 250 from the recipient's side"
            case .deviceConfirmed: "a receipt from the device"
            case .noReport: "bytes left, and nothing more can be found out"
            case .read: "our inbox only, never a mail pixel"
            case .acked: "webhook 2xx"
            case .refused: "permanent answer or bounce"
            case .gaveUp: "dead letter"
            case .expired: "deadline in the decision"
            }
        }
        /// The word alone, without what fills it in.
        public var word: String {
            switch self {
            case .planned: "planned"
            case .held: "held"
            case .dropped: "not sent"
            case .queued: "waiting"
            case .sending: "being sent"
            case .providerAccepted: "accepted by provider"
            case .mtaAccepted: "taken by mail server"
            case .deviceConfirmed: "confirmed by handset"
            case .noReport: "no report"
            case .read: "read"
            case .acked: "acknowledged"
            case .refused: "refused"
            case .gaveUp: "gave up"
            case .expired: "expired before sending"
            }
        }
        /// Whether the person has it, as far as anyone can tell.
        public var isTold: Bool {
            switch self {
            case .providerAccepted, .mtaAccepted, .deviceConfirmed, .noReport, .read, .acked: true
            case .planned, .held, .dropped, .queued, .sending, .refused, .gaveUp, .expired: false
            }
        }
        public var isWaiting: Bool {
            switch self {
            case .planned, .held, .queued, .sending: true
            default: false
            }
        }
    }

    public var code: Code
    /// What fills the word in: a reason, a provider, a number of tries.
    public var detail: String
    /// `held` and a retry: until when; what a receipt says: since when.
    public var at: Timestamp?

    static func code(_ standing: FoundDelivery.Standing) -> Code {
        code(standing.state, standing.channel, standing.reason, isRead: standing.isRead)
    }
    /// The word for a delivery in this state, and for nothing else: `init` fills it in.
    public static func code(_ state: DeliveryState, _ channel: Channel, _ reason: ReasonCode?, isRead: Bool) -> Code {
        switch state {
        case .ready: reason == .quietHoursDeferred || reason == .onHold ? .held : .queued
        case .retryWait: reason == .onHold ? .held : .queued
        case .inflight: .sending
        case .sent: .providerAccepted
        case .delivered:
            switch channel {
            case .inApp: isRead ? .read : .providerAccepted
            case .mail: .mtaAccepted
            case .sms, .push, .voice: .deviceConfirmed
            }
        case .undelivered: .refused
        case .ambiguous, .unknown: .noReport
        case .cancelled, .blocked: .dropped
        case .expired: .expired
        case .dead: reason == .providerRefused || reason == .addressDead || reason == .optedOut ? .refused : .gaveUp
        }
    }

    /// - Parameter read: when its in-app item was read.
    public init(_ delivery: Delivery, read: Timestamp? = nil) {
        let reason = delivery.reason?.rawValue ?? ""
        code = Self.code(delivery.state, delivery.channel, delivery.reason, isRead: read != nil)
        (detail, at) = ("", nil)
        switch delivery.state {
        case .ready where delivery.reason == .quietHoursDeferred: (detail, at) = (reason, delivery.nextAt)
        case .ready where delivery.reason == .onHold, .retryWait where delivery.reason == .onHold:
            // A hold without an end of its own lasts at most as long as the delivery's time.
            (detail, at) = (reason, delivery.nextAt.flatMap { $0 < delivery.expires ? $0 : nil })
        case .ready, .inflight, .expired: break
        case .retryWait: (detail, at) = ("try \(delivery.tries + 1)", delivery.nextAt)
        case .sent: detail = delivery.account ?? ""
        case .delivered where delivery.channel == .inApp: (detail, at) = read == nil ? ("inbox", nil) : ("", read)
        case .delivered: at = delivery.changedAt
        case .ambiguous: detail = "still being found out, not sent again"
        case .unknown: detail = "no answer came, held for a person"
        case .undelivered, .cancelled, .blocked: detail = reason
        case .dead: detail = code == .refused ? reason : "after \(counted(delivery.tries, "try", "tries"))"
        }
    }
    public init(code: Code, detail: String = "", at: Timestamp? = nil) { (self.code, self.detail, self.at) = (code, detail, at) }

    /// `accepted by sms-a`, `not sent: no_device`, `held until 08:00:00: quiet_hours_deferred`.
    public func words(_ look: Look, customerZone: String? = nil) -> String {
        let moment = at.map { look.times.clock($0, customer: customerZone) } ?? ""
        switch code {
        case .providerAccepted: return "accepted by \(detail.isEmpty ? "provider" : detail)"
        case .held: return "held" + (at == nil ? "" : " until \(moment)") + (detail.isEmpty ? "" : ": \(detail)")
        case .queued where at != nil: return "waiting, \(detail) at \(moment)"
        case .read where at != nil: return "read \(moment)"
        case .deviceConfirmed, .mtaAccepted: return code.word + (at == nil ? "" : " \(moment)")
        case .dropped, .refused, .noReport: return code.word + (detail.isEmpty ? "" : ": \(detail)")
        default: return code.word + (detail.isEmpty ? "" : " \(detail)")
        }
    }

    public func cell(_ look: Look, customerZone: String? = nil) -> Table.Cell {
        let words = words(look, customerZone: customerZone)
        switch code {
        case .providerAccepted, .mtaAccepted, .deviceConfirmed, .read, .acked: return .init(words, .good)
        case .noReport: return .init(words, .warning)
        case .refused, .gaveUp, .expired: return .init(words, .bad)
        case .planned, .held, .dropped, .queued, .sending: return .init(words)
        }
    }
}
