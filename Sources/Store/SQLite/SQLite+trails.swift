import Core

// What an audit walks. Each query goes by an index that is there for the pipeline; `strays` reads every table once.
extension SQL {
    static let ordersAfter = Query(
        "SELECT DISTINCT order_no FROM event WHERE order_no > ? AND order_no IS NOT NULL ORDER BY order_no LIMIT ?")
    private static let eventMark: StaticString = "SELECT seq, event_id, disposition, reason FROM event "
    static let eventMarks = Query(eventMark, "WHERE order_no = ? AND order_no IS NOT NULL ORDER BY seq")
    static let loneEventMarks = Query(eventMark, "WHERE order_no IS NULL AND seq > ? ORDER BY seq LIMIT ?")
    static let episodeMarks = Query("SELECT id, kind, status, opened_by FROM episode WHERE order_no = ? ORDER BY id")
    private static let noticeMark: StaticString = """
        SELECT id, episode, episode_version, order_no, audience, kind, stage, priority, reason, event, planned_at FROM notice
        """
    static let noticeMarks = Query(noticeMark, " WHERE episode = ? AND episode > 0 ORDER BY id")
    static let staffNoticeMarks = Query(noticeMark, " WHERE id > ? AND episode = 0 ORDER BY id LIMIT ?")
    static let deliveryMarks = Query(
        """
        SELECT id, salt, channel, state, mode, reason, lane, next_at, expires, tries, seen_at, read_at FROM delivery
        WHERE id BETWEEN ?1 << 3 AND ?1 << 3 | 7 ORDER BY id
        """)
    static let attemptMarks = Query(
        """
        SELECT a.id, a.salt, a.state, a.account, a.started_at, a.finished_at, a.outcome,
            i.seq, i.act, i.event, i.notice, i.delivery, i.attempt, o.seq, o.act, o.event, o.notice, o.delivery, o.attempt
        FROM attempt a LEFT JOIN log i ON i.seq = a.intent_log LEFT JOIN log o ON o.seq = a.outcome_log
        WHERE a.id BETWEEN ?1 << 10 AND ?1 << 10 | 1023 ORDER BY a.id
        """)
    static let receiptMarks = Query("SELECT status FROM receipt WHERE delivery = ? AND delivery IS NOT NULL ORDER BY received_at")
    static let logMarks = Query(
        """
        SELECT seq, act, event, notice, delivery, attempt FROM log WHERE attempt IS NULL AND order_no = ? AND order_no IS NOT NULL
        ORDER BY seq
        """)
    static let armedOfEpisode = Query("SELECT EXISTS (SELECT 1 FROM timer WHERE episode = ? AND state = 'armed')")
    static let questionMarks = Query(
        "SELECT detail FROM review WHERE cause = 'ambiguous' AND order_no = ? ORDER BY id")

    static let strayNotices = Query(
        """
        SELECT n.id FROM notice n LEFT JOIN episode e ON e.id = n.episode AND e.order_no = n.order_no
        WHERE n.episode <> 0 AND e.id IS NULL ORDER BY n.id LIMIT ?
        """)
    static let strayDeliveries = Query(
        "SELECT d.id FROM delivery d LEFT JOIN notice n ON n.id = d.id >> 3 WHERE n.id IS NULL ORDER BY d.id LIMIT ?")
    static let strayAttempts = Query(
        "SELECT a.id FROM attempt a LEFT JOIN delivery d ON d.id = a.id >> 10 WHERE d.id IS NULL ORDER BY a.id LIMIT ?")
    static let strayLog = Query(
        """
        SELECT l.seq, CASE WHEN l.event IS NOT NULL AND e.seq IS NULL THEN 'its event'
            WHEN l.notice IS NOT NULL AND n.id IS NULL THEN 'its notice'
            WHEN l.delivery IS NOT NULL AND d.id IS NULL THEN 'its delivery' ELSE 'its attempt' END
        FROM log l LEFT JOIN event e ON e.seq = l.event LEFT JOIN notice n ON n.id = l.notice LEFT JOIN delivery d ON d.id = l.delivery
            LEFT JOIN attempt a ON a.id = l.attempt
        WHERE (l.event IS NOT NULL AND e.seq IS NULL) OR (l.notice IS NOT NULL AND n.id IS NULL)
            OR (l.delivery IS NOT NULL AND d.id IS NULL) OR (l.attempt IS NOT NULL AND a.id IS NULL)
        ORDER BY l.seq LIMIT ?
        """)
}

extension SQLiteReads {
    func orders(after order: String, limit: Int) throws -> [OrderNumber] {
        try db.all(SQL.ordersAfter, { $0(order, limit) }) { try $0.order(0) }
    }

    func trail(ofOrder order: OrderNumber) throws -> Trail {
        var trail = Trail(order: order)
        trail.events = try db.all(SQL.eventMarks, { $0(order) }, read: eventMark)
        trail.episodes = try db.all(SQL.episodeMarks, { $0(order) }) {
            EpisodeMark(id: $0.int(0), kind: $0.text(1), status: $0.text(2), openedBy: $0.int(3))
        }
        for episode in trail.episodes {
            trail.notices += try db.all(SQL.noticeMarks, { $0(episode.id) }, read: noticeMark)
            if try db.first(SQL.armedOfEpisode, { $0(episode.id) }, read: { $0.bool(0) }) ?? false { trail.armed.insert(episode.id) }
        }
        trail.notices.sort { $0.id < $1.id }
        for index in trail.notices.indices { trail.notices[index].deliveries = try deliveryMarks(trail.notices[index].id) }
        trail.log = try db.all(SQL.logMarks, { $0(order) }) { logMark($0, 0) }
        // There is no index of questions by order: asked where there is a doubt.
        let isInDoubt = trail.notices.contains { $0.deliveries.contains(where: \.isInDoubt) }
        if isInDoubt { trail.questions = try db.all(SQL.questionMarks, { $0(order) }) { $0.text(0) } }
        return trail
    }

    func loneEvents(after seq: EventSeq, limit: Int) throws -> [EventMark] {
        try db.all(SQL.loneEventMarks, { $0(seq, limit) }, read: eventMark)
    }

    func staffNotices(after notice: NoticeID, limit: Int) throws -> [NoticeMark] {
        var notices = try db.all(SQL.staffNoticeMarks, { $0(notice, limit) }, read: noticeMark)
        for index in notices.indices { notices[index].deliveries = try deliveryMarks(notices[index].id) }
        return notices
    }

    func strays(limit: Int) throws -> [Stray] {
        try db.all(SQL.strayNotices, { $0(limit) }) { Stray(.notice, $0.int(0), "its episode") }
            + db.all(SQL.strayDeliveries, { $0(limit) }) { Stray(.delivery, $0.int(0), "its notice") }
            + db.all(SQL.strayAttempts, { $0(limit) }) { Stray(.attempt, $0.int(0), "its delivery") }
            + db.all(SQL.strayLog, { $0(limit) }) { Stray(.log, $0.int(0), $0.text(1)) }
    }

    // MARK: Rows

    private func eventMark(_ row: Row) -> EventMark {
        EventMark(seq: row.int(0), id: row.text(1), disposition: row.text(2), reason: row.textOrNil(3))
    }

    private func noticeMark(_ row: Row) -> NoticeMark {
        NoticeMark(
            id: row.int(0), episode: row.int(1), episodeVersion: row.int(2), order: row.text(3), audience: row.text(4), kind: row.text(5),
            stage: row.text(6), priority: row.text(7), reason: row.text(8), event: row.intOrNil(9), plannedAt: row.time(10))
    }

    private func deliveryMarks(_ notice: NoticeID) throws -> [DeliveryMark] {
        var deliveries = try db.all(SQL.deliveryMarks, { $0(notice) }) { row in
            DeliveryMark(
                id: row.int(0), publicID: ring.names.name("dlv_", row.int(0), salt: row.int(1)), channel: row.text(2), state: row.text(3),
                mode: row.text(4), reason: row.textOrNil(5), lane: Int(row.int(6)), nextAt: row.timeOrNil(7), expires: row.time(8),
                tries: Int(row.int(9)), seenAt: row.timeOrNil(10), readAt: row.timeOrNil(11))
        }
        for index in deliveries.indices {
            let id = deliveries[index].id
            deliveries[index].attempts = try db.all(SQL.attemptMarks, { $0(id) }, read: attemptMark)
            deliveries[index].receipts = try db.all(SQL.receiptMarks, { $0(id) }) { $0.text(0) }
        }
        return deliveries
    }

    private func attemptMark(_ row: Row) -> AttemptMark {
        AttemptMark(
            id: row.int(0), publicID: ring.names.name("att_", row.int(0), salt: row.int(1)), number: RowID.number(of: row.int(0)),
            state: row.text(2), account: row.text(3), startedAt: row.time(4), finishedAt: row.timeOrNil(5), outcome: row.textOrNil(6),
            intent: row.isNull(7) ? nil : logMark(row, 7), result: row.isNull(13) ? nil : logMark(row, 13))
    }

    private func logMark(_ row: Row, _ first: Int32) -> LogMark {
        LogMark(
            seq: row.int(first), act: row.text(first + 1), event: row.intOrNil(first + 2), notice: row.intOrNil(first + 3),
            delivery: row.intOrNil(first + 4), attempt: row.intOrNil(first + 5))
    }
}
