import Dispatch
import Synchronization

@testable import Transport

/// A resolver that says of each name what its script says, and counts who was asked. A name without a script does not exist.
final class ScriptedLookup: NameLookup {
    enum Step: Sendable {
        case finds([String])
        case says(NameFinding)
        /// Hangs until `release`, and says it then.
        case hangs(NameFinding = .unanswered(-3))
    }
    private struct State {
        var script: [String: [Step]]
        var asked: [String: Int] = [:]
        var waiters: [(name: String, times: Int, waiter: CheckedContinuation<Void, Never>)] = []
    }
    private let state: Mutex<State>
    private let gate = DispatchGroup()
    private let isOpen = Mutex(false)

    /// Of each name one step after the other; the last one is all later ones.
    init(_ script: [String: [Step]] = [:]) {
        state = Mutex(State(script: script))
        gate.enter()
    }
    deinit { release() }

    func find(_ name: String) -> NameFinding {
        let (step, waiters) = state.withLock { state -> (Step?, [CheckedContinuation<Void, Never>]) in
            let number = state.asked[name, default: 0]
            state.asked[name] = number + 1
            let ready = state.waiters.filter { $0.name == name && $0.times <= number + 1 }
            state.waiters.removeAll { $0.name == name && $0.times <= number + 1 }
            let steps = state.script[name] ?? []
            return (steps.isEmpty ? nil : steps[min(number, steps.count - 1)], ready.map(\.waiter))
        }
        for waiter in waiters { waiter.resume() }
        switch step {
        case nil: return .noSuchName
        case .finds(let texts): return .addresses(texts.map { SocketAddress(ip: $0, port: 0)! })
        case .says(let finding): return finding
        case .hangs(let finding):
            gate.wait()
            return finding
        }
    }

    /// Ends every look-up that hangs, now and later.
    func release() {
        let isFirst = isOpen.withLock { isOpen in
            defer { isOpen = true }
            return !isOpen
        }
        if isFirst { gate.leave() }
    }

    var asked: [String: Int] { state.withLock { $0.asked } }

    /// Returns when the name has been asked for so often.
    func asked(_ name: String, times: Int = 1) async {
        await withCheckedContinuation { waiter in
            let isThere = state.withLock { state -> Bool in
                let isThere = state.asked[name, default: 0] >= times
                if !isThere { state.waiters.append((name, times, waiter)) }
                return isThere
            }
            if isThere { waiter.resume() }
        }
    }
}

/// A clock that goes when it is told to.
final class StepClock: Sendable {
    private let milliseconds = Mutex<UInt64>(1_000_000)
    var now: UInt64 { milliseconds.withLock { $0 } }
    func go(_ step: Duration) { milliseconds.withLock { $0 += UInt64(step.wholeMilliseconds) } }
}
