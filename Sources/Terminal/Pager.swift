import Glibc

/// The program that shows what is longer than the terminal: `$CLARION_PAGER`, else `$PAGER`, else `less -FRX`. Never used in a pipe.
public struct Pager: Sendable, Equatable {
    /// For `/bin/sh -c`.
    public var command: String
    /// Lines of the terminal; one of them is the prompt's.
    public var rows: Int

    /// Nil when the person wants none: an empty variable, or `cat`.
    public init?(rows: Int, environment: [String: String]) {
        let command = environment["CLARION_PAGER"] ?? environment["PAGER"] ?? "less -FRX"
        guard !command.isEmpty, command != "cat" else { return nil }
        (self.command, self.rows) = (command, rows)
    }

    /// Whether a text does not fit: its lines, and what the terminal folds.
    public func isWanted(for text: String, columns: Int?) -> Bool {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard lines.count < rows else { return true }
        guard let columns, columns > 0 else { return false }
        // Escape sequences count too: a text that is nearly too long may be paged, never the other way round.
        return lines.reduce(0) { $0 + max(1, ($1.count + columns - 1) / columns) } >= rows
    }

    /// Shows the text and waits until the person has seen enough. False when no pager could be started: then nothing was shown.
    public func show(_ text: String) -> Bool {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return false }
        let (reading, writing) = (ends[0], ends[1])
        // The pager must not hold its own input open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // Ctrl-C is the pager's: it ends a search there, not us. A pager that is left early breaks the pipe.
        let (oldInterrupt, oldPipe) = (signal(SIGINT, SIG_IGN), signal(SIGPIPE, SIG_IGN))
        defer {
            signal(SIGINT, oldInterrupt)
            signal(SIGPIPE, oldPipe)
        }
        guard let child = start(reading: reading) else {
            close(reading)
            close(writing)
            return false
        }
        close(reading)
        feed(text, to: writing)
        close(writing)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        // The shell's own word for a command it cannot run.
        let code = (status >> 8) & 0xFF
        return !(status & 0x7F == 0 && (code == 126 || code == 127))
    }

    private func start(reading: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        guard posix_spawn_file_actions_init(&actions) == 0, posix_spawnattr_init(&attributes) == 0 else { return nil }
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, reading, STDIN_FILENO)
        // What we ignore the pager must not.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGINT)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var child = pid_t()
        let words: [UnsafeMutablePointer<CChar>?] = ["/bin/sh", "-c", command].map { (word: String) in strdup(word) }
        defer { words.forEach { free($0) } }
        let result = posix_spawn(&child, "/bin/sh", &actions, &attributes, words + [nil], environ)
        return result == 0 ? child : nil
    }

    private func feed(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
        }
    }
}
