import Config
import Core
import Providers
import Terminal

/// The mail a provider's own builder makes of a text: the bytes that would be sent, to a made-up mailbox.
enum MailFile {
    private static let mailbox = "customer@example.com"

    static func message(_ content: Content, _ form: Previewer.Form, settings: Settings, now: Timestamp) throws -> [UInt8] {
        guard let address = Address(channel: .mail, text: mailbox), let order = OrderNumber("WD261121000042") else { return [] }
        let message = Message(
            delivery: "dlv_PREVIEW", attempt: "att_PREVIEW", address: Sensitive(address), content: content, locale: form.locale,
            priority: .normal, kind: form.kind, stage: form.stage, collapseKey: "preview", order: order, plannedAt: now,
            expires: now + .hours(1))
        let call = try provider(settings).call(for: message, key: IdempotencyKey("preview"))
        guard case .smtp(let mail) = call else {
            throw Fault(
                .failure, "the account of mail hands over no message of its own", field: "eml", hint: "--html shows what the mail says")
        }
        return mail.data
    }

    /// The first account of mail, on which every delivery starts; without one, a sender made up for the look.
    private static func provider(_ settings: Settings) throws -> any Provider {
        if let account = settings.accounts.filter({ $0.channel == .mail }).min(by: { $0.order < $1.order }) { return account.provider }
        let values: [String: AccountSettings.Value] = [
            "url": .init(.text("smtp://mail.example:587"), line: 0, column: 0),
            "from": .init(.text("Preview <no-reply@example.com>"), line: 0, column: 0),
        ]
        return try SMTP(AccountSettings(name: "preview", file: settings.file, line: 0, values: values))
    }
}
