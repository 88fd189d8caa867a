public import Core

/// A provider that the sandbox stands in for. The raw value is its name in switches, in the ledger and on the page.
public enum StandIn: String, Sendable, Hashable, CaseIterable {
    case twilio, kannel, gateway
    case apns, fcm
    case smtp

    public var channel: Core.Channel {
        switch self {
        case .twilio, .kannel, .gateway: .sms
        case .apns, .fcm: .push
        case .smtp: .mail
        }
    }

    /// For people.
    public var title: String {
        switch self {
        case .twilio: "Twilio"
        case .kannel: "Kannel"
        case .gateway: "SMS gateway"
        case .apns: "APNs"
        case .fcm: "FCM"
        case .smtp: "SMTP"
        }
    }
}
