public import Config
public import Core
import Providers
public import Store
import Transport

/// One real message through an account: its adapter, its credential, its connection. To an address that a person names, about no payout; it is no
/// delivery, counts in no sum, and is in the log before and after it leaves.
///
/// The mode holds: in capture the account's address is the sandbox, in allowlist only who is on the list is written to. A pause and a breaker do
/// not: whether an account is well again is what a test finds out, and what comes of it changes neither.
public struct ProviderTest: Sendable {
    let store: any Store
    let clock: any Clock
    let accounts: Accounts
    let mode: Mode
    let allowlist: Allowlist

    public init(store: any Store, clock: any Clock, accounts: Accounts, mode: Mode, allowlist: Allowlist) {
        (self.store, self.clock, self.accounts, self.mode, self.allowlist) = (store, clock, accounts, mode, allowlist)
    }

    public enum Answer: Sendable, Equatable {
        case done(TestResult)
        /// No account of this name.
        case notFound
        /// Not on the list of mode `allowlist`. Nothing was sent.
        case notAllowed
        /// The address is none of the account's channel. Nothing was sent.
        case refused(String)
    }

    /// - Parameter text: the address, in the form of the account's channel.
    public func run(account name: String, to text: String, who: String, reason: String) async throws -> Answer {
        guard let account = accounts.byName[name] else { return .notFound }
        guard let found = Address(channel: account.channel, text: text) else {
            return .refused("is no \(Self.form(of: account.channel))")
        }
        let address = Sensitive(found)
        if let platform = address.platform, !account.platforms.contains(platform) {
            return .refused("is a device of another platform than the account's")
        }
        guard mode != .allowlist || PlantedBug.ignoresAllowlist.isActive || allowlist.allows(address, customer: "") else {
            return .notAllowed
        }
        let now = clock.now()
        let head: [(String, JSON)] = [
            ("account", .string(name)), ("mode", .string(mode.rawValue)), ("to", .string(MaskedAddress(address).description)),
        ]
        // Before anything leaves, as with every message.
        let id = try await store.write { writer -> String in
            let id = "tst_\(try writer.lastLogSeq() + 1)"
            let why: [(String, JSON)] = [
                ("test", .string(id)), ("who", .string(CardRule.cut(who))), ("reason", .string(CardRule.cut(reason))),
            ]
            try writer.append(LogEntry(.providerTest, at: now, body: .object(head + why)))
            return id
        }
        let key = IdempotencyKey(try await store.write { $0.idempotencyKey(delivery: id, account: name) })
        let message = Self.message(id, to: address, on: account, key: key, at: now)
        let began = ContinuousClock.now
        let outcome = await outcome(of: message, key: key, on: account)
        var result = TestResult(
            test: id, account: name, provider: account.providerID, channel: account.channel, to: MaskedAddress(address),
            mode: mode, outcome: outcome.class, took: ContinuousClock.now - began)
        if case .accepted(let id) = outcome { result.messageID = id.isEmpty ? nil : id }
        if let detail = outcome.detail { (result.status, result.code, result.words) = (detail.status, detail.code, detail.words) }
        let (settled, end) = (result, clock.now())
        try await store.write { writer in
            var body = head + [("test", .string(id)), ("outcome", .string(settled.outcome.rawValue))]
            if let detail = outcome.detail { body.append(("detail", .string(detail.description))) }
            if let id = settled.messageID { body.append(("provider_id", .string(id))) }
            try writer.append(LogEntry(.providerTest, at: end, body: .object(body)))
        }
        return .done(settled)
    }

    private func outcome(of message: Message, key: IdempotencyKey, on account: Account) async -> Outcome {
        let call: ProviderCall
        do throws(CallProblem) {
            call = account.settings.placed(try account.provider.call(for: message, key: key))
        } catch {
            return .badRequest(OutcomeDetail(words: error.words))
        }
        // A credential that is refused is made anew once, as for every message.
        for isLast in [false, true] {
            let credential: Credential?
            do throws(CredentialRefusal) { credential = try await accounts.credential(for: account) } catch { return error.outcome }
            switch await accounts.perform(account.provider.authorized(call, with: credential), on: account.name) {
            case .failure(let failure): return Outcome(failure)
            case .reply(let reply):
                guard !isLast, account.provider.refusesCredential(reply) else { return account.provider.outcome(of: reply) }
                accounts.drop(credentialOf: account.name)
            }
        }
        return .authConfig(OutcomeDetail(words: "the credential was refused twice"))
    }

    // MARK: What is sent

    /// Fixed, in letters that every channel takes as they are, and about nobody's money.
    private static func content(_ id: String, on account: Account) -> Content {
        let text = "Clarion test \(id) of account \(account.name). It is about no payout; nothing has to be done."
        switch account.channel {
        case .mail:
            let html = "<!doctype html>\n<html lang=\"en\"><body>\n<p>\(text)</p>\n</body></html>\n"
            return .mail(subject: "Clarion test \(id)", text: text + "\n", html: html)
        case .push: return .push(title: "Clarion test", body: text)
        case .sms, .voice: return .sms(text: text)
        case .inApp: return .inApp(title: "Clarion test", body: text)
        }
    }

    private static func message(
        _ id: String, to address: Sensitive<Address>, on account: Account, key: IdempotencyKey, at now: Timestamp
    ) -> Message {
        Message(
            delivery: id, attempt: id, address: address, content: content(id, on: account), locale: .en, priority: .high,
            kind: .statusUnknown, stage: .opened, collapseKey: key.description, order: OrderNumber(id) ?? OrderNumber("test")!,
            plannedAt: now, expires: now + .minutes(10))
    }

    private static func form(of channel: Channel) -> String {
        switch channel {
        case .sms, .voice: "phone number (+ and digits)"
        case .mail: "mail address"
        case .push: "device token (ios:TOKEN, android:TOKEN)"
        case .inApp: "address"
        }
    }
}

/// What came of a test. Codes and ids, and the address masked.
public struct TestResult: Sendable, Equatable {
    /// `tst_17`: in the message, and in the log.
    public var test: String
    public var account, provider: String
    public var channel: Channel
    public var to: MaskedAddress
    public var mode: Mode
    public var outcome: Outcome.Class
    /// HTTP status or SMTP code; 0 when there was none, or when the message was taken.
    public var status = 0
    public var code = "", words = ""
    /// The provider's id of the message.
    public var messageID: String?
    public var took: Duration
    public init(
        test: String, account: String, provider: String, channel: Channel, to: MaskedAddress, mode: Mode, outcome: Outcome.Class,
        took: Duration
    ) {
        (self.test, self.account, self.provider, self.channel, self.to) = (test, account, provider, channel, to)
        (self.mode, self.outcome, self.took) = (mode, outcome, took)
    }

    public var json: JSON {
        [
            "test": .string(test), "account": .string(account), "provider": .string(provider), "channel": .string(channel.rawValue),
            "to": .string(to.description), "mode": .string(mode.rawValue), "outcome": .string(outcome.rawValue), "status": .integer(status),
            "code": .string(code), "words": .string(words), "message_id": messageID.map { .string($0) } ?? .null,
            "took_ms": .integer(took.milliseconds),
        ]
    }

    /// Nil for what is no such object.
    public init?(json: JSON) {
        guard let test = json["test"]?.string, let account = json["account"]?.string, let provider = json["provider"]?.string,
            let channel = json["channel"]?.string.flatMap(Channel.init(rawValue:)), let to = json["to"]?.string,
            let mode = json["mode"]?.string.flatMap(Mode.init(rawValue:)),
            let outcome = json["outcome"]?.string.flatMap(Outcome.Class.init(rawValue:))
        else { return nil }
        self.init(
            test: test, account: account, provider: provider, channel: channel, to: MaskedAddress(stored: to), mode: mode, outcome: outcome,
            took: .milliseconds(json["took_ms"]?.integer ?? 0))
        (status, code, words) = (Int(json["status"]?.integer ?? 0), json["code"]?.string ?? "", json["words"]?.string ?? "")
        messageID = json["message_id"]?.string
    }
}
