public import Core

/// For who plays so many events that not all of it may stay in memory: what of an order nothing will be asked for any more.
extension MemoryTables {
    /// Whether nothing of the order waits or is due: what it came to stays as it is until somebody speaks of it again.
    public func isSettled(_ order: OrderNumber) -> Bool {
        for id in episodesByOrder[order] {
            guard let episode = episodes[id]?.episode else { continue }
            // When its incident is over the customer is told.
            if episode.status == .holding || (episode.status == .open && episode.incident != nil) { return false }
            if timersByEpisode[id].contains(where: { timerRows[$0]?.state == .armed }) { return false }
        }
        for id in noticesByOrder[order] {
            guard let row = notices[id] ?? nil else { continue }
            for channel in row.channels {
                guard let state = deliveryRows[Names.delivery(of: id, on: channel)]?.delivery.state else { continue }
                if !state.isFinal { return false }
            }
        }
        return !eventsByOrder[order].contains { seq in
            events[seq].map { $0.stored.disposition == .received || $0.stored.disposition == .pending } ?? false
        }
    }

    /// Its events, notices, deliveries and attempts. Its episodes stay, since others are counted with them, and so does what the customer was sent:
    /// this is for orders of which nothing has moved for longer than a day is.
    public func forget(_ order: OrderNumber) {
        for id in episodesByOrder[order] {
            guard var row = episodes[id] else { continue }
            if let notice = row.factsOf, let facts = notices[notice]??.notice.facts {
                (row.episode.facts, row.factsOf) = (facts.lasting, nil)
                _ = episodes.change(id) { old in
                    old = row
                    return true
                }
            }
            for key in timersByEpisode[id] { timerRows[key] = nil }
            timersByEpisode.removeAll(of: id)
            noticesByEpisode.removeAll(of: id)
        }
        for id in noticesByOrder[order] { forget(notice: id) }
        noticesByOrder.removeAll(of: order)
        for seq in eventsByOrder[order] { forget(event: seq) }
        eventsByOrder.removeAll(of: order)
    }

    private func forget(notice id: NoticeID) {
        guard let row = notices[id] ?? nil else { return }
        for channel in row.channels {
            let delivery = Names.delivery(of: id, on: channel)
            for number in 1..<(1 + (deliveryRows[delivery]?.delivery.tries ?? 0)) { attemptRows[Names.attempt(number, of: delivery)] = nil }
            deliveryRows[delivery] = nil
        }
        _ = notices.change(id) { old in
            old = nil
            return true
        }
    }

    private func forget(event seq: EventSeq) {
        guard let stored = events[seq]?.stored else { return }
        eventsByID.removeAll(of: stored.id)
        eventKeys[EventKey(source: stored.source, id: stored.id)] = nil
        _ = events.change(seq) { row in
            row.stored.body = []
            row.content = []
            return true
        }
    }
}
