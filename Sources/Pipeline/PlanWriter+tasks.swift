import Core
import Store

/// What people have to do, as items on their list.
extension PlanWriter {
    /// The moment that an escalation counts from has moved. Once its first step has fired it counts on from where it was.
    func move(_ timers: [StoredTimer], of episode: EpisodeID, _ writer: any StoreWriter) throws {
        let moved = Set(timers.map(\.argument))
        let hasFired = try writer.timers(ofEpisode: episode).contains {
            $0.step == .escalation && $0.state == .fired && moved.contains($0.argument)
        }
        guard !hasFired || PlantedBug.putsOffEscalation.isActive else { return }
        for timer in timers {
            var timer = timer
            timer.episode = episode
            _ = try writer.rearm(timer)
        }
    }

    func file(_ task: StaffTask, now: Timestamp, _ writer: any StoreWriter) throws {
        let id = try writer.insert(task.item)
        var body: [(String, JSON)] = [("cause", .string(task.item.cause.rawValue))]
        if !task.isDiscreet { body.append(("detail", .string(task.item.detail))) }
        body.append(("id", .integer(id)))
        let order = task.isDiscreet ? nil : task.item.order
        try writer.append(LogEntry(.review, at: now, order: order, body: .object(body)))
        var facts = Facts()
        if let order { facts.set(.order, order) }
        facts.set(.reason, PlainText("review \(id): \(task.item.detail)", limit: 300))
        let finding = Finding(task.topic, subject: "\(task.subject)-\(now.written(13))", facts: facts)
        try staff.tell(finding, to: task.role, mode: mode, now: now, writer)
    }
}
