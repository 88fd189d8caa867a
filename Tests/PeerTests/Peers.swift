import Core
import FoundationEssentials
import Glibc
import Providers
import TestKit
import Transport

/// The servers of others that may be on this machine. `Tests/peers/install` installs them all.
enum Peers {
    static let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    static func fixture(_ name: String) -> String { "\(repository)/Tests/Fixtures/\(name)" }

    static let python = "\(repository)/.build-peers/bin/python"
    static let nghttpd = "/usr/sbin/nghttpd"
    static let bearerbox = "/usr/sbin/bearerbox", smsbox = "/usr/sbin/smsbox", fakeSMSC = "/usr/lib/kannel/test/fakesmsc"
    static func has(_ programs: String...) -> Bool { programs.allSatisfy { access($0, X_OK) == 0 } }

    /// A Python peer and the port it says.
    static func start(_ script: String, _ arguments: [String]) async throws -> (peer: ChildProcess, port: Int) {
        let peer = try await ChildProcess(python, ["-u", fixture("peers/\(script)")] + arguments, ready: "ready ")
        guard let port = peer.lines.last?.split(separator: " ").last.flatMap({ Int($0) }) else {
            throw ChildProblem("\(script) says no port")
        }
        return (peer, port)
    }

    /// What a provider makes of one message, sent for real.
    static func outcome(
        _ provider: any Provider, _ message: Message, over transport: Transport, account: String = "acct"
    ) async throws -> (outcome: Outcome, result: TransferResult) {
        let call = provider.authorized(
            try provider.call(for: message, key: key), with: try await credential(of: provider, over: transport, account: account))
        let result = await transport.perform(call, on: account)
        switch result {
        case .reply(let reply): return (provider.outcome(of: reply), result)
        case .failure(let failure): return (Outcome(failure), result)
        }
    }

    private static func credential(of provider: any Provider, over transport: Transport, account: String) async throws -> Credential? {
        switch try await provider.credential(at: now) {
        case nil: return nil
        case .ready(let credential): return credential
        case .exchange(let call):
            guard case .reply(let reply) = await transport.perform(call, on: account) else {
                throw ChildProblem("no answer to the exchange")
            }
            return try provider.credential(from: reply, at: now)
        }
    }

    static let key = IdempotencyKey("00112233445566778899aabbccddeeff")
    static let now = Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))

    static func message(to address: Address, _ content: Content) -> Message {
        Message(
            delivery: "dlv_01J9ZK3M5N7P9Q", attempt: "att_01J9ZK", address: Sensitive(address), content: content, locale: .zhHans,
            priority: .high, kind: .riskHold, stage: .opened, collapseKey: "hold-wd_01J9ZK", order: OrderNumber("WD1")!, plannedAt: now,
            expires: now + .hours(1))
    }

    static func account(
        _ values: [String: AccountSettings.Value.Kind], override: AccountSettings.EndpointOverride? = nil
    ) -> AccountSettings {
        AccountSettings(
            name: "acct", file: "clarion.yaml", line: 1, values: values.mapValues { AccountSettings.Value($0, line: 1, column: 1) },
            endpointOverride: override)
    }

    /// A transport with one account, shut down after `body`.
    static func withTransport<Result>(_ account: TransportAccount, _ body: (Transport) async throws -> Result) async throws -> Result {
        let transport = Transport(capacity: 256)
        transport.register(account)
        do {
            let result = try await body(transport)
            await transport.shutdown(within: .zero)
            return result
        } catch {
            await transport.shutdown(within: .zero)
            throw error
        }
    }
}

extension ChildProcess {
    /// The records a peer wrote about what it took, of those lines that are JSON objects; waits for `count` of them.
    func records(_ count: Int) async -> [JSON] {
        await said(lines: count, beginning: "{")
        return lines.compactMap { line in
            guard line.hasPrefix("{") else { return nil }
            do { return try JSON(parsing: line) } catch { return nil }
        }
    }
}
