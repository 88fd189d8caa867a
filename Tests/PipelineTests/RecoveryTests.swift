import App
import Config
import Core
import Crypto
import Foundation
import Providers
import Sandbox
import Store
import Testing
import Transport

@testable import Pipeline

/// A start after an end at the worst moment: an intent is on disk, its result is not.
@Suite struct RecoveryTests {
    /// 23:00 in Shanghai, so that what is planned still waits.
    private let night = Timestamp(rfc3339: "2025-11-12T15:00:00Z")!
    private let morning = Timestamp(rfc3339: "2025-11-13T00:00:00Z")!

    @Test("a blind provider: listed, never sent again") func blind() async throws {
        try await check(twilio, .sms, Sample.details, standIn: .twilio) { settled, delivery, sent in
            #expect(settled.ambiguous == 1 && settled.repeated == 0)
            #expect(delivery.state == .unknown && sent == 0)
        }
    }

    @Test(
        "one that ignores repeats: the same bytes and key again, once",
        arguments: [(gateway, Channel.sms, StandIn.gateway), (apns, .push, .apns)])
    func repeatable(account: String, channel: Channel, standIn: StandIn) async throws {
        try await check(account, channel, channel == .sms ? Sample.details : Sample.limit, standIn: standIn) { settled, delivery, sent in
            #expect(settled.repeated == 1 && settled.ambiguous == 0)
            #expect(delivery.state == .sent && delivery.tries == 2 && sent == 1)
        }
    }

    @Test("a sandbox that comes back on other ports gets the repeat, with the same bytes and key") func otherPorts() async throws {
        try await withWorld([gateway, mail]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .gateway)
            try await world.take(Sample().detected())
            #expect(try await world.delivery("WD1", .sms).state == .retryWait)
            try await world.runtime.close()
            var options = Sandbox.Options()
            options.directory = world.folder.path + "/sandbox-2"
            let other = try Sandbox(options)
            let endpoints = try await other.start()
            #expect(endpoints.https != world.endpoints.https)
            var next = world
            next.configuration = try configuration([gateway, mail], world.folder, endpoints)
            next.runtime = try Runtime.make(
                next.configuration, clock: world.clock, random: SystemRandom(), authority: endpoints.caFile,
                templates: try shippedTexts.get())
            try await next.pass(.minutes(1))
            let delivery = try await next.delivery("WD1", .sms)
            let attempts = try await next.attempts(delivery)
            #expect(delivery.state == .sent && attempts.map(\.state) == [.settled, .accepted])
            #expect(Set(attempts.map(\.digest)).count == 1 && other.ledger.count(of: .gateway) == 1)
            #expect(world.sandbox.switches.requests(to: .gateway) == 1, "nothing goes to the old one")
            try await next.runtime.close()
            await other.stop()
        }
    }

    // MARK: What the flight recorder knew

    /// Blind, so that nothing but proof lets a message go again.
    private func checkBlind(
        _ flight: Flight, _ meanwhile: (World) async throws -> Void = { _ in },
        _ judge: (World, Recovery.Settled, Delivery, [Attempt], Int) async throws -> Void
    ) async throws {
        try await withWorld([twilio], at: night) { world in
            try await world.take(Sample.details.with { $0.at = night }.detected())
            try await world.pass(.minutes(2))
            let waiting = try await world.delivery("WD1", .sms)
            world.clock.advance(to: morning + .minutes(20))
            try await leaveIntent(of: waiting, in: world, flight)
            try await meanwhile(world)
            let (next, settled) = try await world.restarted()
            try await next.pass(.minutes(5))
            let delivery = try #require(try await next.read { try $0.delivery(waiting.id) })
            let attempts = try await next.attempts(delivery)
            #expect(Set(attempts.map(\.digest)).count == 1 && Set(attempts.map(\.idempotencyKey)).count == 1)
            try await judge(next, settled, delivery, attempts, next.ledger.count(of: .twilio))
            #expect(try await next.reviews(.ambiguous).count == settled.ambiguous)
            #expect(try await next.read { try $0.openIntents() }.isEmpty)
            #expect(try await next.read { try $0.verifyChain() } == nil)
            try await next.runtime.close()
        }
    }

    @Test("the request had not started: it goes again, and nobody is asked", arguments: [FlightPhase.intent, .connected])
    func notStarted(_ phase: FlightPhase) async throws {
        try await checkBlind(Flight { $0.advance(to: phase) }) { _, settled, delivery, attempts, sent in
            #expect(settled == Recovery.Settled(notSent: 1))
            #expect(delivery.state == .sent && delivery.tries == 2 && sent == 1)
            #expect(attempts.map(\.state) == [.notSent, .accepted])
            #expect(attempts[0].detail == "the process ended before the request left")
        }
    }

    @Test("the request had started: listed, never sent again", arguments: [FlightPhase.requestStarted, .firstByte])
    func started(_ phase: FlightPhase) async throws {
        try await checkBlind(Flight { $0.advance(to: phase) }) { _, settled, delivery, attempts, sent in
            #expect(settled == Recovery.Settled(ambiguous: 1))
            #expect(delivery.state == .unknown && attempts.map(\.state) == [.ambiguous] && sent == 0)
        }
    }

    @Test("the answer was read: recorded as it was, with the provider's id") func taken() async throws {
        try await checkBlind(Flight { $0.parsed(.taken(id: "SM42")) }) { world, settled, delivery, attempts, sent in
            #expect(settled == Recovery.Settled(accepted: 1))
            #expect(delivery.state == .sent && delivery.providerID == "SM42" && delivery.tries == 1 && sent == 0)
            #expect(attempts.map(\.state) == [.accepted] && attempts[0].providerID == "SM42")
            let marks = try await world.read { try $0.dedupeMarks(anomaly: "an-1", audience: .customer) }
            #expect(marks.filter { $0.channel == .sms }.map(\.status) == [.committed])
        }
    }

    @Test("the answer was a refusal: it goes again") func refused() async throws {
        try await checkBlind(Flight { $0.parsed(.notTaken) }) { _, settled, delivery, attempts, sent in
            #expect(settled == Recovery.Settled(refused: 1))
            #expect(delivery.state == .sent && attempts.map(\.state) == [.rejected, .accepted] && sent == 1)
        }
    }

    @Test(
        "what is not this attempt's of this boot is no proof",
        arguments: [
            Flight(bootID: "another") { _ in }, Flight(slot: { $0 + 1 }) { _ in }, Flight(slot: { _ in 0 }) { _ in },
            Flight(attempt: "att_4ATV8CGKAYFNNTXDJVW5JZ0689") { _ in },
        ])
    func noProof(_ flight: Flight) async throws {
        try await checkBlind(flight) { _, settled, delivery, _, sent in
            #expect(settled == Recovery.Settled(ambiguous: 1) && delivery.state == .unknown && sent == 0)
        }
    }

    @Test("a damaged file is no proof") func damagedFile() async throws {
        try await checkBlind(
            Flight { _ in },
            { world in
                let path = world.storeDirectory + "/clarion.flight"
                #expect(truncate(path, 5000) == 0)
            }
        ) { _, settled, delivery, _, _ in #expect(settled == Recovery.Settled(ambiguous: 1) && delivery.state == .unknown) }
    }

    @Test("not sent, and no longer wanted: cancelled, and nobody is asked") func unwanted() async throws {
        try await checkBlind(
            Flight { _ in },
            { world in
                try await world.take(Sample.details.with { ($0.at, $0.seq) = (morning + .minutes(20), 2) }.resolved("arrived"))
            }
        ) { _, settled, delivery, attempts, _ in
            #expect(settled == Recovery.Settled(notSent: 1))
            #expect(delivery.state == .cancelled && attempts.map(\.state) == [.notSent])
        }
    }

    @Test("not sent, and its time is over: expired, and nobody is asked") func late() async throws {
        try await checkBlind(Flight { _ in }, { $0.clock.advance(to: morning + .hours(30)) }) { _, settled, delivery, attempts, sent in
            #expect(settled == Recovery.Settled(notSent: 1))
            #expect(delivery.state == .expired && delivery.reason == .budgetUsedUp && attempts.map(\.state) == [.notSent] && sent == 0)
        }
    }

    @Test("a stop whose time is over settles what is on the wire as far as it came") func givenUp() async throws {
        try await withWorld([twilio]) { world in
            // The account has what it sends with.
            try await world.take(Sample().with { ($0.order, $0.anomaly, $0.customer) = ("WD0", "an-0", "CU0") }.detected())
            world.sandbox.switches.set(Fault(.none, stall: 600_000), for: .twilio)
            world.engine.through.open(true)
            _ = try await world.engine.intake.accept([.init(Sample().detected().bytes)], from: .http)
            await world.engine.giveUp()
            try await world.engine.sender.drained()
            let delivery = try await world.delivery("WD1", .sms)
            let attempts = try await world.attempts(delivery)
            #expect(attempts.count == 1 && attempts[0].detail?.contains("cancelled") ?? false, "\(attempts[0].detail ?? "")")
            let isDoubtful = attempts[0].state == .ambiguous
            #expect((isDoubtful || attempts[0].state == .notSent) && delivery.state == (isDoubtful ? .unknown : .retryWait))
            #expect(try await world.read { try $0.openIntents() }.isEmpty)
        }
    }

    @Test("an attempt has a slot of its own while it is open, and gives it back") func slots() async throws {
        try await withWorld { world in
            _ = try await world.engine.recover()
            let orders = (1...80).map { n in Sample().with { ($0.order, $0.anomaly, $0.customer) = ("WD\(n)", "an-\(n)", "CU\(n)") } }
            for batch in 0..<4 { try await world.take(raw: orders[(batch * 20)..<(batch * 20 + 20)].map { $0.detected().bytes }) }
            let attempts = try await world.read { reader in
                try reader.deliveries(matching: DeliveryQuery(limit: 10_000)).flatMap { try reader.attempts(ofDelivery: $0.id) }
            }
            #expect(attempts.count > 80 && attempts.allSatisfy { $0.bootID == thisBoot }, "\(attempts.count)")
            // Those of one batch, and what a transaction sets aside.
            #expect(attempts.allSatisfy { (1...80).contains($0.recorderSlot) }, "\(attempts.map(\.recorderSlot).max()!)")
            let log = FlightLog.read(directory: world.storeDirectory, bootID: thisBoot)
            #expect(!log.isAbsent && attempts.allSatisfy { log.phase(of: $0.publicID, inSlot: $0.recorderSlot) == nil })
        }
    }

    /// Leaves an intent open for the one waiting delivery on the channel, ends the process, starts another.
    private func check(
        _ account: String, _ channel: Channel, _ sample: Sample, standIn: StandIn,
        _ judge: (Recovery.Settled, Delivery, Int) throws -> Void
    ) async throws {
        try await withWorld([account], at: night) { world in
            try await world.take(sample.with { $0.at = night }.detected())
            try await world.pass(.minutes(2))
            let waiting = try await world.delivery("WD1", channel)
            #expect(waiting.state == .ready)
            world.clock.advance(to: morning + .minutes(20))
            // The sender commits its intent; the answer never comes, and the process ends while it waits.
            try await leaveIntent(of: waiting, in: world)
            let (next, settled) = try await world.restarted()
            try await next.pass(.minutes(5))
            let delivery = try await next.delivery("WD1", channel)
            try judge(settled, delivery, next.ledger.count(of: standIn))
            let attempts = try await next.attempts(delivery)
            #expect(
                attempts[0].state == (settled.repeated == 1 ? .settled : .ambiguous) && Set(attempts.map(\.digest)).count == 1
                    && Set(attempts.map(\.idempotencyKey)).count == 1)
            #expect(try await next.reviews(.ambiguous).count == settled.ambiguous)
            #expect(try await next.read { try $0.openIntents() }.isEmpty)
            try await next.runtime.close()
        }
    }

    private func leaveIntent(of waiting: Delivery, in world: World, _ flight: Flight? = nil) async throws {
        let recorder = try flight.map { _ in try FlightRecorder(directory: world.storeDirectory, slots: 4, bootID: thisBoot) }
        let engine = world.engine
        let notice = try #require(try await world.read { try $0.notice(waiting.notice) })
        let account = try #require(engine.accounts.byName.values.first { $0.channel == waiting.channel })
        let content = try await world.read { try engine.renderer.render(notice, on: waiting.channel, kept: $0).content }
        let key = IdempotencyKey("0123456789abcdef0123456789abcdef")
        let message = Message(
            delivery: waiting.publicID, attempt: "att_0", address: waiting.address, content: content, locale: notice.locale,
            priority: waiting.priority, kind: notice.kind, stage: notice.stage, collapseKey: key.description, order: waiting.order,
            plannedAt: waiting.plannedAt, expires: waiting.expires)
        let bytes = try account.provider.call(for: message, key: key).storedBytes
        let now = world.clock.now()
        let begun = try await world.runtime.store.write { writer in
            let name = writer.attemptName(1, ofDelivery: waiting.id)
            let batch = recorder?.batch()
            let slot = batch?.claim(flight?.attempt ?? name)
            batch?.keep()
            if let slot { flight?.course(slot) }
            return try writer.begin(
                NewAttempt(
                    publicID: name, delivery: waiting.id, number: 1, order: waiting.order,
                    customer: waiting.customer, account: account.name, idempotencyKey: key.description,
                    digest: Array(SHA256.hash(data: bytes)), bytes: AttemptBytes(content: content.json.bytes, call: bytes), startedAt: now,
                    deadline: now + .seconds(10), bootID: flight?.bootID ?? "another",
                    recorderSlot: slot.flatMap { flight?.slot($0.number) } ?? 0),
                log: .null, at: now)
        }
        #expect(begun != nil)
        try recorder?.publish()
    }
}

/// How far an attempt came, as its recorder and its row have it.
struct Flight: Sendable {
    var bootID = thisBoot
    /// Of the slot it has, what the row says.
    var slot: @Sendable (Int) -> Int = { $0 }
    /// Instead of its own name.
    var attempt: String?
    var course: @Sendable (FlightSlot) -> Void
}

let thisBoot: String = {
    do {
        return try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8).trimmingCharacters(in: .newlines)
    } catch { preconditionFailure("Linux has a boot id: \(error)") }
}()
