public import Config
public import Core
public import Providers
import Synchronization
public import Transport

/// The accounts of each channel: how they are, which one a message goes to, and their credentials, which are renewed one at a time and kept in
/// memory only.
public final class Accounts: Sendable {
    public let byName: [String: Account]
    private let all: [Account]
    private let index: [String: Int]
    private let byChannel: [Channel: [Int]]
    private let byPlatform: [Platform: [Int]]
    /// For a device that names no platform: those that serve the same as the first of all.
    private let unknownDevice: [Int]
    private let transport: any Carrier
    private let clock: any Clock
    /// By index. Written by the store's thread that chooses, by who settles, and by people.
    private let health: Mutex<[AccountHealth]>

    /// What an account sends with; nil inside when it needs nothing.
    struct Held: Sendable { var credential: Credential? }
    private struct State {
        var held: [String: Held] = [:]
        var renewals: [String: Task<Result<Credential?, CredentialRefusal>, Never>] = [:]
    }
    private let state = Mutex(State())

    public init(_ accounts: [Account], transport: any Carrier, clock: any Clock) {
        let all = accounts.sorted { $0.order < $1.order }
        byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
        index = Dictionary(uniqueKeysWithValues: zip(all.map(\.name), all.indices))
        byChannel = Dictionary(grouping: all.indices) { all[$0].channel }
        unknownDevice = all.indices.filter { index in
            let first = all.first { $0.channel == .push }
            return all[index].channel == .push && all[index].platforms == first?.platforms
        }
        byPlatform = Platform.allCases.reduce(into: [:]) { found, platform in
            found[platform] = all.indices.filter { all[$0].channel == .push && all[$0].platforms.contains(platform) }
        }
        health = Mutex(
            all.map { account in
                let most = account.mayBeOpen + Self.reserve(beside: account.mayBeOpen)
                return AccountHealth(
                    most: most, rate: account.rate,
                    salt: account.name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 },
                    bringsReceipts: account.provider.receipts != nil)
            })
        (self.all, self.transport, self.clock) = (all, transport, clock)
    }

    /// Devices that some account serves.
    public var platforms: Set<Platform> { Set(Platform.allCases.filter { byPlatform[$0]?.isEmpty == false }) }
    public var channels: Set<Channel> { Set(byChannel.keys) }

    /// Attempts of each channel that may be open at a time: some times what its accounts have on the wire, so that the wire never waits for a
    /// commit, and no more, since what is open when a process is killed may have been sent. A channel without accounts opens nothing.
    var slots: [Channel: Int] {
        Channel.allCases.reduce(into: [:]) { slots, channel in
            guard channel != .inApp else { return }
            slots[channel] = byChannel[channel].map { $0.reduce(0) { $0 + all[$1].mayBeOpen } } ?? 64
        }
    }
    /// Slots beside these that only what is high may take: a quarter of all.
    var reserved: [Channel: Int] { slots.mapValues(Self.reserve) }
    private static func reserve(beside slots: Int) -> Int { max(2, slots / 3) }

    // MARK: Choosing

    /// Where a message goes now.
    enum Choice {
        case account(Account)
        /// Its accounts have as much open as they may; it stays due. Perhaps a rate allows the next then.
        case full(until: Timestamp?)
        /// None may be tried before.
        case closed(until: Timestamp, ReasonCode)
        /// No account serves it.
        case none
    }

    /// An account for one attempt, which counts as open from now on. Among several by their weights and how far they are trusted, the same for a
    /// delivery each time; the one that it was refused by last comes last.
    ///
    /// - Parameters:
    ///   - stay: the only account it may go to, since a message may be there already.
    ///   - spent: those that took it and could not deliver it.
    func choose(for delivery: Delivery, stay: String? = nil, besides spent: Set<String> = [], now: Timestamp) -> Choice {
        let priority = delivery.priority
        if let stay {
            guard let only = index[stay] else { return .none }
            return health.withLock { admit(only, priority, isLast: true, now: now, &$0) }
        }
        let candidates = spent.isEmpty ? serving(delivery) : serving(delivery).filter { !spent.contains(all[$0].name) }
        guard candidates.count > 1 else {
            return candidates.first.map { only in health.withLock { admit(only, priority, isLast: true, now: now, &$0) } } ?? .none
        }
        return health.withLock { health in
            let ranked = rank(candidates, for: delivery, health)
            var best = Choice.none
            for isLast in priority == .high ? [false, true] : [false] {
                for candidate in ranked {
                    let choice = admit(candidate, priority, isLast: isLast, now: now, &health)
                    if case .account = choice { return choice }
                    best = best.orBetter(choice)
                }
                if case .full = best { return best }
            }
            return best
        }
    }

    private func serving(_ delivery: Delivery) -> [Int] {
        guard delivery.channel == .push else { return byChannel[delivery.channel] ?? [] }
        return delivery.address.platform.map { byPlatform[$0] ?? [] } ?? unknownDevice
    }

    private func admit(_ candidate: Int, _ priority: Priority, isLast: Bool, now: Timestamp, _ health: inout [AccountHealth]) -> Choice {
        switch health[candidate].admission(priority, isLast: isLast, now: now) {
        case .free:
            if let until = health[candidate].take(priority, now: now) { return .full(until: until) }
            return .account(all[candidate])
        case .full: return .full(until: nil)
        case .closed(let until, let reason): return .closed(until: until, reason)
        }
    }

    private func rank(_ candidates: [Int], for delivery: Delivery, _ health: [AccountHealth]) -> [Int] {
        var ranked: [Int] = []
        let last = delivery.account.flatMap { index[$0] }
        var left = candidates.filter { $0 != last && all[$0].weight > 0 }
        while !left.isEmpty {
            let weights = left.map { Double(all[$0].weight) * health[$0].trust }
            // 0 to 1, of 53 bits.
            let chance = Double(Spread.mix(UInt64(bitPattern: delivery.id), UInt64(ranked.count + 1)) >> 11) / Double(1 << 53)
            var point = chance * weights.reduce(0, +)
            let place = weights.firstIndex { weight in
                point -= weight
                return point < 0
            }
            ranked.append(left.remove(at: place ?? left.count - 1))
        }
        ranked += candidates.filter { $0 != last && all[$0].weight == 0 }
        return ranked + candidates.filter { $0 == last }
    }

    /// An attempt that was chosen for and not made.
    func putBack(_ account: String, _ priority: Priority) {
        guard let index = index[account] else { return }
        health.withLock { $0[index].putBack(priority) }
    }

    /// Whether another account that is well can take it.
    func hasBackup(for delivery: Delivery, besides tried: Set<String>, now: Timestamp) -> Bool {
        let others = serving(delivery).filter { !tried.contains(all[$0].name) }
        guard !others.isEmpty else { return false }
        return health.withLock { health in
            others.contains { other in
                if case .closed = health[other].admission(delivery.priority, isLast: false, now: now) { false } else { true }
            }
        }
    }
    /// How many accounts serve it.
    func choices(for delivery: Delivery) -> Int { serving(delivery).count }

    // MARK: Health

    /// What came of attempts. Returns the accounts of which something changed that is to be kept over a restart.
    func note(_ results: [(attempt: Dispatch.Open, outcome: Outcome)], now: Timestamp) -> [String] {
        health.withLock { health in
            var changed: [Int] = []
            for result in results {
                guard let index = index[result.attempt.account.name] else { continue }
                let (priority, started) = (result.attempt.delivery.priority, result.attempt.started)
                if health[index].note(result.outcome, priority, started: started, now: now), !changed.contains(index) {
                    changed.append(index)
                }
            }
            return changed.map { all[$0].name }
        }
    }
    func standing(of name: String, at now: Timestamp) -> AccountStanding? {
        index[name].map { index in health.withLock { $0[index].standing(name, at: now) } }
    }

    /// A message that was taken at a moment arrived in time, or too late, or not.
    func note(receiptInTime isInTime: Bool, of sent: Timestamp, on name: String, now: Timestamp) {
        guard let index = index[name] else { return }
        health.withLock { $0[index].note(receiptInTime: isInTime, of: sent, now: now) }
    }
    /// Share of its weight that an account gets.
    func trust(in name: String) -> Double { index[name].map { index in health.withLock { $0[index].trust } } ?? 0 }

    /// What the store should know by now of accounts, by their names.
    ///
    /// - Parameter isLast: nothing more will be sent.
    func drifts(of names: some Sequence<String>, at now: Timestamp, isLast: Bool = false) -> [String: AccountStanding.Measure] {
        health.withLock { health in
            names.reduce(into: [:]) { drifts, name in drifts[name] = index[name].flatMap { health[$0].drift(at: now, isLast: isLast) } }
        }
    }
    func wereKept(_ measures: [String: AccountStanding.Measure], at now: Timestamp) {
        health.withLock { health in
            for (name, measure) in measures { if let index = index[name] { health[index].wasKept(measure, at: now) } }
        }
    }

    /// As they were before a restart.
    func restore(_ standings: [AccountStanding], lastRow: Timestamp?, at now: Timestamp) {
        let byName = Dictionary(uniqueKeysWithValues: standings.map { ($0.account, $0) })
        health.withLock { health in
            for index in health.indices { health[index].restore(byName[all[index].name], lastRow: lastRow, at: now) }
        }
    }

    /// The time goes on later: what waits waits as long as before.
    func postpone(by step: Duration) {
        health.withLock { health in for index in health.indices { health[index].postpone(by: step) } }
    }

    /// Pauses an account, or ends its pause. Nil when there is none of that name.
    func set(_ pause: AccountStanding.Pause?, on name: String, now: Timestamp) -> AccountStanding? {
        guard let index = index[name] else { return nil }
        return health.withLock { health in
            health[index].set(pause)
            return health[index].standing(name, at: now)
        }
    }

    // MARK: Credentials

    /// What is good now; nil when it has to be asked for first. By the wall clock: the provider goes by its own.
    func held(for account: Account, now: Timestamp) -> Held? {
        guard let held = state.withLock({ $0.held[account.name] }) else { return nil }
        if let credential = held.credential, now >= credential.renewAt { return nil }
        return held
    }

    /// A credential that is good now, or nil when the account needs none.
    public func credential(for account: Account) async throws(CredentialRefusal) -> Credential? {
        let now = clock.wall
        if let held = held(for: account, now: now) { return held.credential }
        let (transport, provider, name) = (transport, account.provider, account.name)
        let renewal = state.withLock { state in
            if let running = state.renewals[name] { return running }
            let started = Task(executorPreference: transport.executor) {
                await Self.renew(provider, name: name, transport: transport, now: now)
            }
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

    /// One call beside what is sent: it counts in no health.
    func perform(_ call: ProviderCall, on name: String) async -> TransferResult { await transport.perform(call, on: name) }

    /// The provider refused it: the next call makes a new one.
    func drop(credentialOf name: String) { state.withLock { $0.held[name] = nil } }

    private static func renew(
        _ provider: any Provider, name: String, transport: any Carrier, now: Timestamp
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

extension Accounts.Choice {
    /// What comes sooner: something that is only full, then what opens first.
    fileprivate func orBetter(_ other: Self) -> Self {
        switch (self, other) {
        case (.full(let one), .full(let two)): .full(until: [one, two].compactMap(\.self).min())
        case (.full, _), (_, .none): self
        case (.closed(let one, _), .closed(let two, _)): two < one ? other : self
        default: other
        }
    }
}

/// The accounts that one transaction chose: they are put back when it fails.
final class Picks: Sendable {
    private let accounts: Accounts
    /// Written by the store's thread, and read after the transaction.
    private let taken = Mutex<[(String, Priority)]>([])
    init(_ accounts: Accounts) { self.accounts = accounts }

    func choose(for delivery: Delivery, stay: String? = nil, besides spent: Set<String> = [], now: Timestamp) -> Accounts.Choice {
        let choice = accounts.choose(for: delivery, stay: stay, besides: spent, now: now)
        if case .account(let account) = choice { taken.withLock { $0.append((account.name, delivery.priority)) } }
        return choice
    }
    /// The last one is not needed.
    func putBackLast() { if let last = taken.withLock({ $0.popLast() }) { accounts.putBack(last.0, last.1) } }
    /// Nothing of it was committed.
    func rollBack() {
        let all = taken.withLock { taken in
            defer { taken = [] }
            return taken
        }
        for (account, priority) in all { accounts.putBack(account, priority) }
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
