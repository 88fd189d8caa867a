import Glibc
import Synchronization

/// A process of the test's own, and what it says, line by line. Gone with the object at the latest.
public final class ChildProcess: Sendable {
    public let pid: Int32
    private let output: ChildOutput
    private let hasEnded = Mutex(false)
    /// Where looks at it are kept.
    private let run: RunDirectory?

    /// - Parameters:
    ///   - environment: of its own, beside what every child gets.
    ///   - ready: what the line holds that says it works; nil: it works at once.
    ///   - run: keeps what it says, and what it holds when it is ready and before its end.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], ready: String?, in run: RunDirectory? = nil
    ) async throws {
        self.run = run
        (pid, output) = try await Self.start(program, arguments, environment, keptAs: try run?.newOutput())
        guard let ready else { return }
        guard await output.wait(until: { $0.contains { $0.contains(ready) } }) else {
            kill()
            throw ChildProblem("\(arguments.first ?? program) ended before it was ready: \(output.text)")
        }
        hasEnded.withLock { _ in look() }
    }
    deinit { kill() }

    /// Everything it has said.
    public var text: String { output.text }
    public var lines: [String] { output.lines }

    /// Returns when it has said so many lines that begin so, or can say no more.
    public func said(lines: Int, beginning: String = "") async {
        _ = await output.wait { said in said.count { $0.hasPrefix(beginning) } >= lines }
    }
    /// Returns when it has said so many lines that hold these words, or can say no more.
    public func said(lines: Int, containing words: String) async {
        _ = await output.wait { said in said.count { $0.contains(words) } >= lines }
    }
    /// Returns when it has said so many lines in all, or can say no more.
    public func said(inAll lines: Int) async { _ = await output.wait { $0.count >= lines } }
    /// The first line that holds all of `words`, once there is one; nil when it can say no more, or the task was cancelled.
    public func line(with words: String...) async -> String? {
        let isWanted: @Sendable (String) -> Bool = { line in words.allSatisfy { line.contains($0) } }
        return await output.wait { $0.contains(where: isWanted) } ? output.lines.first(where: isWanted) : nil
    }

    /// Returns when it is gone. Nothing of it can run after this.
    public func kill() { end(SIGKILL) }
    /// Ends it in order: what was begun is finished.
    @discardableResult
    public func stop() -> Int32 { end(SIGTERM) }
    /// Asks it to end, and returns at once.
    public func askToStop() { hasEnded.withLock { if !$0 { Glibc.kill(pid, SIGTERM) } } }
    /// Returns when it has ended by itself; its status as of `stop`.
    public func ended() async -> Int32 {
        _ = await output.wait { _ in false }
        return end(0)
    }

    /// Its exit status; a signal's number, negative, when it died of one.
    @discardableResult
    private func end(_ signal: Int32) -> Int32 {
        hasEnded.withLock { hasEnded in
            guard !hasEnded else { return 0 }
            hasEnded = true
            if signal != 0 {
                look()
                Glibc.kill(pid, signal)
            }
            return Self.wait(for: pid)
        }
    }

    private func look() {
        guard let run, let look = ProcessLook(pid) else { return }
        do { try run.keep(look) } catch { print("a look is lost: \(error)") }
    }

    /// A look at it once it has had nothing to do for as long as idle threads of Dispatch live. Throws when it always has.
    /// - Parameter counts: it is one of the quiet looks that are compared.
    func lookWhenQuiet(counts: Bool) async throws {
        var (since, used) = (ContinuousClock.now, ProcessLook.ticks(of: pid))
        for _ in 1...480 {
            try await Task.sleep(for: .milliseconds(250))
            let now = ProcessLook.ticks(of: pid)
            // It looks at its clocks once a second.
            if now > used + 10 {
                (since, used) = (.now, now)
            } else if since.duration(to: .now) >= .seconds(7), let run, var look = ProcessLook(pid) {
                look.isQuiet = counts
                return try run.keep(look)
            }
        }
        throw ChildProblem("the worker is never quiet: \(text)")
    }

    /// Runs a program to its end. Returns its exit status and what it said.
    public static func run(
        _ program: String, _ arguments: [String], in run: RunDirectory? = nil
    ) async throws -> (status: Int32, text: String) {
        let (pid, output) = try await start(program, arguments, [:], keptAs: try run?.newOutput())
        _ = await output.wait { _ in false }
        return (wait(for: pid), output.text)
    }

    private static func wait(for pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
    }

    /// Started by the thread that then reads from it: the kernel ends the child when that thread is gone, however this process ends.
    private static func start(
        _ program: String, _ arguments: [String], _ environment: [String: String], keptAs file: String?
    ) async throws -> (Int32, ChildOutput) {
        try await withCheckedThrowingContinuation { continuation in
            startThread {
                do {
                    // One at a time: a child that inherits another's pipe would keep it open.
                    let (pid, reading) = try starting.withLock { _ in
                        try spawn(tether[0], Array(tether.dropFirst()) + [program] + arguments, environment)
                    }
                    let output = ChildOutput()
                    continuation.resume(returning: (pid, output))
                    output.read(reading, keptAs: file)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
    private static let starting = Mutex(0)
    private static let tether = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"]

    private static func spawn(_ program: String, _ arguments: [String], _ more: [String: String]) throws -> (pid_t, Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else { throw ChildProblem("pipe: errno \(errno)") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let settings =
            ["SWIFT_BACKTRACE=enable=no", "PATH=/usr/bin:/bin:/usr/sbin"]
            + Program.planted.merging(more) { _, new in new }.map { "\($0.key)=\($0.value)" }
        var environment: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) } + [nil]
        defer { for word in environment { free(word) } }
        var pid = pid_t()
        let failed = posix_spawn(&pid, program, &actions, nil, &words, &environment)
        close(ends[1])
        guard failed == 0 else {
            close(ends[0])
            throw ChildProblem("\(program): errno \(failed)")
        }
        return (pid, ends[0])
    }
}

public struct ChildProblem: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// What was read from a pipe so far. Written by the thread that reads, read by any.
final class ChildOutput: Sendable {
    private struct State {
        var lines: [String] = []
        var hasEnded = false
        var waiter: (isDone: @Sendable ([String]) -> Bool, CheckedContinuation<Bool, Never>)?
    }
    private let state = Mutex(State())

    var lines: [String] { state.withLock { $0.lines } }
    var text: String { lines.joined(separator: "\n") }

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

    /// To the pipe's end; returns then.
    func read(_ descriptor: Int32, keptAs kept: String?) {
        let file = fdopen(descriptor, "r")
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        while getline(&line, &room, file) > 0, let start = line {
            let text = String(cString: start)
            if let kept {
                do { try TextFile.append(text, to: kept) } catch { print("a line is lost: \(error)") }
            }
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
