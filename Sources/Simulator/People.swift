import Core
import MemoryStore
import Pipeline
import Store

extension World {
    func mood(of account: String) -> Mood { moods[account] ?? .well }

    /// A provider falls ill or is well again.
    func change(_ account: String) {
        moods[account] = chance.percent(regime.illness) ? chance.pick(Mood.allCases) : .well
        tell("\(account) is \(mood(of: account))")
        agenda.add(.mood(account), at: now + .seconds(chance.within(20...600)))
    }

    /// Staff and customers do one thing.
    func meddle() {
        agenda.add(.person, at: now + .seconds(chance.within(5...900)))
        guard let process, process.isReady else { return }
        let desk = process.engine.desk
        switch chance.below(5) {
        case 0: set(paused: chance.percent(40), chance.pick(accounts), desk, process)
        case 1: settleDoubt(desk, process)
        case 2: retryLetter(desk, process)
        case 3 where chance.percent(50): erase(desk, process)
        case 3: look(process)
        default: optOut(desk, process)
        }
    }

    private func set(paused: Bool, _ account: String, _ desk: Desk, _ process: Process) {
        tell("somebody \(paused ? "pauses" : "resumes") \(account)")
        work(process) { _ = try await desk.set(paused: paused, account: account, who: "sim", reason: "sim") }
    }

    /// Before a quiet point.
    func resumeAll() {
        guard let process, process.isReady else { return }
        let desk = process.engine.desk
        for account in accounts { set(paused: false, account, desk, process) }
    }

    /// Somebody asked the provider, and says what its book says.
    private func settleDoubt(_ desk: Desk, _ process: Process) {
        let long = time - .minutes(2)
        let open = tables.ambiguousAttemptIDs
        guard !open.isEmpty, let attempt = attempt(chance.pick(open)), attempt.finishedAt.map({ $0 < long }) ?? false else { return }
        let wasTaken = truths[attempt.id]?.isTaken ?? false
        tell("somebody settles attempt \(attempt.id): \(wasTaken ? "taken" : "not taken")")
        let name = attempt.publicID
        work(process) { _ = try await desk.settle(attempt: name, wasTaken: wasTaken, who: "sim", reason: "sim") }
    }

    private func retryLetter(_ desk: Desk, _ process: Process) {
        let id = Int64(1 + chance.below(40))
        work(process) { _ = try await desk.retry(deadLetter: id, who: "sim", reason: "sim") }
    }

    /// A customer opens the app.
    private func look(_ process: Process) {
        let (customer, now, store) = ("CU\(chance.below(Self.customers))", time, process.store)
        let reads = chance.percent(50)
        work(process) {
            try await store.write { writer in
                for item in try writer.inbox(customer: customer, unreadOnly: true, before: nil, limit: 3) {
                    _ = try writer.mark(inboxItem: item.publicID, customer: customer, seen: now, read: reads ? now : nil)
                }
            }
        }
    }

    /// A customer is to be forgotten, perhaps while something of theirs goes on. Producers know nothing of it.
    private func erase(_ desk: Desk, _ process: Process) {
        let (customer, evenIfOpen) = ("CU\(chance.below(Self.customers))", chance.percent(50))
        tell("\(customer) is to be forgotten")
        work(process) { _ = try await desk.erase(customer: customer, evenIfOpen: evenIfOpen, who: "sim", reason: "sim") }
    }

    private func optOut(_ desk: Desk, _ process: Process) {
        var change = CustomerChange()
        let channel = chance.pick([Channel.sms, .push, .mail])
        if chance.percent(30) { change.optOut = [channel] } else { change.optIn = [channel] }
        let (customer, wanted) = ("CU\(chance.below(Self.customers))", change)
        work(process) { _ = try await desk.change(customer: customer, wanted, who: "sim", reason: "sim") }
    }

    /// What people do may fail with the process or the disk; they see it and leave it.
    private func work(_ process: Process, _ body: @escaping @Sendable () async throws -> Void) {
        process.start { [unowned self] in
            do { try await body() } catch StoreError.closed, StoreError.full { return } catch { fail("a person's work failed: \(error)") }
        }
    }

    private func attempt(_ id: AttemptID) -> Attempt? {
        do { return try tables.attempts(ofDelivery: id >> 10).first { $0.id == id } } catch { return nil }
    }
}
