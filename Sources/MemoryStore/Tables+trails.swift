public import Core
import Store

extension MemoryTables {
    public func orders(after order: String, limit: Int) throws -> [OrderNumber] {
        let names = Set(events.all.compactMap { $0.stored.order?.description }).sorted().filter { $0 > order }
        return names.prefix(limit).compactMap { OrderNumber($0) }
    }

    public func trail(ofOrder order: OrderNumber) throws -> Trail {
        var trail = Trail(order: order)
        trail.events = eventsByOrder[order].compactMap { events[$0]?.stored }.map(EventMark.init)
        for id in episodesByOrder[order].sorted() {
            guard let episode = episodes[id]?.episode else { continue }
            trail.episodes.append(
                EpisodeMark(id: id, kind: episode.kind.rawValue, status: episode.status.rawValue, openedBy: episode.openedBy))
            if try timers(ofEpisode: id).contains(where: { $0.state == .armed }) { trail.armed.insert(id) }
            trail.notices += noticesByEpisode[id].compactMap { mark(ofNotice: $0) }
        }
        trail.notices.sort { $0.id < $1.id }
        trail.log = rows.all.filter { $0.entry.order == order && $0.entry.attempt == nil }.map(LogMark.init)
        let isInDoubt = trail.notices.contains { $0.deliveries.contains(where: \.isInDoubt) }
        if isInDoubt { trail.questions = questions[order].compactMap { reviewRows[$0] }.map(\.detail) }
        return trail
    }

    public func loneEvents(after seq: EventSeq, limit: Int) throws -> [EventMark] {
        Array(events.all.lazy.map(\.stored).filter { $0.order == nil && $0.seq > seq }.map(EventMark.init).prefix(limit))
    }

    public func staffNotices(after notice: NoticeID, limit: Int) throws -> [NoticeMark] {
        let ids = (max(0, notice)..<NoticeID(notices.count)).lazy.map { $0 + 1 }.filter { (self.notices[$0] ?? nil)?.notice.episode == 0 }
        return ids.prefix(limit).compactMap { self.mark(ofNotice: $0) }
    }

    /// What is here cannot be taken away by others: only the log may name what nobody filed.
    public func strays(limit: Int) throws -> [Stray] {
        let strays = rows.all.lazy.compactMap { row -> Stray? in
            let entry = row.entry
            if let id = entry.event, self.events[id] == nil { return Stray(.log, row.seq, "its event") }
            if let id = entry.notice, (self.notices[id] ?? nil) == nil { return Stray(.log, row.seq, "its notice") }
            if let id = entry.delivery, self.deliveryRows[id] == nil { return Stray(.log, row.seq, "its delivery") }
            if let id = entry.attempt, self.attemptRows[id] == nil { return Stray(.log, row.seq, "its attempt") }
            return nil
        }
        return Array(strays.prefix(limit))
    }

    private func mark(ofNotice id: NoticeID) -> NoticeMark? {
        guard let row = notices[id] ?? nil else { return nil }
        let notice = row.notice
        var mark = NoticeMark(
            id: id, episode: notice.episode, episodeVersion: notice.episodeVersion, order: notice.order.description,
            audience: notice.audience.rawValue, kind: notice.kind.rawValue, stage: notice.stage.rawValue,
            priority: notice.priority.rawValue, reason: notice.reason.rawValue, event: notice.event, plannedAt: notice.plannedAt)
        mark.deliveries = row.channels.map { Names.delivery(of: id, on: $0) }.sorted().compactMap { self.mark(ofDelivery: $0) }
        return mark
    }

    private func mark(ofDelivery id: DeliveryID) -> DeliveryMark? {
        guard let row = deliveryRows[id] else { return nil }
        let delivery = row.delivery
        var mark = DeliveryMark(
            id: id, publicID: delivery.publicID, channel: delivery.channel.rawValue, state: delivery.state.rawValue,
            mode: delivery.mode.rawValue, reason: delivery.reason?.rawValue, lane: delivery.priority.lane, nextAt: delivery.nextAt,
            expires: delivery.expires, tries: delivery.tries, seenAt: row.seenAt, readAt: row.readAt)
        mark.attempts = attempts(of: delivery).map { attempt in
            let logged = rows.all.filter { $0.entry.attempt == attempt.id }
            return AttemptMark(
                id: attempt.id, publicID: attempt.publicID, number: attempt.number, state: attempt.state.rawValue, account: attempt.account,
                startedAt: attempt.startedAt, finishedAt: attempt.finishedAt, outcome: attempt.outcome?.rawValue,
                intent: logged.first { $0.entry.act == .intent }.map(LogMark.init),
                result: logged.first { $0.entry.act == .outcome }.map(LogMark.init))
        }
        mark.receipts = receiptsByDelivery[id].compactMap { receiptRows[$0] }.sorted { $0.receivedAt < $1.receivedAt }.map(
            \.status.rawValue)
        return mark
    }
}

extension EventMark {
    fileprivate init(_ event: StoredEvent) {
        self.init(seq: event.seq, id: event.id, disposition: event.disposition.word, reason: event.disposition.reason?.rawValue)
    }
}

extension LogMark {
    fileprivate init(_ row: LogRow) {
        let entry = row.entry
        self.init(
            seq: row.seq, act: entry.act.rawValue, event: entry.event, notice: entry.notice, delivery: entry.delivery,
            attempt: entry.attempt)
    }
}
