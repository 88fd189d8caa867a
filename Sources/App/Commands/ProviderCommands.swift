import Config
import Core
import Pipeline
import Providers
import Reports
import Store
public import Terminal

extension ProviderListRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let (now, accounts) = (context.clock(), try SettingsOfCommand(context).settings(channels: Set(Channel.allCases)).accounts)
        let standings = try await context.read { try $0.accountStandings() }
        let lines = accounts.map { account in
            AccountsReport.Line(
                name: account.name, provider: account.providerID, channel: account.channel, guarantee: account.provider.guarantee.word,
                weight: account.weight, rate: account.rate, standing: standings.first { $0.account == account.name })
        }
        try context.console.show(AccountsReport(lines, now: now))
        return .success
    }
}

extension ProviderPauseRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let verb = pauses ? "pause" : "resume"
        if context.options.server == nil {
            let names = try SettingsOfCommand(context).settings(channels: Set(Channel.allCases)).accounts.map(\.name)
            guard names.contains(account) else { throw Fault.unknown(account: account, among: names) }
        }
        if context.options.isDryRun {
            try Reach.store.check(context.options)
            let state = try await context.read { [account] in try $0.accountStandings().first { $0.account == account }?.state ?? .closed }
            let would = pauses ? state != .paused : state != .closed
            try context.console.show(
                DeskReport(done: [
                    "\(account) is \(state.rawValue); \(would ? "it would change" : "nothing would change"), nothing was changed"
                ]))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        let answer = try await context.operate(
            "/v1/providers/\(account)/\(verb)", ["reason": .string(reason), "who": .string(who)]
        ) { [self] in try await $0.set(paused: pauses, account: account, who: who, reason: reason) }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words], next: "clarion provider list"))
        case .notFound: throw Fault.unknown(account: account)
        case .refused(let words): throw Fault(.failure, "\(account): \(words)")
        }
        return .success
    }

}

extension Fault {
    static func unknown(account: String, among names: [String] = []) -> Fault {
        Fault(
            .notFound, "no account \"\(PlainText(account))\"", field: "account",
            hint: nearest(to: account, among: names).map { "did you mean \"\($0)\"?" } ?? "clarion provider list")
    }
}
