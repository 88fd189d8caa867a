import Core
import Pipeline
import Providers
import Transport

/// How a provider is for a while.
enum Mood: CaseIterable {
    case well, refusing, throttling, lossy, hanging, unreachable, gateway, vague, strict, locked
}

/// One request on its way.
final class Journey {
    let ticket: AttemptID
    let process: Int
    let account: String
    /// What stands in the bytes: of a repeat these are the first attempt's.
    let delivery, attempt, key: String
    let flight: FlightSlot?
    var result = TransferResult.failure(TransferFailure(cause: .connect, mayHaveBeenSent: false))

    init(_ submission: Submission, process: Int) {
        (ticket, self.process, account, flight) = (AttemptID(submission.ticket), process, submission.account, submission.flight)
        var words: [String] = []
        if case .http(let call) = submission.call {
            words = String(decoding: call.body, as: UTF8.self).split(separator: " ").map(String.init)
        }
        (delivery, attempt, key) = words.count == 3 ? (words[0], words[1], words[2]) : ("", "", "")
    }
}

/// What a provider says later of a message, until somebody has taken it.
final class Telling {
    let account, body, secret: String
    var tries = 0
    /// The delivery that the provider says it could not deliver; nil when it says something else, or is not the provider.
    let failed: String?
    init(account: String, body: String, secret: String, failed: String?) {
        (self.account, self.body, self.secret, self.failed) = (account, body, secret, failed)
    }
}

/// What truly became of an attempt, which only the world knows.
struct Truth {
    /// Bytes may have left.
    var hasDeparted = false
    /// The provider took it, or had taken it before.
    var isTaken = false
    /// The answer that came back left it open.
    var isInDoubt = false
    /// A complete answer came back.
    var isAnswered = false
    /// It was open when its process died.
    var isOrphan = false
    /// And what the process had written of it could be read.
    var isWitnessed = false
}

/// The providers' own book.
struct Ledger {
    /// What an account remembers of a message.
    private struct Entry {
        var id: String
        var since: Timestamp
    }
    private var entries: [String: Entry] = [:]
    /// How often a delivery reached its recipient.
    private(set) var seen: [String: Int] = [:]
    /// How often a provider has said that it could not deliver what it had taken.
    private(set) var failed: [String: Int] = [:]
    private var failures: Set<String> = []
    private var count = 0

    /// The provider takes a message: its name for it, and whether the recipient sees one more.
    mutating func take(_ journey: Journey, _ guarantee: Guarantee, at now: Timestamp, forgetsKeys: Bool) -> (id: String, isNew: Bool) {
        let name = journey.account + " " + journey.key
        if let known = entries[name], !forgetsKeys {
            switch guarantee {
            case .collapsing: return (known.id, false)
            case .keyed(let life) where now <= known.since + life: return (known.id, false)
            case .keyed, .queryable, .blind: break
            }
        }
        count += 1
        let id = "m\(count)"
        entries[name] = Entry(id: id, since: now)
        seen[journey.delivery, default: 0] += 1
        return (id, true)
    }
    /// A receipt may be told again and again.
    mutating func fail(_ delivery: String, by receipt: String) {
        if failures.insert(receipt).inserted { failed[delivery, default: 0] += 1 }
    }
    /// It has it more than once, as far as those say who took it.
    func isRepeated(_ delivery: String) -> Bool { seen[delivery, default: 0] - failed[delivery, default: 0] > 1 }
}

extension World {
    // MARK: Out

    func send(_ batch: [Submission], of process: Int) -> [Completion] {
        let busy = TransferResult.failure(TransferFailure(cause: .busy, mayHaveBeenSent: false))
        guard isAlive(process) else { return batch.map { Completion(ticket: $0.ticket, result: busy) } }
        var refused: [Completion] = []
        for submission in batch {
            if chance.once(in: 400) {
                refused.append(Completion(ticket: submission.ticket, result: busy))
                continue
            }
            let journey = Journey(submission, process: process)
            if truths[journey.ticket] == nil { truths[journey.ticket] = Truth() }
            journeys += 1
            agenda.add(.depart(journey), at: now + .milliseconds(chance.within(0...20)))
        }
        return refused
    }

    func depart(_ journey: Journey) {
        guard isAlive(journey.process) else { return end(journey) }
        tell("\(journey.account) \(attemptName(journey)) departs")
        if mood(of: journey.account) == .unreachable || chance.once(in: 200) {
            return answer(journey, .failure(TransferFailure(cause: .connect, mayHaveBeenSent: false, code: 7)), in: 1...3000)
        }
        journey.flight?.advance(to: .connected)
        journey.flight?.advance(to: .requestStarted)
        truths[journey.ticket]?.hasDeparted = true
        agenda.add(.arrive(journey), at: now + .milliseconds(chance.within(1...150)))
    }

    func arrive(_ journey: Journey) {
        // What a dead process had begun to send may still come or not.
        if !isAlive(journey.process), chance.percent(50) { return end(journey) }
        let lost = TransferResult.failure(TransferFailure(cause: .receiveFailed, mayHaveBeenSent: true, code: 56))
        let silence = TransferResult.failure(TransferFailure(cause: .timeout, mayHaveBeenSent: true, code: 28))
        func said(_ status: Int, after wait: Duration? = nil) -> TransferResult { .reply(ProviderReply(status: status, retryAfter: wait)) }
        switch mood(of: journey.account) {
        case .well, .unreachable: answer(journey, take(journey), in: 1...400)
        case .refusing: answer(journey, said(503), in: 1...400)
        case .throttling: answer(journey, said(429, after: .seconds(chance.within(1...60))), in: 1...200)
        case .lossy:
            let share = chance.below(10)
            let taken = share < 8 ? take(journey) : lost
            answer(journey, share < 5 ? lost : taken, in: 1...8000)
        case .hanging:
            if chance.percent(50) { _ = take(journey) }
            answer(journey, silence, in: 10_000...15_000)
        case .gateway:
            if chance.percent(50) { _ = take(journey) }
            answer(journey, said(chance.pick([502, 504, 500, 408])), in: 1...9000)
        case .vague:
            _ = take(journey)
            answer(journey, said(200), in: 1...400)
        case .strict:
            let share = chance.below(10)
            answer(journey, share < 2 ? said(410) : share < 3 ? said(451) : share < 4 ? said(400) : take(journey), in: 1...400)
        case .locked: answer(journey, said(401), in: 1...200)
        }
    }

    private func take(_ journey: Journey) -> TransferResult {
        let guarantee = guarantees[journey.account] ?? .blind
        truths[journey.ticket]?.isTaken = true
        let taken = ledger.take(journey, guarantee, at: now, forgetsKeys: flaw == .forgetsKeys)
        if taken.isNew {
            tell("\(journey.account) takes \(attemptName(journey)) of \(journey.delivery) as \(taken.id)")
            reached += 1
            if ledger.isRepeated(journey.delivery) { fail("P2: \(journey.delivery) reached its recipient twice") }
            foretell(journey, id: taken.id)
        }
        return .reply(ProviderReply(status: 200, body: Array(taken.id.utf8)))
    }

    // MARK: Back

    private func answer(_ journey: Journey, _ result: TransferResult, in range: ClosedRange<Int64>) {
        journey.result = result
        agenda.add(.answer(journey), at: now + .milliseconds(chance.within(range)))
    }

    func answer(_ journey: Journey) {
        end(journey)
        guard isAlive(journey.process), let process else { return }
        switch journey.result {
        case .failure(let failure): truths[journey.ticket]?.isInDoubt = failure.mayHaveBeenSent
        case .reply(let reply):
            journey.flight?.advance(to: .firstByte)
            let isOpen = [408, 500, 502, 504].contains(reply.status) || (reply.status == 200 && reply.body.isEmpty)
            if isOpen { truths[journey.ticket]?.isInDoubt = true } else { truths[journey.ticket]?.isAnswered = true }
        }
        tell("\(journey.account) answers \(attemptName(journey)): \(journey.result.word)")
        process.carrier.complete(Completion(ticket: UInt64(journey.ticket), result: journey.result))
    }

    private func end(_ journey: Journey) { journeys -= 1 }

    private func attemptName(_ journey: Journey) -> String { "attempt \(journey.ticket)" }

    // MARK: Receipts

    /// What the provider will say of a message that it took: soon, late, twice, in the wrong order, or never; and somebody may lie.
    private func foretell(_ journey: Journey, id: String) {
        guard receipts[journey.account] != nil else { return }
        func tell(_ status: String, in range: ClosedRange<Int64>, secret: String = SimulatedAccount.secret) {
            let fails = status == "undelivered" && secret == SimulatedAccount.secret
            let telling = Telling(
                account: journey.account, body: "\(status) \(journey.attempt) \(id)", secret: secret,
                failed: fails ? journey.delivery : nil)
            agenda.add(.receipt(telling), at: now + .milliseconds(chance.within(range)))
        }
        if chance.once(in: 50) { tell("undelivered", in: 0...100_000, secret: "guessed") }
        guard chance.percent(85) else { return }
        if chance.percent(40) { tell("sent", in: 0...60_000) }
        let range: ClosedRange<Int64> = chance.percent(10) ? 0...50 : chance.percent(10) ? 600_000...20_000_000 : 200...90_000
        tell(chance.percent(85) ? "delivered" : "undelivered", in: range)
        if chance.percent(10) { tell("delivered", in: 0...400_000) }
    }

    func take(_ telling: Telling) {
        guard let process, process.isReady else { return again(telling) }
        tell("\(telling.account) says \(telling.body)\(telling.secret == SimulatedAccount.secret ? "" : " (forged)")")
        if let delivery = telling.failed { ledger.fail(delivery, by: telling.body) }
        let request = ReceiptRequest(method: "POST", secret: telling.secret, body: Array(telling.body.utf8))
        let (account, isTrue, engine) = (telling.account, telling.secret == SimulatedAccount.secret, process.engine)
        let number = handOver(telling)
        process.start { [unowned self] in
            do {
                let answer = try await engine.receipts.take(request, account: account)
                if !isTrue, answer == .taken { fail("a forged receipt was believed") }
                _ = takeBackTelling(number)
            } catch {
                if let telling = takeBackTelling(number) { again(telling) }
            }
        }
    }

    private func again(_ telling: Telling) {
        telling.tries += 1
        // A provider gives up some time.
        guard telling.tries < 20 else { return }
        agenda.add(.receipt(telling), at: now + .milliseconds(chance.within(1000...60_000)))
    }
}

extension TransferResult {
    fileprivate var word: String {
        switch self {
        case .reply(let reply): "\(reply.status)\(reply.body.isEmpty ? "" : " " + String(decoding: reply.body, as: UTF8.self))"
        case .failure(let failure): failure.cause.rawValue
        }
    }
}
