public import Core
import Store

extension MemoryTables {
    public func event(id: String) throws -> StoredEvent? { eventsByID[id].first.flatMap { events[$0]?.stored } }
    public func events(id: String) throws -> [StoredEvent] { eventsByID[id].compactMap { events[$0]?.stored } }
    public func event(_ seq: EventSeq) throws -> StoredEvent? { events[seq]?.stored }
    public func receivedEvents(limit: Int) throws -> [StoredEvent] { received.elements.prefix(limit).compactMap { events[$0]?.stored } }
    public func receivedHeads(limit: Int) throws -> [EventHead] {
        received.elements.prefix(limit).compactMap { seq in
            events[seq].map { EventHead(seq: seq, source: $0.stored.source, order: $0.stored.order) }
        }
    }
    public func receivedCount(atMost limit: Int) throws -> Int { min(limit, received.count) }
    public func events(ofOrder order: OrderNumber) throws -> [StoredEvent] { eventsByOrder[order].compactMap { events[$0]?.stored } }
    public func events(after seq: EventSeq, limit: Int) throws -> [StoredEvent] {
        (max(0, seq)..<Int64(events.count)).prefix(limit).compactMap { events[$0 + 1]?.stored }
    }
    public func lastEvent(before moment: Timestamp) throws -> EventSeq {
        Int64(events.all.prefix { $0.stored.receivedAt < moment }.count)
    }
    public func hasEvent(ofOrder order: OrderNumber, after seq: EventSeq) throws -> Bool { eventsByOrder[order].contains { $0 > seq } }
    public func pendingEvents() throws -> [EventSeq] { Array(unsettled.elements) }

    public func accept(_ event: NewEvent) throws -> AcceptResult {
        let key = EventKey(source: event.source, id: event.id)
        if let known = eventKeys[key], let row = events[known] {
            let isDuplicate = row.content == event.contentHash || PlantedBug.callsConflictDuplicate.isActive
            let tally: Tally = isDuplicate ? .duplicate : .conflict
            tallies[tally] = (tallies[tally] ?? 0) + 1
            return isDuplicate ? .duplicate(known) : .conflict(known)
        }
        meet(event.customer)
        let seq = EventSeq(events.count + 1)
        let stored = StoredEvent(
            seq: seq, source: event.source, id: event.id, order: event.order, type: event.type, time: event.time,
            receivedAt: event.receivedAt, disposition: .received, body: event.body)
        _ = events.append(EventRow(content: event.contentHash, customer: event.customer ?? "", stored: stored))
        eventKeys[key] = seq
        eventsByID.append(seq, to: event.id)
        if let order = event.order { eventsByOrder.append(seq, to: order) }
        received.insert(seq)
        unsettled.insert(seq)
        note(.event(seq, from: nil, to: .received))
        return .accepted(seq)
    }

    @discardableResult
    public func finish(_ event: EventSeq, as disposition: Disposition) throws -> Bool {
        guard let old = events[event]?.stored.disposition else { throw StoreError.integrity("there is no event \(event)") }
        guard old == .received || old == .pending else { return false }
        move(event, from: old, to: disposition)
        return true
    }

    public func reopen(event: EventSeq) throws -> Bool {
        guard let old = events[event]?.stored.disposition, old == .suppressed(.renderError) else { return false }
        move(event, from: old, to: .received)
        return true
    }

    private func move(_ event: EventSeq, from old: Disposition, to new: Disposition) {
        _ = events.change(event) { row in
            row.stored.disposition = new
            return true
        }
        if old == .received { received.remove(event) }
        if new == .received { received.insert(event) }
        let (was, isOpen) = (old == .received || old == .pending, new == .received || new == .pending)
        if was, !isOpen { unsettled.remove(event) }
        if !was, isOpen { unsettled.insert(event) }
        note(.event(event, from: old, to: new))
    }

    public func noteNews(anomaly: String, stage: String, seq: Int64) throws -> Bool {
        let key = NewsKey(anomaly: anomaly, stage: stage, seq: seq)
        guard news[key] == nil else { return PlantedBug.tellsSameNews.isActive }
        news[key] = true
        return true
    }

    public func accounting() throws -> Accounting {
        var sums = Accounting()
        (sums.duplicate, sums.conflict, sums.rejected) = (tallies[.duplicate] ?? 0, tallies[.conflict] ?? 0, tallies[.rejected] ?? 0)
        sums.accepted = events.count
        for row in events.all {
            switch row.stored.disposition {
            case .received, .pending: sums.pending += 1
            case .planned: sums.planned += 1
            case .suppressed(let reason): sums.suppressed[reason, default: 0] += 1
            case .stale: sums.stale += 1
            case .recorded: sums.recorded += 1
            }
        }
        for row in deliveryRows.all { sums.deliveries[row.delivery.channel, default: [:]][row.delivery.state, default: 0] += 1 }
        sums.incidents = incidentRows.count
        sums.reviews = reviewRows.count
        sums.unmapped = reviewRows.all.count { $0.cause == .unmappedCode }
        return sums
    }
}
