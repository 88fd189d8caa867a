import Core

extension Checker {
    /// I6. A word that is not of the list cannot even be read: then the database was not.
    static func checkReasons(_ store: StoreFacts, _ report: inout CheckReport) {
        report.broken(
            .reasons, "ended without a reason",
            store.deliveries.filter { $0.state.needsReason && $0.reason == nil }.map { "\($0.publicID) \($0.state.rawValue)" })
    }

    /// I5: from the commit of an event to the intent of what it caused. Where a process ended meanwhile nothing is measured.
    static func measureLanes(_ store: StoreFacts, _ limits: [String: Int], _ report: inout CheckReport) {
        let waits = Waits(store)
        for priority in Priority.allCases {
            let sorted = waits.milliseconds[priority, default: []].sorted()
            guard let longest = sorted.last else { continue }
            let name = priority.rawValue
            report.measured("\(name)_waits", sorted.count)
            for (figure, value) in [
                ("\(name)_p99_ms", sorted[min(sorted.count - 1, sorted.count * 99 / 100)]), ("\(name)_max_ms", longest),
            ] {
                report.measured(figure, value)
                if let limit = limits[figure], value > limit { report.broken(.lanes, "\(figure) is \(value), allowed are \(limit)") }
            }
        }
        if !limits.keys.contains(where: { $0.hasSuffix("_p99_ms") || $0.hasSuffix("_max_ms") }) {
            report.skipped(.lanes, "limits.json has none for a lane; measured only")
        }
    }
}

/// How long deliveries waited for their first intent, by priority.
private struct Waits {
    private(set) var milliseconds: [Priority: [Int]] = [:]

    init(_ store: StoreFacts) {
        let byID = Dictionary(uniqueKeysWithValues: store.deliveries.map { ($0.id, $0) })
        var accepted: [EventSeq: Timestamp] = [:], caused: [NoticeID: Timestamp] = [:]
        var begun: Set<DeliveryID> = []
        var lastStart = Timestamp(milliseconds: 0)
        for row in store.log {
            switch row.act {
            case .start: lastStart = row.at
            case .eventAccepted: if let event = row.event { accepted[event] = row.at }
            case .decision: if let notice = row.notice, let event = row.event, caused[notice] == nil { caused[notice] = accepted[event] }
            case .intent:
                guard let id = row.delivery, begun.insert(id).inserted, let delivery = byID[id], let from = caused[delivery.notice],
                    from >= lastStart
                else { continue }
                milliseconds[delivery.priority, default: []].append(Int(row.at.milliseconds - from.milliseconds))
            default: break
            }
        }
    }
}

extension DeliveryState {
    fileprivate var needsReason: Bool {
        switch self {
        case .cancelled, .expired, .dead, .blocked, .undelivered, .unknown, .ambiguous: true
        case .ready, .inflight, .retryWait, .sent, .delivered: false
        }
    }
}
