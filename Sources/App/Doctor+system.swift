import Config
import Core
import Glibc
import Proof
import Reports
import Store
import Terminal
import Transport

/// The machine under the store: keys, lock, clock, libraries, and how the worker's own connection is set.
extension Doctor {
    mutating func lookAtLibraries() {
        // libcurl's own name and its TLS library; the rest of the line is what that was built with.
        let transport = Transport.versions.split(separator: " ").prefix(2).joined(separator: " ")
        say("libraries", .good, "SQLite \(SQLiteStore.libraryVersion), \(transport)")
    }

    /// A key that others can read is no secret; the store refuses to open with one.
    mutating func lookAtKeys(_ settings: Settings) {
        let isKeyed = settings.listen.isBehindProxy || !settings.listen.isLoopback
        let files = [settings.keys.master, settings.keys.lookup, settings.keys.inbox] + (isKeyed ? Array(settings.apiKeys.values) : [])
        let paths = Set(files.map(\.path)).sorted()
        var open: [String] = []
        var missing = 0
        for path in paths {
            var status = stat()
            if stat(path, &status) != 0 { missing += 1 } else if status.st_mode & 0o077 != 0 { open.append(path) }
        }
        var directory = stat()
        if stat(settings.storeDirectory, &directory) == 0, directory.st_mode & 0o022 != 0 {
            say("keys", .bad, "others can write into \(settings.storeDirectory)", "chmod 700 \(settings.storeDirectory)")
        }
        if !open.isEmpty {
            say("keys", .bad, "others can read \(open.joined(separator: ", "))", "chmod 600 \(open.joined(separator: " "))")
        } else {
            let words = "\(counted(paths.count - missing, "file")) of mode 0600" + (missing > 0 ? ", \(missing) not made yet" : "")
            say("keys", .good, words)
        }
    }

    /// Times in the log only rise. A clock behind them was set back: windows and deadlines would be late.
    mutating func lookAtClock(newest: Timestamp?) {
        let now = context.clock()
        let words = context.console.look.times.full(now)
        guard let newest, newest > now + .seconds(2) else { return say("clock", .good, words) }
        say(
            "clock", .warning, "\(words), \(spoken(newest - now)) behind the newest record",
            "was the clock set back (timedatectl)? A store of clarion replay may be ahead of it")
    }

    mutating func askWorker(_ settings: Settings) async -> Bool {
        guard let link = await WorkerLink.find(settings, timeout: min(context.options.timeout, .seconds(5))) else {
            let isLeft = Host.exists(WorkerHost.socketPath(settings))
            say("worker", .warning, isLeft ? "its socket is there, but nobody answers" : "none runs", "clarion run")
            return false
        }
        do {
            let (reply, facts) = try await link.ask("GET", "/v1/system")
            guard reply.status == 200 else { throw Fault(.failure, "status \(reply.status)") }
            let version = facts["version"]?.string ?? ""
            let words = "process \(facts["process"]?.integer ?? 0), version \(Safe.text(version)), since \(since(facts))"
            if version == Version.text {
                say("worker", .good, words)
            } else {
                say("worker", .warning, "\(words); this program is \(Version.text)", "stop it and start the new one")
            }
            judge(facts["store"]?.object ?? [])
            judge(receipts: facts["receipts"]?.object ?? [])
            judge(clock: facts["clock"])
            exportProblem = facts["checkpoints"]?.string.flatMap { $0 == "written" ? nil : $0 }
        } catch {
            say("worker", .warning, "ready, but says nothing of itself", "is it of this version? stop it and start the new one")
        }
        return true
    }

    private func since(_ facts: JSON) -> String {
        (facts["started_at"]?.string).flatMap { Timestamp(rfc3339: $0) }.map { context.console.look.times.full($0) } ?? "?"
    }

    /// What durability needs, as the connection that writes reports it. FULL: with less a power cut takes back what was acknowledged.
    private mutating func judge(_ settings: [(String, JSON)]) {
        let values = Dictionary(settings.map { ($0.0, $0.1.string ?? "") }) { first, _ in first }
        let needed = [
            ("journal_mode", "wal", "WAL"), ("synchronous", "2", "FULL"), ("foreign_keys", "1", "on"), ("wal_autocheckpoint", "0", "0"),
        ]
        let wrong = needed.filter { values[$0.0] != $0.1 }
        guard wrong.isEmpty else {
            let words = wrong.map { "\($0.0) is \(Safe.text(values[$0.0] ?? "not known")), must be \($0.2)" }
            return say("pragmas", .bad, words.joined(separator: "; "), "stop the worker: acknowledged events are at risk")
        }
        say("pragmas", .good, needed.map { "\($0.0) \($0.2)" }.joined(separator: ", "))
    }

    /// Receipts that are not believed are an attack, or a token or address that the provider has otherwise.
    private mutating func judge(receipts: [(String, JSON)]) {
        let counts = Dictionary(receipts.map { ($0.0, $0.1.integer ?? 0) }) { first, _ in first }
        let taken = ["moved", "kept", "early", "repeated"].reduce(0) { $0 + (counts[$1] ?? 0) }
        let bad = [("forged", "not believed"), ("unreadable", "not readable"), ("unmatched", "of no message of ours")]
            .compactMap { name, words in counts[name].flatMap { $0 > 0 ? "\(grouped($0)) \(words)" : nil } }
        guard taken > 0 || !bad.isEmpty else { return }
        let words = ([counted(Int(taken), "receipt")] + bad).joined(separator: ", ")
        let isDoubtful = counts["forged"] ?? 0 > 0 || counts["unreadable"] ?? 0 > 0
        say(
            "receipts", isDoubtful ? .warning : .good, words,
            isDoubtful ? "receipts.url and the account's keys that begin with receipt_" : nil)
    }

    /// A wall clock that stepped: messages go on in time, but what is written on them and when nights begin may be wrong.
    private mutating func judge(clock facts: JSON?) {
        guard let steps = facts?["steps"]?.integer, let ahead = facts?["ahead_ms"]?.integer else { return }
        let isFollowed = ahead.magnitude <= 2000
        guard steps > 0 || !isFollowed else { return }
        var words = "the machine's clock stepped \(counted(Int(steps), "time")) since the start"
        if !isFollowed { words += ", and is \(spoken(.milliseconds(abs(ahead)))) \(ahead > 0 ? "ahead of" : "behind") Clarion's" }
        say("steps", .warning, words, "clarion tail --act clock; is the machine synchronised (timedatectl)?")
    }

    /// The checkpoints outside of the database: what proves that its end was not cut off. A worker that cannot write them goes on, so somebody has to be told.
    ///
    /// - Parameters:
    ///   - chain: of the store.
    ///   - stored: the number of its last checkpoint; 0: it signs nothing yet.
    mutating func lookAtCheckpoints(_ settings: Settings, chain: String, stored: Int64, trusted: [AuditPublicKey]) {
        let directory = settings.checkpointDirectory ?? settings.storeDirectory + "/checkpoints"
        let remedy = "store.checkpoints in \(settings.file): room, its owner and its mode"
        if let exportProblem { return say("checkpoints", .bad, Safe.text(exportProblem), remedy) }
        guard stored > 0 else { return say("checkpoints", .good, "nothing is signed yet") }
        guard let path = CheckpointFiles(directory: directory, chain: chain).paths.last else {
            return say(
                "checkpoints", .bad, "none is written outside of the database: there is no file of this store in \(directory)", remedy)
        }
        guard access(path, W_OK) == 0, access(directory, W_OK | X_OK) == 0 else {
            return say("checkpoints", .bad, "\(path) cannot be written: \(String(cString: strerror(errno)))", remedy)
        }
        let book: CheckpointBook
        do { book = CheckpointBook(try Host.bytes(at: path), chain: chain, trusted: trusted) } catch {
            return say("checkpoints", .bad, error.description, remedy)
        }
        let last = book.last?.number ?? 0
        if let breach = book.breaches.first {
            say("checkpoints", .bad, "\(path): \(breach.words)", "clarion audit verify")
        } else if last < stored {
            say(
                "checkpoints", .warning, "\(path) ends with checkpoint \(last), the store with \(stored)",
                "the next start writes them; then clarion audit verify")
        } else {
            say("checkpoints", .good, "\(path), to checkpoint \(last)")
        }
    }

    /// Who has the store, as the kernel says; the file only names the process.
    mutating func lookAtLock(_ settings: Settings, isRunning: Bool) {
        let path = settings.storeDirectory + "/clarion.lock"
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        let text: String
        let locks: String
        do { (text, locks) = (try Host.text(at: path), try Host.text(at: "/proc/locks")) } catch {
            return say("lock", .warning, error.description, "ls -l \(path)")
        }
        // `1: FLOCK  ADVISORY  WRITE 4711 08:01:131073 0 EOF`, see proc_locks(5).
        let isHeld = locks.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.count > 5 && words[1] == "FLOCK" && words[5].split(separator: ":").last.map(String.init) == String(status.st_ino)
        }
        let owner = text.split(whereSeparator: \.isWhitespace).first.map { "process \(Safe.text(String($0)))" } ?? "a process"
        switch (isHeld, isRunning) {
        case (true, true): say("lock", .good, "held by \(owner)")
        case (true, false): say("lock", .warning, "\(owner) has the store, and nobody answers", "is it starting, or does it hang?")
        case (false, true): say("lock", .bad, "a worker answers, and nobody holds the lock", "stop it; was \(path) removed?")
        case (false, false): say("lock", .good, "free")
        }
    }
}
