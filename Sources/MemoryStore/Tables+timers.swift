public import Core
import Store

extension MemoryTables {
    public func dueTimers(at now: Timestamp, limit: Int) throws -> [StoredTimer] {
        armed.elements.prefix(limit).prefix { $0.at <= now }.compactMap { timerRows[$0.key] }
    }
    public func nextTimer() throws -> Timestamp? { armed.first?.at }
    public func timers(ofEpisode episode: EpisodeID) throws -> [StoredTimer] {
        timersByEpisode[episode].compactMap { timerRows[$0] }.sorted {
            ($0.due, $0.notice, $0.step.rawValue, $0.argument) < ($1.due, $1.notice, $1.step.rawValue, $1.argument)
        }
    }

    public func arm(_ timer: StoredTimer) throws -> Bool {
        let key = TimerKey(timer)
        guard timerRows[key] == nil else { return false }
        timerRows[key] = timer
        timersByEpisode.append(key, to: timer.episode)
        if timer.state == .armed { armed.insert(TimerKey.Due(at: timer.due, key: key)) }
        note(.timer(timer, from: nil))
        return true
    }
    public func cancelTimers(ofEpisode episode: EpisodeID) throws {
        for timer in try timers(ofEpisode: episode) where timer.state == .armed { set(timer, .cancelled) }
    }
    public func fire(_ timer: StoredTimer, at now: Timestamp) throws -> Bool {
        guard let row = timerRows[TimerKey(timer)], row.state == .armed || PlantedBug.firesTwice.isActive else { return false }
        set(row, .fired)
        return true
    }
    public func hasten(_ timer: StoredTimer, to now: Timestamp) throws -> Bool {
        let key = TimerKey(timer)
        guard let row = timerRows[key], row.state == .armed, row.due > now else { return false }
        let moved = move(row, to: now)
        note(.timer(moved, from: .armed))
        return true
    }
    public func rearm(_ timer: StoredTimer) throws -> Bool {
        guard let row = timerRows[TimerKey(timer)] else { return try arm(timer) }
        guard row.state == .armed else { return false }
        let moved = move(row, to: timer.due)
        note(.timer(moved, from: .armed))
        return true
    }

    public func postpone(dueAfter now: Timestamp, by step: Duration) throws -> Int {
        // What hangs on the calendar keeps its moment, unless the step alone makes it due.
        func moves(_ due: Timestamp, onCalendar: Bool) -> Bool { due > now && (due <= now + step || !onCalendar) }
        let timers = armed.elements.compactMap { timerRows[$0.key] }.filter {
            moves($0.due, onCalendar: $0.step.isOnCalendar)
        }
        for timer in timers { _ = move(timer, to: timer.due + step) }
        let deliveries =
            allWaiting() + openAttempts.elements.compactMap { attemptRows[$0].flatMap { deliveryRows[$0.attempt.delivery] }?.delivery }
        let live = deliveries.filter { $0.expires >= now }
        for delivery in live {
            _ = change(delivery.id, isTold: false) { row in
                row.expires = row.expires + step
                if row.state.isWaiting, let next = row.nextAt, moves(next, onCalendar: row.reason == .quietHoursDeferred) {
                    row.nextAt = next + step
                }
            }
        }
        note(.postponed(from: now, by: step))
        return timers.count + live.count
    }

    private func move(_ timer: StoredTimer, to due: Timestamp) -> StoredTimer {
        let key = TimerKey(timer)
        var row = timer
        row.due = due
        armed.remove(TimerKey.Due(at: timer.due, key: key))
        timerRows[key] = row
        armed.insert(TimerKey.Due(at: due, key: key))
        return row
    }

    private func set(_ timer: StoredTimer, _ state: StoredTimer.State) {
        let key = TimerKey(timer)
        var row = timer
        row.state = state
        timerRows[key] = row
        if timer.state == .armed { armed.remove(TimerKey.Due(at: timer.due, key: key)) }
        note(.timer(row, from: timer.state))
    }
}
