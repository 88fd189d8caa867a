import Core
import Testing

@testable import Pipeline

@Suite("slots of open attempts")
struct SlotsTests {
    @Test("are taken once, for each channel apart, and come back") func apart() {
        let slots = Slots([.sms: 2, .mail: 3])
        #expect(slots.takeFree() == [.sms: 2, .mail: 3])
        #expect(slots.takeFree() == [:])
        slots.giveBack([.mail: 2])
        #expect(slots.takeFree() == [.mail: 2], "a full channel takes nothing of another")
        slots.giveBack([.sms: 2, .mail: 3])
        #expect(slots.takeFree() == [.sms: 2, .mail: 3])
    }

    @Test("have room for as many events as each channel in use can take, or as the others can") func room() {
        let slots = Slots([.sms: 128, .push: 128, .mail: 4])
        #expect(slots.room(limit: 64) == (64, 64), "nothing is in use")
        _ = slots.takeFree()
        #expect(slots.room(limit: 64) == (0, 0))
        slots.giveBack([.sms: 15])
        #expect(slots.room(limit: 64) == (0, 0), "too few for a commit")
        slots.giveBack([.sms: 5])
        #expect(slots.room(limit: 64) == (0, 20), "two channels are full")
        slots.giveBack([.push: 18])
        #expect(slots.room(limit: 64) == (18, 18), "a small channel is waited for by nobody")
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
