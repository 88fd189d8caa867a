import Core
import Transport

/// A network that opens no socket: whatever is handed over is taken, before the caller goes on.
struct WillingCarrier: Carrier {
    var executor: (any TaskExecutor)? { nil }
    func submit(_ batch: [Submission]) -> [Completion] { batch.map { Completion(ticket: $0.ticket, result: .reply(Self.yes)) } }
    func onCompletions(_ handler: @escaping @Sendable ([Completion]) -> Void) {}
    func perform(_ call: ProviderCall, on account: String) async -> TransferResult { .reply(Self.yes) }
    func shutdown(within limit: Duration) async {}
    private static let yes = ProviderReply(status: 200)
}
