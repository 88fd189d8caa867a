import Glibc
import Synchronization

/// A process of the test's own, and what it says on stderr line by line. Gone with the object at the latest.
final class KillChild: Sendable {
    let pid: pid_t
    private let output: KillLines
    private let hasEnded = Mutex(false)

    /// - Parameter ready: the beginning of the line that says it works; nil: it works at once.
    init(_ program: String, _ arguments: [String], ready: String?) async throws {
        let (pid, reading) = try Self.start(program, arguments)
        self.pid = pid
        output = KillLines(reading)
        guard let ready else { return }
        guard await output.wait(until: { $0.last?.hasPrefix(ready) ?? false }) else {
            kill()
            throw KillProblem("\(arguments.first ?? program) ended before it was ready: \(output.text)")
        }
    }
    deinit { kill() }

    /// Everything it has said.
    var text: String { output.text }

    /// Returns when it has said so many lines, or can say no more.
    func said(lines: Int) async { _ = await output.wait { $0.count >= lines } }

    /// Returns when it is gone. Nothing of it can run after this.
    func kill() { end(SIGKILL) }
    /// Ends it in order: what was begun is finished.
    @discardableResult
    func stop() -> Int32 { end(SIGTERM) }

    /// Its exit status; a signal's number, negative, when it died of one.
    @discardableResult
    private func end(_ signal: Int32) -> Int32 {
        hasEnded.withLock { hasEnded in
            guard !hasEnded else { return 0 }
            hasEnded = true
            Glibc.kill(pid, signal)
            return Self.wait(for: pid)
        }
    }

    /// Runs a program to its end. Returns its exit status and what it said.
    static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, text: String) {
        let (pid, reading) = try start(program, arguments)
        let output = KillLines(reading)
        _ = await output.wait { _ in false }
        return (wait(for: pid), output.text)
    }

    private static func wait(for pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
    }

    /// One at a time: a child that inherits another's pipe would keep it open.
    private static func start(_ program: String, _ arguments: [String]) throws -> (pid_t, Int32) {
        try starting.withLock { _ in try spawn(program, arguments) }
    }
    private static let starting = Mutex(0)

    private static func spawn(_ program: String, _ arguments: [String]) throws -> (pid_t, Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else { throw KillProblem("pipe: errno \(errno)") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [
            strdup("SWIFT_BACKTRACE=enable=no"), strdup("PATH=/usr/bin:/bin:/usr/sbin"), nil,
        ]
        defer { for word in environment { free(word) } }
        var pid = pid_t()
        let failed = posix_spawn(&pid, program, &actions, nil, &words, &environment)
        close(ends[1])
        guard failed == 0 else {
            close(ends[0])
            throw KillProblem("\(program): errno \(failed)")
        }
        return (pid, ends[0])
    }
}

struct KillProblem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Reads a pipe to its end on a thread of its own.
final class KillLines: Sendable {
    private struct State {
        var lines: [String] = []
        var hasEnded = false
        var waiter: (isDone: @Sendable ([String]) -> Bool, CheckedContinuation<Bool, Never>)?
    }
    private let state = Mutex(State())

    init(_ descriptor: Int32) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(lines: self, descriptor: descriptor))
        let failed = pthread_create(
            &thread, nil,
            { context in
                let box = Unmanaged<Box>.fromOpaque(context!).takeRetainedValue()
                box.lines.read(box.descriptor)
                return nil
            }, box.toOpaque())
        precondition(failed == 0, "no thread for a test's child")
        pthread_detach(thread)
    }
    private final class Box: Sendable {
        let lines: KillLines
        let descriptor: Int32
        init(lines: KillLines, descriptor: Int32) { (self.lines, self.descriptor) = (lines, descriptor) }
    }

    var text: String { state.withLock { $0.lines.joined(separator: "\n") } }

    /// True when the lines are what is waited for, false when the pipe ended or the task was cancelled before. Asked after each line; one waiter.
    func wait(until isDone: @escaping @Sendable ([String]) -> Bool) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> Bool? in
                    if isDone(state.lines) { return true }
                    if state.hasEnded || Task.isCancelled { return false }
                    state.waiter = (isDone, continuation)
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            settle { _ in false }
        }
    }

    private func settle(_ verdict: (inout State) -> Bool?) {
        let waiter = state.withLock { state -> (CheckedContinuation<Bool, Never>, Bool)? in
            guard let result = verdict(&state), let waiter = state.waiter else { return nil }
            state.waiter = nil
            return (waiter.1, result)
        }
        if let (continuation, result) = waiter { continuation.resume(returning: result) }
    }

    private func read(_ descriptor: Int32) {
        let file = fdopen(descriptor, "r")
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        while getline(&line, &room, file) > 0, let start = line {
            let text = String(cString: start)
            settle { state in
                state.lines.append(text.last == "\n" ? String(text.dropLast()) : text)
                return state.waiter.flatMap { $0.isDone(state.lines) ? true : nil }
            }
        }
        free(line)
        fclose(file)
        settle { state in
            state.hasEnded = true
            return false
        }
    }
}
