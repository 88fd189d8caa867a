import Core

extension SQL {
    private static let timerColumns: StaticString = "SELECT step, episode, notice, incident, argument, due, state FROM timer"
    static let timersDue = Query(timerColumns, " WHERE state = 'armed' AND due <= ? ORDER BY due, episode, notice, step, argument LIMIT ?")
    static let nextTimer = Query("SELECT min(due) FROM timer WHERE state = 'armed'")
    static let timersOfEpisode = Query(timerColumns, " WHERE episode = ? ORDER BY due, notice, step, argument")
    static let armTimer = Query(
        "INSERT INTO timer (episode, notice, incident, step, argument, due, state) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
    static let rearmTimer = Query(
        """
        INSERT INTO timer (episode, notice, incident, step, argument, due, state) VALUES (?, ?, ?, ?, ?, ?, 'armed')
        ON CONFLICT (episode, notice, incident, step, argument) DO UPDATE SET due = excluded.due WHERE state = 'armed'
        """)
    static let cancelTimers = Query("UPDATE timer SET state = 'cancelled' WHERE episode = ? AND state = 'armed'")
    static let fireTimer = Query(
        """
        UPDATE timer SET state = 'fired', fired_at = ?
        WHERE episode = ? AND notice = ? AND incident = ? AND step = ? AND argument = ?
        """, PlantedBug.firesTwice.isActive ? "" : " AND state = 'armed'")
}

extension SQLiteReads {
    func dueTimers(at now: Timestamp, limit: Int) throws -> [StoredTimer] { try db.all(SQL.timersDue, { $0(now, limit) }, read: timer) }
    func nextTimer() throws -> Timestamp? { try db.first(SQL.nextTimer) { $0.timeOrNil(0) } ?? nil }
    func timers(ofEpisode episode: EpisodeID) throws -> [StoredTimer] { try db.all(SQL.timersOfEpisode, { $0(episode) }, read: timer) }

    private func timer(_ row: Row) throws -> StoredTimer {
        StoredTimer(
            step: try row.word(0), episode: row.int(1), notice: row.int(2), incident: row.text(3), argument: Int(row.int(4)),
            due: row.time(5), state: try row.word(6))
    }
}

extension SQLiteWrites {
    func arm(_ timer: StoredTimer) throws -> Bool {
        try db.run(SQL.armTimer) {
            $0(timer.episode, timer.notice, timer.incident, timer.step, timer.argument)
            $0(timer.due, timer.state)
        } > 0
    }
    func rearm(_ timer: StoredTimer) throws -> Bool {
        try db.run(SQL.rearmTimer) {
            $0(timer.episode, timer.notice, timer.incident, timer.step, timer.argument)
            $0(timer.due)
        } > 0
    }
    func cancelTimers(ofEpisode episode: EpisodeID) throws { try db.run(SQL.cancelTimers) { $0(episode) } }
    func fire(_ timer: StoredTimer, at now: Timestamp) throws -> Bool {
        try db.run(SQL.fireTimer) { $0(now, timer.episode, timer.notice, timer.incident, timer.step, timer.argument) } > 0
    }
}
