public import Config
public import Core
public import Providers
public import Transport

/// The accounts of each channel with their credentials. Choosing one is a pure look-up; credentials are renewed one at a time.
public actor Accounts {
    public nonisolated let byName: [String: Account]
    private nonisolated let byChannel: [Channel: [Account]]
    private let transport: Transport
    private let clock: any Clock
    private var credentials: [String: Credential] = [:]
    private var renewals: [String: Task<Result<Credential?, CredentialRefusal>, Never>] = [:]

    public init(_ accounts: [Account], transport: Transport, clock: any Clock) {
        byName = Dictionary(uniqueKeysWithValues: accounts.map { ($0.name, $0) })
        byChannel = Dictionary(grouping: accounts, by: \.channel)
        (self.transport, self.clock) = (transport, clock)
    }

    /// The account a delivery starts on: the first of its channel; of push the first that serves the device's platform, and for a device that
    /// names none the first of all.
    public nonisolated func first(for channel: Channel, to address: Sensitive<Address>? = nil) -> Account? {
        let platform = address?.platform
        return byChannel[channel]?.filter { account in platform.map(account.platforms.contains) ?? true }.min { $0.order < $1.order }
    }
    /// Devices that some account serves.
    public nonisolated var platforms: Set<Platform> { (byChannel[.push] ?? []).reduce(into: []) { $0.formUnion($1.platforms) } }
    public nonisolated var channels: Set<Channel> { Set(byChannel.keys) }

    /// A credential that is good now, or nil when the account needs none.
    public func credential(for account: Account) async throws(CredentialRefusal) -> Credential? {
        let now = clock.now()
        if let held = credentials[account.name], now < held.renewAt { return held }
        if let running = renewals[account.name] { return try await running.value.get() }
        let (transport, provider, name) = (transport, account.provider, account.name)
        let renewal = Task { await Self.renew(provider, name: name, transport: transport, now: now) }
        renewals[account.name] = renewal
        let result = await renewal.value
        renewals[account.name] = nil
        if case .success(let credential?) = result { credentials[account.name] = credential }
        return try result.get()
    }

    /// The provider refused it: the next call makes a new one.
    public func drop(credentialOf account: Account) { credentials[account.name] = nil }

    private static func renew(
        _ provider: any Provider, name: String, transport: Transport, now: Timestamp
    ) async -> Result<Credential?, CredentialRefusal> {
        do throws(CallProblem) {
            switch try await provider.credential(at: now) {
            case nil: return .success(nil)
            case .ready(let credential): return .success(credential)
            case .exchange(let call):
                switch await transport.perform(call, on: name) {
                case .reply(let reply):
                    do throws(CredentialRefusal) { return .success(try provider.credential(from: reply, at: now)) } catch {
                        return .failure(error)
                    }
                case .failure(let failure):
                    // The message itself was not sent, whatever became of the exchange.
                    return .failure(
                        CredentialRefusal(
                            outcome: .notSent(OutcomeDetail(code: "curl-\(failure.code)", words: "credential \(failure.cause.rawValue)"))))
                }
            }
        } catch {
            return .failure(CredentialRefusal(outcome: .authConfig(OutcomeDetail(words: error.words))))
        }
    }
}
