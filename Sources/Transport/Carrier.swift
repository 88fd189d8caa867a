public import Core

/// What carries calls to providers, as the pipeline sees it: `Transport`, or a world that is simulated.
public protocol Carrier: Sendable {
    /// Hands a batch over; results go to the handler, never on the caller's thread. Returns those refused at once.
    func submit(_ batch: [Submission]) -> [Completion]
    /// Set before the first `submit`.
    func onCompletions(_ handler: @escaping @Sendable ([Completion]) -> Void)
    func perform(_ call: ProviderCall, on account: String) async -> TransferResult
    /// Every call has its result when this returns.
    func shutdown(within limit: Duration) async
    /// Where the tasks run that calls and their results start; nil: wherever there is room.
    var executor: (any TaskExecutor)? { get }
}

extension Transport: Carrier {
    public var executor: (any TaskExecutor)? { nil }
}
