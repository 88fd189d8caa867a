import Core
import Sandbox
import Testing

/// What must hold after any number of kills, of what the store says against what the providers' ledger says.
///
/// Nothing that was accepted is lost, the accounting law holds, nothing is half done. Where a repeat is recognised nothing is told twice; where it
/// is not, what may have been taken is listed.
extension KillFacts {
    func check(acknowledged: Set<String>, ledger: [Row]) throws {
        // Accepted is kept.
        #expect(acknowledged.isSubset(of: events), "lost: \(acknowledged.subtracting(events).sorted())")
        #expect(events == acknowledged)
        // The accounting law, exactly.
        let sums = accounting
        let suppressed = sums.suppressed.values.reduce(0, +)
        #expect(sums.accepted == events.count && sums.pending == 0)
        #expect(sums.accepted == sums.planned + suppressed + sums.stale + sums.recorded + sums.pending)
        // Nothing is half done, and the chain holds.
        let halfDone = deliveries.filter { !$0.state.isFinal && $0.state != .ambiguous }
        #expect(halfDone.isEmpty, "\(halfDone.map { ($0.id, $0.attempts.map { "\($0.state) \($0.detail)" }) }); \(summary)")
        #expect(openIntents == 0)
        #expect(chainBreak == nil)
        #expect(deliveries.count > acknowledged.count, "there was something to lose: \(summary)")
        for delivery in deliveries { checkAttempts(of: delivery) }
        // Each provider's own record against the store.
        let rows = Dictionary(grouping: ledger) { $0.channel }
        checkKeyed(rows[.sms] ?? [])
        checkCollapsing(rows[.push] ?? [])
        checkBlind(rows[.mail] ?? [])
        #expect(openReviews == deliveries.count { $0.state == .ambiguous }, "every doubtful delivery is on the review list")
    }

    /// An attempt that a kill cut off is listed as ambiguous, until a repeat is accepted; the delivery went on only where a repeat is safe.
    private func checkAttempts(of delivery: KillFacts.Sent) {
        #expect(delivery.attempts.allSatisfy { $0.state != .intent }, "\(delivery.id)")
        if delivery.state == .sent {
            #expect(delivery.attempts.last?.state == .accepted, "\(delivery.id)")
            #expect(!delivery.attempts.contains { $0.state == .ambiguous }, "a question that is answered: \(delivery.id)")
        }
        if delivery.state == .ambiguous {
            let last = delivery.attempts.last { $0.state != .notSent }
            #expect(last?.state == .ambiguous && (delivery.channel == .mail || delivery.isUnwanted), "\(delivery.id)")
        }
        // A repeat is the same bytes under the same key.
        #expect(Set(delivery.attempts.map(\.digest)).count <= 1 && Set(delivery.attempts.map(\.key)).count <= 1, "\(delivery.id)")
        if delivery.channel == .mail {
            #expect(delivery.attempts.count { $0.state != .notSent } <= 1, "what may have left is never repeated: \(delivery.id)")
        }
    }

    /// One row for each delivery that was sent, at most one for each that is in doubt because it was taken back, none for another.
    private func checkKeyed(_ rows: [Row]) {
        let told = rows.compactMap(\.key)
        #expect(rows.count == told.count && Set(told).count == told.count, "an SMS was taken twice")
        checkTold(Set(told), on: .sms)
    }

    private func checkTold(_ told: Set<String>, on channel: Channel) {
        func keys(_ state: DeliveryState) -> Set<String> {
            Set(deliveries.filter { $0.channel == channel && $0.state == state }.compactMap { $0.attempts.last?.key })
        }
        #expect(keys(.sent).isSubset(of: told), "recorded as sent, not taken")
        #expect(told.subtracting(keys(.sent)).isSubset(of: keys(.ambiguous)), "taken, but neither recorded nor listed")
    }

    /// However often it was accepted, one is on the screen.
    private func checkCollapsing(_ rows: [Row]) {
        let covered = Set(rows.compactMap(\.replaces))
        let visible = rows.filter { !covered.contains($0.n) }.compactMap(\.key)
        #expect(Set(visible).count == visible.count, "a device shows a notice twice")
        checkTold(Set(visible), on: .push)
    }

    /// Sent: once in the ledger. Ambiguous: once or not at all, and nothing else is in the ledger.
    private func checkBlind(_ rows: [Row]) {
        let mails = deliveries.filter { $0.channel == .mail }
        let taken = rows.map { row in mails.first { row.key?.contains($0.id) ?? false }?.id ?? "unknown: \(row.key ?? "")" }
        #expect(Set(taken).count == taken.count, "a mail was taken twice")
        let sent = Set(mails.filter { $0.state == .sent }.map(\.id)), doubtful = Set(mails.filter { $0.state == .ambiguous }.map(\.id))
        #expect(sent.isSubset(of: taken), "recorded as sent, not taken")
        #expect(Set(taken).subtracting(sent).isSubset(of: doubtful), "taken, but neither recorded nor listed")
    }
}
