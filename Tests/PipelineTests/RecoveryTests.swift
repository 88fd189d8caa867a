import App
import Config
import Core
import Crypto
import Pipeline
import Providers
import Sandbox
import Store
import Testing

/// A start after an end at the worst moment: an intent is on disk, its result is not.
@Suite struct RecoveryTests {
    /// 23:00 in Shanghai, so that what is planned still waits.
    private let night = Timestamp(rfc3339: "2025-11-12T15:00:00Z")!
    private let morning = Timestamp(rfc3339: "2025-11-13T00:00:00Z")!

    @Test("a blind provider: listed, never sent again") func blind() async throws {
        try await check(twilio, .sms, Sample.details, standIn: .twilio) { settled, delivery, sent in
            #expect(settled.ambiguous == 1 && settled.repeated == 0)
            #expect(delivery.state == .ambiguous && sent == 0)
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
            next.runtime = try Runtime.make(next.configuration, clock: world.clock, random: SystemRandom(), authority: endpoints.caFile)
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

    private func leaveIntent(of waiting: Delivery, in world: World) async throws {
        let engine = world.engine
        let notice = try #require(try await world.read { try $0.notice(waiting.notice) })
        let account = try #require(engine.accounts.byName.values.first { $0.channel == waiting.channel })
        let content = try engine.renderer.render(notice, on: waiting.channel).content
        let key = IdempotencyKey("0123456789abcdef0123456789abcdef")
        let message = Message(
            delivery: waiting.publicID, attempt: "att_0", address: waiting.address, content: content, locale: notice.locale,
            priority: waiting.priority, kind: notice.kind, stage: notice.stage, collapseKey: key.description, order: waiting.order,
            plannedAt: waiting.plannedAt, expires: waiting.expires)
        let bytes = try account.provider.call(for: message, key: key).storedBytes
        let now = world.clock.now()
        let begun = try await world.runtime.store.write { writer in
            try writer.begin(
                NewAttempt(
                    publicID: writer.attemptName(1, ofDelivery: waiting.id), delivery: waiting.id, number: 1, order: waiting.order,
                    customer: waiting.customer, account: account.name, idempotencyKey: key.description,
                    digest: Array(SHA256.hash(data: bytes)), bytes: AttemptBytes(content: content.json.bytes, call: bytes), startedAt: now,
                    deadline: now + .seconds(10), bootID: "another"), log: .null, at: now)
        }
        #expect(begun != nil)
    }
}
