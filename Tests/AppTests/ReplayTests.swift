import Core
import Store
import Testing

/// Whole weeks of events through the whole pipeline, and the counts and silences that the generator says are right.
@Suite(.serialized) struct ReplayTests {
    @Test("a week reaches the counts and breaks no promise, with and without the producer's kinds") func week() async throws {
        let week = try Generated.make(seed: 20_251_111)
        let replayed = try await Replayed.run(week.events)
        check(replayed, against: week)
        #expect(replayed.accounting.accepted == 3666 && replayed.accounting.duplicate == 244)
        // The code says what went wrong; the producer's own word for it is not needed. And a second run is the same run.
        let bare = try await Replayed.run(
            week.events.map { $0["data"]?["reason"] == nil ? $0 : $0.setting(["data", "kind"], nil) })
        #expect(bare.accounting == replayed.accounting)
        for order in Set(bare.told.keys).union(replayed.told.keys) { #expect(bare.told[order] == replayed.told[order], "\(order)") }
    }

    @Test("other weeks do too", arguments: [7, 4242]) func otherWeek(seed: Int) async throws {
        let week = try Generated.make(seed: seed)
        check(try await Replayed.run(week.events), against: week)
    }

    private func check(_ replayed: Replayed, against week: Generated) {
        counts(replayed, week)
        silence(replayed, week)
        endsFirst(replayed, week)
        superseded(replayed, week)
        storm(replayed, week)
    }

    private func counts(_ replayed: Replayed, _ week: Generated) {
        let sums = replayed.accounting
        let distinct = Int(week.summary["distinct_ids"]?.integer ?? 0)
        #expect(sums.accepted == distinct && sums.duplicate == week.events.count - distinct)
        #expect(sums.conflict == 0 && sums.rejected == 0 && sums.pending == 0)
        #expect(sums.accepted == sums.settled)
        #expect(sums.suppressed[.sameNews] == week.count("same_content_new_id"))
        #expect(sums.unmapped == week.count("unknown_codes"))
        #expect(sums.incidents == Int(week.summary["by_type"]?["incident.opened"]?.integer ?? 0))
        // Nothing failed, so everything that was sent was taken exactly once.
        let sent = sums.deliveries.values.reduce(0) { $0 + ($1[.sent] ?? 0) }
        #expect(replayed.accepted == sent && sent > 0)
        #expect(sums.deliveries.values.allSatisfy { $0[.ambiguous] == nil && $0[.ready] == nil && $0[.retryWait] == nil })
        // What cannot be rendered lacks a value that only the beginning holds, and the beginning came too late.
        for dead in replayed.all where dead.ways.contains(where: { $0.state == .dead }) {
            #expect(week.firstStage(of: dead.anomaly) == "updated", "\(dead)")
        }
        #expect(replayed.deadLetters.allSatisfy { $0.stage == .render && $0.reason == ReasonCode.fieldMissing.rawValue })
    }

    /// Nobody hears of what healed inside its hold-off.
    private func silence(_ replayed: Replayed, _ week: Generated) {
        let orders = Set(week.list("settled_inside_hold_off").compactMap(\.string))
        #expect(orders.count == week.count("settled_inside_hold_off") && !orders.isEmpty)
        for order in orders {
            for anomaly in week.anomalies(of: order, endingWith: ["arrived"]) {
                let told = replayed.told(order, anomaly: anomaly)
                #expect(told.isEmpty, "\(order) \(anomaly): \(told.map { "\($0.kind) \($0.stage)" })")
            }
        }
    }

    /// An end that overtook its beginning: silence after `arrived` and `closed`, one closing notice after another end.
    private func endsFirst(_ replayed: Replayed, _ week: Generated) {
        for order in week.list("resolved_before_detected").compactMap(\.string) {
            for (anomaly, end) in week.endsFirst(of: order) {
                let told = replayed.told(order, anomaly: anomaly)
                let heardBefore = (replayed.told[order] ?? []).contains { $0.anomaly != anomaly }
                switch end {
                case "arrived", "closed", "corrected": #expect(told.isEmpty || heardBefore, "\(order) \(end): \(told.map(\.stage))")
                default: #expect(told.count == 1 && told.allSatisfy { $0.stage.isClosing }, "\(order) \(end): \(told.map(\.stage))")
                }
            }
        }
    }

    /// The sharper kind is told, and nothing of the duller one leaves any more.
    private func superseded(_ replayed: Replayed, _ week: Generated) {
        let early = Set(week.list("resolved_before_detected").compactMap(\.string))
        for item in week.list("superseded") {
            guard let order = item["payout_id"]?.string, let to = item["to"]?.string, let from = item["from"]?.string else { continue }
            let told = replayed.told[order] ?? []
            let sharper = told.filter { $0.kind.rawValue == to }
            guard let first = sharper.map(\.at).min() else {
                #expect(early.contains(order), "\(order): \(to) was not told, only \(told.map { "\($0.kind) \($0.stage)" })")
                continue
            }
            for duller in told where duller.kind.rawValue == from {
                #expect(duller.at < first, "\(order): \(from) was told after \(to)")
                #expect(duller.ways.allSatisfy { $0.left.allSatisfy { $0 < first } }, "\(order): \(from) left after \(to)")
            }
        }
    }

    /// 600 payouts late at once: one message for each customer, none for those whose payouts healed.
    private func storm(_ replayed: Replayed, _ week: Generated) {
        let orders = week.storm
        #expect(orders.count == 600)
        let settled = Set(week.list("settled_inside_hold_off").compactMap(\.string))
        for (customer, theirs) in week.byCustomer(orders) {
            let told = theirs.flatMap { replayed.told[$0] ?? [] }
            #expect(told.flatMap(\.sent).count <= 1, "\(customer): \(told.flatMap(\.sent))")
            if theirs.isSubset(of: settled) { #expect(told.isEmpty, "\(customer) was told though all arrived") }
        }
    }
}

extension Generated {
    /// Anomalies of an order that ended so.
    func anomalies(of order: String, endingWith ends: Set<String>) -> Set<String> {
        Set(
            events.filter { $0["subject"]?.string == order && ends.contains($0["data"]?["outcome"]?.string ?? "") }
                .compactMap { $0["data"]?["anomaly_id"]?.string })
    }

    /// Anomalies of an order whose end came in before their beginning, with the end.
    func endsFirst(of order: String) -> [(anomaly: String, end: String)] {
        var begun: Set<String> = []
        var found: [(String, String)] = []
        for data in events.filter({ $0["subject"]?.string == order }).compactMap({ $0["data"] }) {
            guard let anomaly = data["anomaly_id"]?.string else { continue }
            if let end = data["outcome"]?.string, !begun.contains(anomaly) { found.append((anomaly, end)) }
            begun.insert(anomaly)
        }
        return found
    }

    func firstStage(of anomaly: String) -> String? {
        events.first { $0["data"]?["anomaly_id"]?.string == anomaly }?["data"]?["stage"]?.string
    }

    func byCustomer(_ orders: Set<String>) -> [String: Set<String>] {
        var all: [String: Set<String>] = [:]
        for event in events {
            guard let order = event["subject"]?.string, orders.contains(order), let customer = event["data"]?["customer"]?["id"]?.string
            else { continue }
            all[customer, default: []].insert(order)
        }
        return all
    }
}
