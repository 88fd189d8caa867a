public import Config
public import Core
public import Store
public import Templates
public import Transport

/// The stages together: intake, planner, timers, sender, on one store and one clock.
public struct Engine: Sendable {
    public let store: any Store
    public let intake: Intake
    public let sender: Sender
    public let accounts: Accounts
    public let renderer: NoticeRenderer
    public let clock: any Clock
    public let planner: Planner
    /// Told after each commit that may have changed an inbox.
    public let inboxChanges = Broadcast()
    let plan: PlanStage
    let timers: TimerStage
    let work: Signal

    public init(
        configuration: Configuration, templates: TemplateSet, store: any Store, transport: Transport, clock: any Clock,
        zones: any ZoneTable,
        bootID: String
    ) {
        let settings = configuration.settings
        let brand = Brand(
            names: settings.brand.names.mapValues { PlainText($0) }, support: PlainText(settings.brand.support),
            linkBase: settings.brand.linkBase)
        let accounts = Accounts(settings.accounts, transport: transport, clock: clock)
        let allowlist = settings.allowlist
        var planner = Planner(
            catalogue: configuration.catalogue, policy: configuration.policy, zones: zones, defaultZone: settings.defaultZone,
            configured: accounts.channels, feeNote: settings.feeNote.rawValue)
        planner.platforms = accounts.platforms
        if settings.mode == .allowlist { planner.allowed = { address, customer in allowlist.allows(address, customer: customer) } }
        let renderer = NoticeRenderer(
            templates: templates, brand: brand, zones: zones, links: configuration.catalogue.kinds.mapValues(\.links))
        let reader = EventReader(typePrefix: settings.eventTypePrefix, rails: Set(configuration.catalogue.rails.keys))
        let staff = StaffDesk(
            address: settings.staffMail, isConfigured: accounts.channels.contains(.mail), revision: templates.revision,
            zone: settings.defaultZone,
            budget: configuration.policy.budgets[.high] ?? .hours(1))
        let writer = PlanWriter(planner: planner, renderer: renderer, mode: settings.mode, staff: staff)
        let work = Signal()
        (self.store, self.accounts, self.renderer, self.clock, self.planner, self.work) = (store, accounts, renderer, clock, planner, work)
        let fresh = FreshEvents()
        intake = Intake(store: store, reader: reader, clock: clock, accepted: work, fresh: fresh)
        sender = Sender(
            store: store, renderer: renderer, accounts: accounts, transport: transport, clock: clock, mode: settings.mode, planner: planner,
            bootID: bootID)
        plan = PlanStage(store: store, planner: planner, reader: reader, fresh: fresh, writer: writer, clock: clock)
        timers = TimerStage(store: store, planner: planner, reader: reader, writer: writer, clock: clock)
    }

    /// Settles what the last process left open. Call once, before anything runs.
    public func recover() async throws -> Recovery.Settled { try await Recovery(store: store, accounts: accounts, clock: clock).run() }

    /// Runs every stage until nothing is due at this moment of the clock and nothing is in flight. Returns when the next thing is due.
    @discardableResult
    public func settle() async throws -> Timestamp? {
        while true {
            let (isPlanned, next) = try await store.write { (try $0.receivedHeads(limit: 1).isEmpty, try $0.nextDue()) }
            let now = clock.now()
            let isTimerDue = next.timer.map { $0 <= now } ?? false
            let isDeliveryDue = next.delivery.map { $0 <= now } ?? false
            if !isPlanned { _ = try await plan.run() }
            if isTimerDue { _ = try await timers.run() }
            var moved = 0
            if isDeliveryDue { moved = try await sender.pump() }
            guard isPlanned, !isTimerDue, moved == 0 else { continue }
            // Nothing is due, or every slot is taken. What comes back may make something due.
            if try await sender.drained() == 0, !isDeliveryDue { return next.earliest }
        }
    }

    /// Settles, and waits for what is to be tried again within a minute: one reset connection is no reason to leave a message unsent.
    public func settleWithRetries() async throws {
        while true {
            try await settle()
            let soon = clock.now() + .minutes(1)
            let retries = try await store.read { try $0.deliveries(in: .retryWait, limit: 1024) }.compactMap(\.nextAt)
            guard let next = retries.min(), next <= soon else { return }
            try await clock.wait(until: next)
        }
    }

    /// What people do, through the same store and clock; wakes the stages.
    public var desk: Desk {
        let (work, freed) = (work, sender.freed)
        return Desk(store: store, clock: clock) {
            work.notify()
            freed.notify()
        }
    }

    /// Works until the task is cancelled; then finishes what is in flight. Throws when the store fails: the process must stop.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await planLoop() }
            group.addTask { try await sendLoop() }
            do {
                try await group.waitForAll()
            } catch {
                group.cancelAll()
                _ = try? await sender.drained()
                throw error
            }
        }
        try await sender.drained()
    }

    private func planLoop() async throws {
        while !Task.isCancelled {
            var nextTimer: Timestamp?
            let worked = try await withSpace {
                let taken = try await plan.run()
                nextTimer = taken.nextTimer
                let isTimerDue = taken.nextTimer.map { $0 <= clock.now() } ?? false
                return try await taken.events + (isTimerDue ? timers.run() : 0) > 0
            }
            if worked ?? false {
                sender.freed.notify()
                inboxChanges.notify()
                continue
            }
            await work.wait(atMost: pause(until: nextTimer))
        }
    }

    private func sendLoop() async throws {
        while !Task.isCancelled {
            if try await withSpace({ try await sender.pump() > 0 }) ?? false { continue }
            // With no slot free only a completion helps.
            let due = await sender.isFull ? nil : try await store.read { try $0.nextDue().delivery }
            await sender.freed.wait(atMost: pause(until: due))
        }
    }

    /// A step that needs room on the disk. While there is none it was rolled back and waits a second: nothing is lost, and it goes on by itself
    /// when space is back.
    private func withSpace(_ step: () async throws -> Bool) async throws -> Bool? {
        do {
            return try await step()
        } catch StoreError.full {
            do { try await Task.sleep(for: .seconds(1)) } catch { return nil }
            return nil
        }
    }

    /// Until something is due, at most a second: a clock may be set.
    private func pause(until due: Timestamp?) -> Duration {
        guard let due else { return .seconds(1) }
        return min(.seconds(1), max(.milliseconds(1), due - clock.now()))
    }
}

extension Engine {
    /// For the end of a replay: events whose fate still hangs on the future changed state only.
    public func recordWaiting() async throws {
        try await store.write { writer in
            for event in try writer.pendingEvents() { try writer.finish(event, as: .recorded) }
        }
    }
}
