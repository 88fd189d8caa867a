import Core
import Providers

/// A provider that takes every message at once. Whether a message can be put into a request is still the real one's to say.
struct WillingProvider: Provider {
    // Nobody asks a provider that is there for these: an account holds its channel itself.
    static let id = "willing"
    static let channel = Channel.sms
    static let settings: [SettingKey] = []

    private let base: any Provider

    init(_ base: any Provider) { self.base = base }
    init(_ account: AccountSettings) throws(Problems) { throw Problems([account.problem("provider", "is made of another one")]) }

    var guarantee: Guarantee { base.guarantee }
    var endpoints: [String] { [] }

    /// The request is made and dropped: it would only be kept.
    func call(for message: Message, key: IdempotencyKey) throws(CallProblem) -> ProviderCall {
        _ = try base.call(for: message, key: key)
        return .http(HTTPCall(url: "https://nowhere.invalid/", headers: [], body: []))
    }
    func outcome(of reply: ProviderReply) -> Outcome { .accepted(id: "") }
}
