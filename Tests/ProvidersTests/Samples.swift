import Core
import FoundationEssentials
import Providers
import Testing

/// One working account of each provider, with secrets that no call and no description may show.
enum Sample {
    static let token = "planted-secret-4711-token"
    static let planted = Timestamp(seconds: 1_700_000_000)

    static func fixture(_ name: String, file: String = #filePath) throws -> String {
        let tests = file.split(separator: "/").dropLast(2).joined(separator: "/")
        return try String(contentsOfFile: "/\(tests)/Fixtures/providers/\(name)", encoding: .utf8)
    }

    /// What would be a leak: the secrets, or for a PEM file any of its lines.
    static func secrets(of provider: any Provider.Type) throws -> [String] {
        switch provider.id {
        case "apns": try lines("apns-key.p8")
        case "fcm": try lines("fcm-service-account.json", escaped: true)
        default: [token]
        }
    }
    private static func lines(_ name: String, escaped: Bool = false) throws -> [String] {
        let text = try fixture(name)
        let pem = escaped ? try JSON(parsing: text)["private_key"]?.string ?? "" : text
        return pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.map(String.init)
    }

    static func values(_ provider: any Provider.Type) throws -> [String: AccountSettings.Value.Kind] {
        switch provider.id {
        case "twilio":
            [
                "account_sid": .text("AC00000000000000000000000000000000"), "auth_token_file": .secret(Sensitive(token + "\n")),
                "from": .text("+15017122661"),
            ]
        case "kannel":
            [
                "url": .text("http://127.0.0.1:13013/cgi-bin/sendsms"), "user": .text("tester"), "password_file": .secret(Sensitive(token)),
                "from": .text("10690000"),
            ]
        case "http":
            [
                "url": .text("https://sms.example.com/v1/send"), "auth_file": .secret(Sensitive(token)), "sender": .text("Clarion"),
                "fields": .map([("to", "{to}"), ("body", "{text}"), ("from", "{sender}"), ("ref", "{reference}")]),
                "headers": .map([("X-Request", "{key}")]), "id_path": .text("data.messages.0.id"), "code_path": .text("error.code"),
                "codes": .map([("E1", "bad_recipient"), ("E2", "throttled"), ("E3", "transient")]),
            ]
        case "apns":
            [
                "key_file": .secret(Sensitive(try fixture("apns-key.p8"))), "key_id": .text("ABC123DEFG"), "team_id": .text("DEF123GHIJ"),
                "topic": .text("com.example.pay"),
            ]
        case "fcm":
            ["service_account_file": .secret(Sensitive(try fixture("fcm-service-account.json"))), "channel_id": .text("risk")]
        case "smtp":
            [
                "url": .text("smtp://mail.example.com:587/disp.example.com"), "user": .text("clarion"),
                "password_file": .secret(Sensitive(token)), "from": .text("清算通知 <risk@pay.example>"),
                "bounce_to": .text("bounce@pay.example"),
            ]
        default: throw Problems([Problem("no sample account for \(provider.id)", file: "Samples.swift")])
        }
    }

    static func account(
        _ provider: any Provider.Type, changing: [String: AccountSettings.Value.Kind?] = [:],
        override: AccountSettings.EndpointOverride? = nil, receipts: String? = nil
    ) throws -> AccountSettings {
        var values = try values(provider)
        for (key, value) in changing { values[key] = value }
        var line = 10
        var placed: [String: AccountSettings.Value] = [:]
        for (key, kind) in values.sorted(by: { $0.key < $1.key }) {
            placed[key] = AccountSettings.Value(kind, line: line, column: 7)
            line += 1
        }
        return AccountSettings(
            name: "sample", file: "clarion.yaml", line: 9, values: placed, endpointOverride: override, receiptsURL: receipts)
    }

    static func make(
        _ provider: any Provider.Type, changing: [String: AccountSettings.Value.Kind?] = [:], receipts: String? = nil
    ) throws -> any Provider {
        try provider.init(try account(provider, changing: changing, receipts: receipts))
    }

    /// Where receipts of the sample account arrive.
    static let receipts = "https://disp.example.com/v1/receipts/sample"

    static let key = IdempotencyKey("00112233445566778899aabbccddeeff")

    static func message(_ channel: Channel, text: String = "Your withdrawal WD1 is on hold.", priority: Priority = .high) -> Message {
        let content: Content, address: Address
        switch channel {
        case .push:
            content = .push(title: "Withdrawal on hold", body: text)
            address = .device(PushToken("00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0")!)
        case .mail:
            content = .mail(subject: "Withdrawal on hold", text: text, html: "<p>\(text)</p>")
            address = .mail(MailAddress("a@example.net")!)
        default:
            content = .sms(text: text)
            address = .phone(PhoneNumber("+15558675310")!)
        }
        return Message(
            delivery: "dlv_01J9ZK3M5N7P9Q", attempt: "att_01J9ZK", address: Sensitive(address), content: content, locale: .en,
            priority: priority,
            kind: .riskHold, stage: .opened, collapseKey: "hold-wd_01J9ZK", order: OrderNumber("WD1")!, plannedAt: planted,
            expires: planted + .hours(1))
    }

    static func json(_ status: Int, _ text: String, retryAfter: Duration? = nil) -> ProviderReply {
        ProviderReply(status: status, body: Array(text.utf8), retryAfter: retryAfter)
    }
}

extension ProviderCall {
    var http: HTTPCall? { if case .http(let call) = self { call } else { nil } }
    var smtp: SMTPCall? { if case .smtp(let call) = self { call } else { nil } }
}

extension HTTPCall {
    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value.description }
    var bodyText: String { String(decoding: body, as: UTF8.self) }
}
