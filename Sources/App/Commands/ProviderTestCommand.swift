import Config
import Core
import Pipeline
import Reports
import Sandbox
import Store
public import Terminal
import Transport

extension ProviderTestRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let address = to == "-" ? try Host.firstLine(of: "-") : to
        let reason = context.options.reason ?? "test"
        let answer: ProviderTest.Answer
        if let link = try await context.link() {
            answer = try await ask(link, address, reason: reason, context)
        } else {
            answer = try await alone(address, reason: reason, context)
        }
        switch answer {
        case .done(let result):
            try context.console.show(ProviderTestReport(result))
            return result.outcome == .accepted ? .success : result.outcome == .notSent ? .unavailable : .findings
        case .notFound: throw Fault.unknown(account: account)
        case .notAllowed:
            throw Fault(
                .notAllowed, "mode allowlist does not let it be written to; nothing was sent", field: "to",
                hint: "allowlist in the settings")
        case .refused(let words): throw Fault(.usage, words, field: "to")
        }
    }

    private func ask(_ link: WorkerLink, _ address: String, reason: String, _ context: CommandContext) async throws -> ProviderTest.Answer {
        let body: JSON = ["to": .string(address), "reason": .string(reason), "who": .string(context.who)]
        let (reply, json) = try await link.ask("POST", "/v1/providers/\(WorkerLink.segment(account))/test", body)
        switch reply.status {
        case 200:
            guard let result = TestResult(json: json) else { throw Fault(.failure, "\(link.name) answered with what is no result") }
            return .done(result)
        case 404: return .notFound
        case 409: return .notAllowed
        case 422: return .refused(json["errors"]?.array?.first?["detail"]?.string ?? "means nothing")
        default: throw Fault(.failure, WorkerLink.words(json, status: reply.status))
        }
    }

    /// With no worker: the same account, connection and store, for this one message.
    private func alone(_ address: String, reason: String, _ context: CommandContext) async throws -> ProviderTest.Answer {
        let settings = try context.settings()
        let sandbox = settings.mode == .capture ? try await SandboxLink.find(settings) : nil
        do {
            let answer = try await alone(address, reason: reason, sandbox, context)
            await sandbox?.own?.stop()
            return answer
        } catch {
            await sandbox?.own?.stop()
            throw error
        }
    }

    private func alone(
        _ address: String, reason: String, _ sandbox: SandboxLink.Found?, _ context: CommandContext
    ) async throws -> ProviderTest.Answer {
        let settings = try Settings.read(
            file: SettingsOfCommand(context).path, environment: context.environment, overrides: sandbox?.overrides ?? [:],
            channels: Set(Channel.allCases)
        ).settings
        guard let named = settings.accounts.first(where: { $0.name == account }) else {
            throw Fault.unknown(account: account, among: settings.accounts.map(\.name))
        }
        let transport = Transport(capacity: 16)
        transport.register(Runtime.connection(of: named, settings: settings, authority: sandbox?.endpoints.caFile))
        do {
            let answer = try await Stores.working(settings) { [account] desk in
                let accounts = Accounts([named], transport: transport, clock: desk.clock)
                return try await ProviderTest(
                    store: desk.store, clock: desk.clock, accounts: accounts, mode: settings.mode, allowlist: settings.allowlist
                ).run(account: account, to: address, who: context.who, reason: reason)
            }
            await transport.shutdown()
            return answer
        } catch {
            await transport.shutdown()
            throw error
        }
    }
}

extension ProviderTestReport {
    fileprivate init(_ result: TestResult) {
        self.init(
            test: result.test, account: result.account, provider: result.provider, channel: result.channel, to: result.to,
            mode: result.mode, outcome: result.outcome, took: result.took)
        (status, code, words, messageID) = (result.status, result.code, result.words, result.messageID)
    }
}
