import Core

/// What a resolver knows, and who has its threads. Pure; times are milliseconds.
struct ResolverState {
    private struct Job {
        var name: String
        var account: String
    }
    private var names: [String: KnownName] = [:]
    private var queue: [Job] = []
    private var running: [(job: Job, since: UInt64)] = []
    /// Started and not told to end.
    private var threads = 0

    /// What becomes of one question.
    struct Reply {
        /// Nil: who asked is told when there is one.
        var answer: Resolver.Answer?
        /// One more thread is counted and must be started.
        var mustStart = false
    }

    mutating func ask(_ name: String, for account: String, telling inbox: Inbox, at now: UInt64) -> Reply {
        var (reply, known) = (Reply(), names[name] ?? KnownName())
        known.askedAt = now
        var isHopeless = false
        if known.mustBeSought(at: now) {
            isHopeless = hasNoThread(for: account, at: now)
            if !isHopeless {
                known.soughtSince = now
                queue.append(Job(name: name, account: account))
                reply.mustStart = mustStart(for: account)
            }
        } else if threads == 0, !queue.isEmpty {
            // One could not be started.
            reply.mustStart = mustStart(for: account)
        }
        if let found = known.answer(at: now) {
            reply.answer = .found(found.addresses, until: found.until)
        } else if let failure = known.failure(at: now) {
            reply.answer = .failed(failure)
        } else if isHopeless {
            reply.answer = .failed(.noThread)
        } else if let since = known.soughtSince, now >= since + Resolver.patience {
            reply.answer = .failed(running.contains { $0.job.name == name } ? .hangs : .noThread)
        } else if !known.waiting.contains(where: { $0 === inbox }) {
            known.waiting.append(inbox)
        }
        names[name] = known
        forget()
        return reply
    }

    /// The name that a thread is to look up; nil: it ends.
    mutating func begin(at now: UInt64) -> String? {
        guard let next = queue.firstIndex(where: { hasPlace(for: $0.account) }) else {
            threads -= 1
            return nil
        }
        let job = queue.remove(at: next)
        running.append((job, now))
        return job.name
    }

    /// Who waits for it.
    mutating func end(_ name: String, _ finding: NameFinding, at now: UInt64) -> [Inbox] {
        running.removeAll { $0.job.name == name }
        var known = names[name] ?? KnownName()
        known.take(finding, at: now)
        let waiting = known.waiting
        known.waiting = []
        names[name] = known
        return waiting
    }

    // MARK: threads

    private mutating func mustStart(for account: String) -> Bool {
        guard threads < Resolver.threads, hasPlace(for: account) else { return false }
        threads += 1
        return true
    }

    mutating func couldNotStart() { threads -= 1 }

    private func hasPlace(for account: String) -> Bool {
        running.count { $0.job.account == account } < Resolver.threads / 2 || PlantedBug.lendsResolver.isActive
    }

    /// Whether none can come free while a call waits: those it could have have hung for longer than that.
    private func hasNoThread(for account: String, at now: UInt64) -> Bool {
        if queue.count >= Resolver.mayWait { return true }
        func hang(_ those: [(job: Job, since: UInt64)]) -> Bool { those.allSatisfy { now >= $0.since + Resolver.patience } }
        if !hasPlace(for: account) { return hang(running.filter { $0.job.account == account }) }
        return running.count >= Resolver.threads && hang(running)
    }

    // MARK: memory

    /// The name that nobody asked for longest goes, when there are too many.
    private mutating func forget() {
        guard names.count > Resolver.mayKnow else { return }
        let oldest = names.filter { $0.value.soughtSince == nil }.min { $0.value.askedAt < $1.value.askedAt }
        if let oldest { names[oldest.key] = nil }
    }
}
