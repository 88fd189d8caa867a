import Core
import Synchronization

/// What the stand-ins truly accepted, in order: the truth that a sender's own log is compared with.
///
/// In memory it keeps the newest `Ledger.keptRows` rows, and at most `Ledger.keptBytes` of them; counts are exact over the whole life of
/// the file. With a directory each row is also one line of `ledger.jsonl`, written with one `write` to a file opened for appending, before
/// the provider's answer leaves. A restart on the same directory goes on with the next number.
public final class Ledger: Sendable {
    public static let keptRows = 20_000
    public static let keptBytes = 128 << 20
    /// A provider forgets idempotency keys too, after a day; here by number.
    static let keptKeys = 500_000

    struct State {
        var rows: [Row] = []
        /// Rows before this index are gone; the array is trimmed when half of it is.
        var head = 0
        var bytes = 0
        var count = 0
        var counts: [StandIn: Int] = [:]
        var shown: [Screen: Int] = [:]
        var covered: Set<Int> = []
        var keys: [String: (digest: String, n: Int)] = [:]
        var keyOrder: [String] = []
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWaiting = 0
    }
    struct Screen: Hashable {
        var provider: StandIn
        var recipient, key: String
    }
    private let state = Mutex(State())
    private let file: AppendFile?
    private let now: @Sendable () -> Int64

    /// - Throws: `FileProblem` when the file cannot be opened or holds a line that is not a row.
    init(path: String?, now: @escaping @Sendable () -> Int64) throws {
        self.now = now
        file = try path.map { try AppendFile(path: $0) }
        guard let file else { return }
        for (number, line) in try file.lines().enumerated() {
            do {
                guard let row = Row(try JSON(parsing: line)) else {
                    throw FileProblem(path: file.path, problem: "line \(number + 1) is not a row")
                }
                state.withLock { Self.add(row, to: &$0) }
            } catch let problem as JSONProblem {
                throw FileProblem(path: file.path, problem: "line \(number + 1): \(problem)")
            }
        }
    }

    // MARK: Reading

    /// Rows ever accepted.
    public var count: Int { state.withLock { $0.count } }
    public func count(of provider: StandIn) -> Int { state.withLock { $0.counts[provider] ?? 0 } }

    /// Rows numbered above `n`, oldest first, of those still in memory.
    public func rows(after n: Int = 0, limit: Int = .max) -> [Row] {
        state.withLock { state in
            guard let first = state.rows[state.head...].first?.n else { return [] }
            let start = state.head + max(0, n + 1 - first)
            guard start < state.rows.count else { return [] }
            return Array(state.rows[start...].prefix(limit))
        }
    }
    public func row(_ n: Int) -> Row? { n > 0 ? rows(after: n - 1, limit: 1).first { $0.n == n } : nil }

    /// What is on the screens: rows that no later one has replaced, oldest first, of those still in memory.
    public func visible() -> [Row] {
        state.withLock { state in state.rows[state.head...].filter { !state.covered.contains($0.n) } }
    }

    /// Yields once for each time that rows came, however many; several that come while the reader works count as one.
    public func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.nextWaiting += 1
            state.waiting[state.nextWaiting] = continuation
            return state.nextWaiting
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { _ = $0.waiting.removeValue(forKey: id) } }
        return stream
    }

    // MARK: Writing

    enum Acceptance: Equatable {
        case new(Int)
        /// Same idempotency key, same content: the number of the first.
        case repeated(Int)
        /// Same idempotency key, other content.
        case conflict
    }

    /// Adds a row, unless its idempotency key has been seen.
    /// - Parameter digest: of the request's body when `row.key` is an idempotency key, else nil.
    func accept(_ row: Row, digest: String? = nil) throws(FileProblem) -> Acceptance {
        let result = state.withLock { state -> Result<Acceptance, FileProblem> in
            if let digest, let key = row.key, let first = state.keys[key] {
                return .success(first.digest == digest ? .repeated(first.n) : .conflict)
            }
            var row = row
            row.n = state.count + 1
            row.at = Timestamp(milliseconds: now())
            if let digest { row.ids["body_sha256"] = digest }
            if let screen = Self.screen(of: row) { row.replaces = state.shown[screen] }
            do throws(FileProblem) {
                try file?.append(row.json.bytes)
            } catch {
                return .failure(error)
            }
            Self.add(row, to: &state)
            return .success(.new(row.n))
        }
        if case .success(.new) = result { waiting.forEach { $0.yield() } }
        return try result.get()
    }

    /// Ends every stream of `changes`. Outside the lock: a stream's end comes back to take it.
    func finish() { waiting.forEach { $0.finish() } }
    private var waiting: [AsyncStream<Void>.Continuation] { state.withLock { Array($0.waiting.values) } }

    /// Push only: a device shows one notification for one collapse id or tag.
    private static func screen(of row: Row) -> Screen? {
        guard row.channel == .push, let key = row.key else { return nil }
        return Screen(provider: row.provider, recipient: row.recipient, key: key)
    }

    private static func add(_ row: Row, to state: inout State) {
        state.count = row.n
        state.counts[row.provider, default: 0] += 1
        state.rows.append(row)
        state.bytes += row.size
        if let screen = screen(of: row) { state.shown[screen] = row.n }
        if let old = row.replaces { state.covered.insert(old) }
        if let key = row.key, let digest = row.ids["body_sha256"] {
            state.keys[key] = (digest, row.n)
            state.keyOrder.append(key)
            if state.keyOrder.count > 2 * keptKeys {
                state.keyOrder.prefix(keptKeys).forEach { state.keys[$0] = nil }
                state.keyOrder.removeFirst(keptKeys)
            }
        }
        while state.rows.count - state.head > keptRows || (state.bytes > keptBytes && state.rows.count - state.head > 1) {
            let old = state.rows[state.head]
            state.bytes -= old.size
            state.covered.remove(old.n)
            if let screen = screen(of: old), state.shown[screen] == old.n { state.shown[screen] = nil }
            state.rows[state.head].html = nil
            state.head += 1
        }
        if state.head > state.rows.count / 2 {
            state.rows.removeFirst(state.head)
            state.head = 0
        }
    }
}
