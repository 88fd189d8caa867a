public import Config
public import Core
public import Providers
import Synchronization
public import Transport

/// The accounts of each channel with their credentials. Choosing one is a pure look-up; credentials are renewed one at a time, and kept in
/// memory only.
public final class Accounts: Sendable {
    public let byName: [String: Account]
    private let byChannel: [Channel: [Account]]
    private let transport: Transport
    private let clock: any Clock

    /// What an account sends with; nil inside when it needs nothing.
    struct Held: Sendable { var credential: Credential? }
    private struct State {
        var held: [String: Held] = [:]
        var renewals: [String: Task<Result<Credential?, CredentialRefusal>, Never>] = [:]
    }
    private let state = Mutex(State())

    public init(_ accounts: [Account], transport: Transport, clock: any Clock) {
        byName = Dictionary(uniqueKeysWithValues: accounts.map { ($0.name, $0) })
        byChannel = Dictionary(grouping: accounts, by: \.channel).mapValues { $0.sorted { $0.order < $1.order } }
        (self.transport, self.clock) = (transport, clock)
    }

    /// The account a delivery starts on: the first of its channel; of push the first that serves the device's platform, and for a device that
    /// names none the first of all.
    public func first(for channel: Channel, to address: Sensitive<Address>? = nil) -> Account? {
        guard let platform = address?.platform else { return byChannel[channel]?.first }
        return byChannel[channel]?.first { $0.platforms.contains(platform) }
    }
    /// Devices that some account serves.
    public var platforms: Set<Platform> { (byChannel[.push] ?? []).reduce(into: []) { $0.formUnion($1.platforms) } }
    public var channels: Set<Channel> { Set(byChannel.keys) }

    /// Attempts of each channel that may be open at a time: some times what its accounts have on the wire, so that the wire never waits for a
    /// commit, and no more, since what is open when a process is killed may have been sent. A channel without accounts opens nothing.
    var slots: [Channel: Int] {
        Channel.allCases.reduce(into: [:]) { slots, channel in
            guard channel != .inApp else { return }
            slots[channel] = byChannel[channel].map { $0.reduce(0) { $0 + $1.mayBeOpen } } ?? 64
        }
    }

    /// What is good now; nil when it has to be asked for first.
    func held(for account: Account, now: Timestamp) -> Held? {
        guard let held = state.withLock({ $0.held[account.name] }) else { return nil }
        if let credential = held.credential, now >= credential.renewAt { return nil }
        return held
    }

    /// A credential that is good now, or nil when the account needs none.
    public func credential(for account: Account) async throws(CredentialRefusal) -> Credential? {
        let now = clock.now()
        if let held = held(for: account, now: now) { return held.credential }
        let (transport, provider, name) = (transport, account.provider, account.name)
        let renewal = state.withLock { state in
            if let running = state.renewals[name] { return running }
            let started = Task { await Self.renew(provider, name: name, transport: transport, now: now) }
            state.renewals[name] = started
            return started
        }
        let result = await renewal.value
        state.withLock { state in
            guard state.renewals[name] == renewal else { return }
            state.renewals[name] = nil
            if case .success(let credential) = result { state.held[name] = Held(credential: credential) }
        }
        return try result.get()
    }

    /// The provider refused it: the next call makes a new one.
    func drop(credentialOf name: String) { state.withLock { $0.held[name] = nil } }

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

extension Account {
    /// What is on the wire and as much again, as far as the transport lets it wait; for mail, of which each takes a thread and long, four times
    /// the threads.
    fileprivate var mayBeOpen: Int {
        guard channel != .mail else { return 4 * min(Transport.mailsAtATime, transport.maxInFlight) }
        return transport.maxInFlight + min(transport.maxInFlight, Transport.mayWait)
    }
}
