import Core
import Providers

/// Provider accounts of a simulated world: settings and answers in a language of their own. What an answer amounts to is what every provider says of
/// such a status; the classes of docs/delivery.md are a setting.
struct SimulatedAccount: Sendable {
    static let settings = [
        SettingKey("class", .text, required: true, "keyed, collapsing or blind"),
        SettingKey("names", .text, "how receipts name a message: reference or message_id; not set: there are none"),
    ]
    static let secret = "the-simulated-secret"
    static let keyLife = Duration.hours(24)

    let name: String
    let guarantee: Guarantee
    let receipts: ReceiptNaming?

    init(_ account: AccountSettings) throws(Problems) {
        name = account.name
        switch account.text("class") {
        case "keyed": guarantee = .keyed(life: Self.keyLife)
        case "collapsing": guarantee = .collapsing
        case "blind": guarantee = .blind
        default: throw Problems([account.problem("class", "expected keyed, collapsing or blind")])
        }
        switch account.text("names") {
        case "reference": receipts = .reference
        case "message_id": receipts = .messageID
        default: receipts = nil
        }
    }

    /// `DELIVERY ATTEMPT KEY`: what the world has to know of a message.
    func call(for message: Message, key: IdempotencyKey) -> ProviderCall {
        let body = "\(message.delivery) \(message.attempt) \(key.description)"
        return .http(HTTPCall(url: "https://\(name).example/", headers: [], body: Array(body.utf8)))
    }

    func outcome(of reply: ProviderReply) -> Outcome {
        switch reply.status {
        case 200 where !reply.body.isEmpty: .accepted(id: String(decoding: reply.body, as: UTF8.self))
        case 410: .badRecipient(OutcomeDetail(status: 410, blame: .address))
        case 451: .badRecipient(OutcomeDetail(status: 451, blame: .optOut))
        default: Outcome(unknownReply: reply.status, retryAfter: reply.retryAfter)
        }
    }

    /// `STATUS REFERENCE MESSAGE`, behind the secret.
    func receipts(in request: ReceiptRequest) throws(ReceiptRefusal) -> [Receipt] {
        guard request.secret == Self.secret else { throw .forged }
        let words = String(decoding: request.body, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 3, let status = ReceiptStatus(rawValue: words[0]) else { throw .unreadable("three words") }
        let reference = receipts == .messageID ? words[2] : words[1]
        return [Receipt(reference: reference, status: status, messageID: words[2], blame: status == .undelivered ? .route : nil)]
    }
}

/// One for each channel: a provider's channel belongs to its type.
protocol SimulatedProvider: Provider {
    var account: SimulatedAccount { get }
}

extension SimulatedProvider {
    static var settings: [SettingKey] { SimulatedAccount.settings }
    static var hasReceipts: Bool { true }
    var guarantee: Guarantee { account.guarantee }
    var endpoints: [String] { [] }
    var receipts: ReceiptNaming? { account.receipts }
    func call(for message: Message, key: IdempotencyKey) throws(CallProblem) -> ProviderCall { account.call(for: message, key: key) }
    func outcome(of reply: ProviderReply) -> Outcome { account.outcome(of: reply) }
    func receipts(in request: ReceiptRequest) throws(ReceiptRefusal) -> [Receipt] { try account.receipts(in: request) }
}

struct SimulatedSMS: SimulatedProvider {
    static let (id, channel) = ("sim-sms", Channel.sms)
    let account: SimulatedAccount
    init(_ settings: AccountSettings) throws(Problems) { account = try SimulatedAccount(settings) }
}
struct SimulatedPush: SimulatedProvider {
    static let (id, channel) = ("sim-push", Channel.push)
    let account: SimulatedAccount
    init(_ settings: AccountSettings) throws(Problems) { account = try SimulatedAccount(settings) }
}
struct SimulatedMail: SimulatedProvider {
    static let (id, channel) = ("sim-mail", Channel.mail)
    let account: SimulatedAccount
    init(_ settings: AccountSettings) throws(Problems) { account = try SimulatedAccount(settings) }
}
