import Core

extension SQL {
    // What hangs on the calendar (`StoredTimer.Step.isOnCalendar`) keeps its moment, unless the step alone makes it due.
    static let postponeTimers = Query(
        """
        UPDATE timer SET due = due + ?2
        WHERE state = 'armed' AND due > ?1 AND (due <= ?1 + ?2 OR step NOT IN ('promise', 'reminder', 'complaint_due'))
        """)
    static let postponeWaiting = Query(
        """
        UPDATE delivery SET expires = expires + ?2, next_at = CASE
            WHEN next_at > ?1 AND (next_at <= ?1 + ?2 OR reason IS NOT 'quiet_hours_deferred') THEN next_at + ?2 ELSE next_at END
        WHERE state IN ('ready', 'retry_wait') AND expires >= ?1
        """)
    static let postponeInFlight = Query(
        """
        UPDATE delivery SET expires = expires + ?2
        WHERE id IN (SELECT id >> 10 FROM attempt WHERE state = 'intent' AND state IN ('intent', 'ambiguous')) AND state = 'inflight' AND expires >= ?1
        """)
}

extension SQLiteWrites {
    func postpone(dueAfter now: Timestamp, by step: Duration) throws -> Int {
        let milliseconds = step.milliseconds
        var moved = try db.run(SQL.postponeTimers) { $0(now, milliseconds) }
        moved += try db.run(SQL.postponeWaiting) { $0(now, milliseconds) }
        moved += try db.run(SQL.postponeInFlight) { $0(now, milliseconds) }
        return moved
    }
}
