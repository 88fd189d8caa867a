import Core
import Testing

@testable import Pipeline

@Suite("slots of open attempts")
struct SlotsTests {
    @Test("are taken once, for each channel apart, and come back") func apart() {
        let slots = Slots([.sms: 2, .mail: 3])
        #expect(slots.takeFree().all == [.sms: 2, .mail: 3])
        #expect(slots.takeFree().all == [:])
        slots.giveBack([.mail: 2])
        #expect(slots.takeFree().all == [.mail: 2], "a full channel takes nothing of another")
        slots.giveBack([.sms: 2, .mail: 3])
        #expect(slots.takeFree().all == [.sms: 2, .mail: 3])
    }

    @Test("some are kept for what is high: they are taken with the others, and said apart") func reserved() {
        let slots = Slots([.sms: 4], reserved: [.sms: 2])
        #expect(slots.takeFree() == FreeSlots(all: [.sms: 6], others: [.sms: 4]))
        slots.giveBack([.sms: 3])
        #expect(slots.takeFree() == FreeSlots(all: [.sms: 3], others: [.sms: 1]))
        slots.giveBack([.sms: 2])
        #expect(slots.takeFree(atMost: 1) == FreeSlots(all: [.sms: 1], others: [.sms: 0]), "what is left is the reserve")
    }

    @Test("have room for as many events as each channel in use can take; one that is full for long is not waited for") func room() {
        let slots = Slots([.sms: 128, .push: 128, .mail: 4])
        let now = ContinuousClock.now
        func room(after wait: Duration = .zero) -> Slots.Room { slots.room(limit: 64, since: now, now: now + wait) }
        #expect(room() == Slots.Room(events: 64), "nothing is in use")
        _ = slots.takeFree()
        #expect(room().waits == now + .milliseconds(50))
        #expect(room(after: .milliseconds(51)) == Slots.Room(events: 64, isNone: true), "all are slow")
        slots.giveBack([.sms: 15])
        #expect(room(after: .milliseconds(40)).waits == now + .milliseconds(50), "too few for a commit")
        slots.giveBack([.sms: 5])
        #expect(room().waits == now + .milliseconds(10), "the other is given a little time")
        #expect(room(after: .milliseconds(11)) == Slots.Room(events: 20))
        slots.giveBack([.push: 18])
        #expect(room() == Slots.Room(events: 18), "a small channel is waited for by nobody")
        #expect(slots.takeFree(atMost: 3).all == [.sms: 3, .push: 3])
        #expect(room().waits == now + .milliseconds(10), "about full again")
    }

    @Test("a channel that gives back a batch in time is not slow, though it is never free for long") func busy() {
        let slots = Slots([.sms: 128])
        _ = slots.takeFree()
        var now = ContinuousClock.now
        for _ in 1...10 {
            #expect(slots.room(limit: 64, since: now, now: now).waits == now + .milliseconds(50))
            slots.giveBack([.sms: 8])
            #expect(slots.room(limit: 64, since: now, now: now + .milliseconds(20)).waits == now + .milliseconds(50))
            _ = slots.takeFree()
            slots.giveBack([.sms: 8])
            _ = slots.takeFree()
            now += .milliseconds(49)
        }
        #expect(!slots.room(limit: 64, since: now, now: now).isNone)
        #expect(slots.room(limit: 64, since: now, now: now + .milliseconds(51)).isNone)
    }

    @Test("say whether somebody waits for them") func wanted() {
        let slots = Slots([.sms: 2])
        _ = slots.takeFree()
        #expect(!slots.giveBack([.sms: 1]))
        slots.want(true)
        #expect(slots.giveBack([.sms: 1]))
        slots.want(false)
        _ = slots.takeFree()
        #expect(!slots.giveBack([.sms: 2]))
    }

    @Test("are drained when the last one is back") func drained() async {
        let slots = Slots([.sms: 2, .push: 1])
        #expect(await slots.drained() == 0)
        _ = slots.takeFree()
        async let waited = slots.drained()
        slots.giveBack([.sms: 2])
        slots.giveBack([.push: 1])
        // Asked before or after the last was given back: it returns either way.
        #expect([0, 1, 3].contains(await waited))
        #expect(await slots.drained() == 0)
    }
}

@Suite("what was planned in this process")
struct FreshDeliveriesTests {
    @Test("is handed out once, and kept within a bound") func once() {
        let fresh = FreshDeliveries()
        let notice = Notice(
            episode: 1, episodeVersion: 1, order: OrderNumber("WD1")!, anomaly: "an-1", audience: .customer, customer: "CU1",
            kind: .bankDelay,
            stage: .opened, variant: nil, priority: .normal, reason: .first, locale: .en, timeZone: "UTC", privatePreview: false,
            templateRevision: "1", facts: Facts(), plannedAt: World.noon, event: nil)
        let filed = Filed(notice: notice, deliveries: [])
        func keep(_ ids: ClosedRange<Int>) {
            fresh.keep(Dictionary(uniqueKeysWithValues: ids.map { (DeliveryID($0), FreshDelivery(filed: filed, index: 0)) }))
        }
        keep(1...5000)
        let kept = (1...5000).filter { fresh.take(DeliveryID($0)) != nil }
        #expect(kept.count == 4096 && kept.allSatisfy { fresh.take(DeliveryID($0)) == nil })
        keep(1...4000)
        keep(4001...4100)
        #expect((1...4100).filter { fresh.take(DeliveryID($0)) != nil } == Array(4001...4100), "the newest are kept when it is full")
    }
}
