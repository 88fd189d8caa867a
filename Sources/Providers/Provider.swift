public import Core

/// A delivery service as pure values: no file, socket or clock. `id` is stable: it is in settings, metrics and the log.
///
/// A provider is one file beside this one and one line in `providers`.
public protocol Provider: Sendable {
    static var id: String { get }
    static var channel: Channel { get }
    /// Of push: whose tokens it takes, if the account does not say.
    static var platforms: [Platform] { get }
    /// The keys an account of this provider may set, for checking, `--help` and the documentation.
    static var settings: [SettingKey] { get }

    /// A throw-away secret of the right form for a key whose file does not exist in capture mode; nil: any text will do.
    static func captureSecret(for key: String) -> Sensitive<String>?

    /// Whether this kind of provider says later what became of a message.
    static var hasReceipts: Bool { get }

    /// Reports every mistake of the account at once.
    init(_ account: AccountSettings) throws(Problems)

    /// What ends an ambiguous attempt on this account; with the source of the claim in the provider's file.
    var guarantee: Guarantee { get }
    /// Every `host:port` this account will contact, in the order it is first needed.
    var endpoints: [String] { get }

    /// The request for one message. Pure: the same message gives the same bytes. Holds no secret of the account.
    func call(for message: Message, key: IdempotencyKey) throws(CallProblem) -> ProviderCall
    /// The call with the account's secret added. `credential` is nil for providers that need no exchange.
    func authorized(_ call: ProviderCall, with credential: Credential?) -> ProviderCall
    /// What a complete answer amounts to.
    func outcome(of reply: ProviderReply) -> Outcome
    /// Whether the answer refused the credential rather than the account: drop it, make a new one and repeat once. A second refusal is
    /// what `outcome(of:)` says, `auth_config`.
    func refusesCredential(_ reply: ProviderReply) -> Bool

    /// What to do for a credential at this moment; nil when the account's settings are enough.
    func credential(at now: Timestamp) async throws(CallProblem) -> CredentialStep?
    /// Reads the answer to a `CredentialStep.exchange`.
    func credential(from reply: ProviderReply, at now: Timestamp) throws(CredentialRefusal) -> Credential

    /// How to ask what became of an attempt; nil where it cannot be asked. Only `queryable` accounts are.
    func question(_ inquiry: Inquiry) -> ProviderCall?
    /// What all pages of the answer amount to, in the order they came.
    func finding(in pages: [ProviderReply], to inquiry: Inquiry) -> Inquiry.Finding

    /// How the receipts of this account name their message; nil when it gets none.
    var receipts: ReceiptNaming? { get }
    /// Reads what came to the account's receipt address. Verified before anything in it is believed.
    func receipts(in request: ReceiptRequest) throws(ReceiptRefusal) -> [Receipt]
}

extension Provider {
    public static var platforms: [Platform] { channel == .push ? Platform.allCases : [] }
    public static func captureSecret(for key: String) -> Sensitive<String>? { nil }
    public static var hasReceipts: Bool { false }
    public func question(_ inquiry: Inquiry) -> ProviderCall? { nil }
    public func finding(in pages: [ProviderReply], to inquiry: Inquiry) -> Inquiry.Finding { .unclear("this provider is not asked") }
    public var receipts: ReceiptNaming? { nil }
    public func receipts(in request: ReceiptRequest) throws(ReceiptRefusal) -> [Receipt] { throw .forged }
    public func authorized(_ call: ProviderCall, with credential: Credential?) -> ProviderCall { call }
    public func refusesCredential(_ reply: ProviderReply) -> Bool { false }
    public func credential(at now: Timestamp) async throws(CallProblem) -> CredentialStep? { nil }
    public func credential(from reply: ProviderReply, at now: Timestamp) throws(CredentialRefusal) -> Credential {
        throw CredentialRefusal(outcome: .authConfig(OutcomeDetail(status: reply.status, words: "this provider exchanges no credential")))
    }
}

/// How the question "was it taken?" can be answered when no reply came. docs/delivery.md.
public enum Guarantee: Sendable, Equatable {
    /// The provider ignores a repeat with the same key for `life`: repeat the same bytes.
    case keyed(life: Duration)
    /// A repeat replaces the first on the device: repeat the same bytes.
    case collapsing
    /// The provider lists what it took: it is asked, and what is not in the list after `horizon` was not taken.
    case queryable(horizon: Duration)
    /// Nothing helps: the attempt stays listed as ambiguous.
    case blind

    public var mayRepeat: Bool {
        switch self {
        case .keyed, .collapsing: true
        case .queryable, .blind: false
        }
    }
    /// How long after an attempt a list may still miss it; nil: there is no list.
    public var horizon: Duration? { if case .queryable(let horizon) = self { horizon } else { nil } }

    /// The class's name in docs/delivery.md.
    public var word: String {
        switch self {
        case .keyed: "keyed"
        case .collapsing: "collapsing"
        case .queryable: "queryable"
        case .blind: "blind"
        }
    }
}

/// A keyed hash of delivery and account, 32 hex digits: the same over all attempts of a delivery on an account.
public struct IdempotencyKey: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ text: String) {
        precondition(Identifier.isValid(text, limit: 64), "an idempotency key is made by us")
        description = text
    }
}

/// The message cannot be put into a request of this provider.
public struct CallProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public var reason: ReasonCode
    public var words: String
    public init(_ reason: ReasonCode, _ words: String) { (self.reason, self.words) = (reason, words) }
    public var description: String { "\(reason.rawValue): \(words)" }
}

/// A token that authorizes calls for a while. Kept in memory only.
public struct Credential: Sendable {
    public var token: Sensitive<String>
    public var issued, expires: Timestamp
    /// Renew at 80 % of its life, one renewal at a time.
    public var renewAt: Timestamp { issued + .milliseconds((expires.milliseconds - issued.milliseconds) * 4 / 5) }
    public init(token: Sensitive<String>, issued: Timestamp, expires: Timestamp) {
        (self.token, self.issued, self.expires) = (token, issued, expires)
    }
}

public enum CredentialStep: Sendable {
    /// Signed here, ready.
    case ready(Credential)
    /// To be fetched with this call.
    case exchange(ProviderCall)
}

public struct CredentialRefusal: Error, Sendable {
    public var outcome: Outcome
    public init(outcome: Outcome) { self.outcome = outcome }
}
