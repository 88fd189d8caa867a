public import Config
public import Core
public import Store
public import Templates
public import Transport

/// The stages together: intake, planner, timers, sender, on one store and one clock.
public struct Engine: Sendable {
    public let store: any Store
    public let intake: Intake
    let sender: Sender
    public let receipts: Receipts
    let inquiries: Inquiries
    public let accounts: Accounts
    public let renderer: NoticeRenderer
    public var texts: Texts { renderer.texts }
    public let clock: any Clock
    public let planner: Planner
    /// Told after each commit that may have changed an inbox.
    public let inboxChanges = Broadcast()
    let plan: PlanStage
    let through: Through
    let timers: TimerStage
    /// Nil: the clock is not the machine's.
    let watch: ClockStage?
    let keeping: Keeping
    package let rollouts: RolloutWatch
    private let signing: Signing
    private let indexing: SearchIndexing
    private let recorder: FlightRecorder?
    /// Where an item of a customer's inbox leads.
    public let links: @Sendable (Kind, OrderNumber) -> String?
    private let mode: Mode
    private let allowlist: Allowlist
    /// What the last process left in its recorder.
    private let flown: FlightLog
    /// Told when there is something to plan or a slot to send with.
    package let work: Signal

    /// - Parameters:
    ///   - recorder: of this process; without one a kill leaves every open attempt in doubt.
    ///   - admission: when intake says no; without it, never.
    public init(
        configuration: Configuration, templates: TemplateSet, store: any Store, transport: any Carrier, clock: any Clock,
        zones: any ZoneTable, flown: FlightLog, recorder: FlightRecorder?, admission: Admission? = nil
    ) {
        let settings = configuration.settings
        let brand = Brand(
            names: settings.brand.names.mapValues { PlainText($0) }, support: PlainText(settings.brand.support),
            linkBase: settings.brand.linkBase)
        let accounts = Accounts(settings.accounts, transport: transport, clock: clock)
        let allowlist = settings.allowlist
        var planner = Planner(
            catalogue: configuration.catalogue, policy: configuration.policy, zones: zones, defaultZone: settings.defaultZone,
            country: settings.country,
            configured: accounts.channels, feeNote: settings.feeNote.rawValue)
        planner.platforms = accounts.platforms
        if settings.mode == .allowlist { planner.allowed = { address, customer in allowlist.allows(address, customer: customer) } }
        let texts = Texts(templates)
        let renderer = NoticeRenderer(
            texts: texts, brand: brand, zones: zones, links: configuration.catalogue.kinds.mapValues(\.links))
        let reader = EventReader(typePrefix: settings.eventTypePrefix, rails: Set(configuration.catalogue.rails.keys))
        let staff = StaffDesk(
            address: settings.staffMail, complianceAddress: settings.complianceMail, isConfigured: accounts.channels.contains(.mail),
            revision: templates.revision,
            zone: settings.defaultZone,
            budget: configuration.policy.budgets[.high] ?? .hours(1))
        let writer = PlanWriter(planner: planner, renderer: renderer, mode: settings.mode, staff: staff)
        let work = Signal()
        links = { renderer.link(of: $0, order: $1) }
        (self.store, self.accounts, self.renderer, self.clock, self.planner, self.work) = (store, accounts, renderer, clock, planner, work)
        let fresh = FreshEvents()
        let dispatch = Dispatch(
            renderer: renderer, accounts: accounts, mode: settings.mode, morning: Morning(planner: planner), bootID: flown.bootID,
            fresh: FreshDeliveries())
        (self.flown, self.recorder) = (flown, recorder)
        (mode, self.allowlist) = (settings.mode, allowlist)
        let early = EarlyReceipts()
        receipts = Receipts(store: store, accounts: accounts, clock: clock, early: early, work: work)
        inquiries = Inquiries(
            store: store, accounts: accounts, transport: transport, clock: clock, receipts: receipts, work: work)
        sender = Sender(
            store: store, accounts: accounts, transport: transport, clock: clock, early: early, inquiries: inquiries, freed: work,
            slots: Slots(accounts.slots, reserved: accounts.reserved), recorder: recorder)
        plan = PlanStage(
            store: store, planner: planner, reader: reader, fresh: fresh, writer: writer, dispatch: dispatch, slots: sender.slots,
            recorder: recorder, clock: clock)
        through = Through(plan: plan, sender: sender, inboxChanges: inboxChanges, work: work)
        let catalogue = planner.catalogue
        intake = Intake(
            store: store, reader: reader, clock: clock, accepted: work, fresh: fresh, through: through, admission: admission
        ) { catalogue.isUrgent($0) }
        watch = (clock as? HybridClock).map { [inquiries] in Self.watch($0, store, accounts, inquiries) }
        keeping = Keeping(store: store, clock: clock, periods: settings.retention)
        signing = Signing(store: store, clock: clock)
        indexing = SearchIndexing(store: store, clock: clock)
        rollouts = RolloutWatch(store: store, clock: clock, texts: texts, staff: staff, mode: settings.mode)
        timers = TimerStage(store: store, planner: planner, reader: reader, writer: writer, clock: clock)
    }

    private static func watch(_ clock: HybridClock, _ store: any Store, _ accounts: Accounts, _ inquiries: Inquiries) -> ClockStage {
        ClockStage(store: store, clock: clock) { step in
            accounts.postpone(by: step)
            inquiries.postpone(by: step)
        }
    }

    /// Settles what the last process left open. Call once, before anything runs.
    public func recover() async throws -> Recovery.Settled {
        try await watch?.begin()
        try await texts.load(from: store, at: clock.now())
        // A store that is in the past would send again: nothing leaves before a person has looked.
        sender.slots.close(try await store.read { try $0.meta(Fence.key) } != nil && !PlantedBug.ignoresFence.isActive)
        if !PlantedBug.forgetsAccounts.isActive {
            let (standings, lastRow) = try await store.read { (try $0.accountStandings(), try $0.lastRow) }
            accounts.restore(standings, lastRow: lastRow, at: clock.now())
        }
        try await Desk.finishReleases(store, at: clock.now())
        let settled = try await Recovery(store: store, accounts: accounts, clock: clock, flown: flown).run()
        #if DEBUG
            CrashPoint.pass(.afterRecovery)
        #endif
        // Not before: until the commit the old one is the only witness.
        try recorder?.publish()
        try await receipts.load()
        try await inquiries.load()
        return settled
    }

    /// What a step did, and when the next thing is due.
    package struct Step: Sendable {
        package var hasMoved = false
        /// Nothing was left that could be done now.
        package var isAll = false
        /// What is due may wait for a slot: only what comes back helps.
        package var isFull = false
        package var next = NextDue(delivery: nil, timer: nil)
    }

    /// One step of every stage: plans what was received, starts what may leave, fires the timers that are due.
    package func step(events limit: Int = PlanStage.batch, isAhead: Bool = true) async throws -> Step {
        try sender.check()
        try await watch?.tick()
        // From before the look at what is free: what is given back meanwhile must not be missed.
        sender.slots.want(true)
        let taken = try await plan.run(limit: limit, isAhead: isAhead)
        if !taken.isFull { sender.slots.want(false) }
        sender.send(taken.open)
        if taken.events > 0 { inboxChanges.notify() }
        var step = Step(hasMoved: taken.events + taken.moved > 0, isAll: taken.isAll, isFull: taken.isFull, next: taken.next)
        if let due = taken.next.timer, due <= clock.now(), try await timers.run() > 0 {
            inboxChanges.notify()
            step.hasMoved = true
        }
        return step
    }

    /// Runs every stage until nothing is due at this moment of the clock and nothing is in flight. Returns when the next thing is due.
    @discardableResult
    public func settle() async throws -> Timestamp? {
        while true {
            let step = try await step()
            if step.hasMoved { continue }
            // Nothing is due, or every slot is taken. What comes back may make something due.
            let isIdle = try await sender.drained() == 0
            // What is due in a fenced store stays due.
            if isIdle, sender.slots.isClosed { return step.next.timer }
            guard isIdle, step.next.delivery.map({ $0 > clock.now() }) ?? true else { continue }
            if try await inquiries.askDue() > 0 { continue }
            return [step.next.earliest, inquiries.nextDue].compactMap(\.self).min()
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

    /// Drops what is kept no longer. A worker that runs does it by itself.
    public func keepNoLonger() async throws { try await keeping.carryOut() }

    /// What people do, through the same store and clock; wakes the stages.
    public var desk: Desk {
        let work = work
        let (slots, events, deliveries, keeping) = (sender.slots, plan.fresh, plan.dispatch.fresh, keeping)
        return Desk(
            store: store, clock: clock, accounts: accounts, texts: texts, changed: { work.notify() }, released: { slots.close(false) },
            forgets: {
                guard !PlantedBug.sendsErased.isActive else { return }
                events.forget()
                deliveries.forget()
                keeping.work.notify()
            })
    }

    /// The store has other keys now: those that are wrapped with former ones are wrapped anew.
    public func wrapKeysAnew() { keeping.work.notify() }

    /// One message that tries an account.
    public var tester: ProviderTest { ProviderTest(store: store, clock: clock, accounts: accounts, mode: mode, allowlist: allowlist) }

    /// Works until the task is cancelled; then finishes what is in flight. Throws when the store fails: the process must stop.
    ///
    /// Plans as many events as the wire has room for: what leaves with its plan costs less than what has to wait in the store. When the wire is
    /// slow it plans ahead, so that decisions do not wait for providers.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runStages() }
            group.addTask { try await inquiries.run() }
            group.addTask { try await keeping.run() }
            group.addTask { try await rollouts.run() }
            group.addTask { try await signing.run() }
            group.addTask { try await indexing.run() }
            // What fails in one ends the other.
            while try await group.next() != nil {}
        }
    }

    private func runStages() async throws {
        through.open(true)
        var lastStep = ContinuousClock.now
        do {
            while !Task.isCancelled {
                sender.slots.want(true)
                let room = sender.slots.room(limit: PlanStage.batch, since: lastStep)
                if let until = room.waits {
                    await work.wait(atMost: until - .now)
                    continue
                }
                let step = try await withSpace { try await self.step(events: room.events, isAhead: room.isNone) }
                lastStep = .now
                guard let step, step.isAll || !step.hasMoved else { continue }
                let now = clock.now()
                let delivery = step.next.delivery.flatMap { step.isFull && $0 <= now ? nil : $0 }
                await work.wait(atMost: pause(until: [delivery, step.next.timer].compactMap(\.self).min()))
            }
        } catch {
            through.open(false)
            _ = await sender.slots.drained()
            throw error
        }
        #if DEBUG
            CrashPoint.pass(.drainStarted)
        #endif
        through.open(false)
        try await sender.drained()
        _ = try await withSpace { try await sender.keepAccounts() }
    }

    /// Whether what comes in may be planned and started with its acceptance.
    package func open(_ isOpen: Bool) { through.open(isOpen) }

    /// When the time for a stop is over: what is still on the wire is taken off it. What had not begun to leave is `not_sent`, the rest as
    /// doubtful as after a kill; `run` returns when that is recorded. Nothing can be sent after this.
    public func giveUp() async { await sender.giveUp() }

    /// A step that needs room on the disk. While there is none it was rolled back and waits a second: nothing is lost, and it goes on by itself
    /// when space is back.
    private func withSpace<Result>(_ step: () async throws -> Result) async throws -> Result? {
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
