import Core
import Testing

@testable import Store

@Suite("the files hold no person")
struct PrivacyTests {
    static let planted = [
        "+8613955557777", "13955557777", "wang.planted@example.com", "wang.planted", "planted-push-token", "Planted Name", "98765432",
        "CU-planted-1",
        "planted note", "Planted title", "planted words", "planted call",
    ]

    @Test("no planted value is in the database, its log or its index, before and after closing")
    func nothingInTheClear() async throws {
        let bench = Bench()
        let store = try bench.open()
        let (phone, mail, token) = (
            Address.phone(PhoneNumber(Self.planted[0])!), Address.mail(MailAddress(Self.planted[2])!),
            Address.device(PushToken(Self.planted[4])!)
        )
        let customer = "CU-planted-1"
        try await store.write { writer in
            _ = try writer.accept(
                Sample.event(
                    "ev-1", customer: customer, body: #"{"phone":"+8613955557777","mail":"wang.planted@example.com","name":"Planted Name"}"#
                ))
            try writer.save(
                OrderState(order: Sample.order(1), customer: customer, lastSeq: 1, lastTime: Sample.at(1), lastEvent: "ev-1", version: 1))
            var episode = Sample.episode("an-1", customer: customer)
            episode.facts = Sample.facts(minor: 98_765_432)
            episode.facts.set(.field, PlainText("Planted Name"))
            episode.id = try writer.save(episode)
            var notice = Sample.notice(episode: episode.id, customer: customer)
            notice.facts = episode.facts
            let id = try writer.insert(notice)
            for (channel, address) in [(Channel.sms, phone), (.mail, mail), (.push, token)] {
                let delivery = try writer.insert(
                    Sample.delivery("dlv_\(channel)", notice: id, channel: channel, address: Sensitive(address)))!
                var attempt = try Sample.attempt("att_\(channel)", delivery: delivery, number: 1, customer: customer, writer)
                attempt.content = try writer.seal(Array("planted words".utf8), customer: customer, context: "c")
                attempt.call = try writer.seal(Array("planted call to \(address.text)".utf8), customer: customer, context: "d")
                _ = try writer.begin(attempt, at: Sample.at(2))
            }
            let inApp = try writer.insert(
                Sample.delivery("dlv_in", notice: id, channel: .inApp, state: .delivered, address: Sensitive(.inbox)))!
            try writer.insert(
                InboxItem(
                    publicID: "msg_1", delivery: inApp, customer: customer, order: Sample.order(1), kind: .bankDelay, stage: .opened,
                    locale: .en,
                    title: "Planted title", body: "planted words", createdAt: Sample.at(1)))
            try writer.save(CustomerRecord(id: customer, contacts: [.sms: .init(address: Sensitive(phone), standing: .verified)]))
            try writer.raise(counter: "\(customer)/sms", bucket: "2025-11-12", by: 1)
            try writer.save(IncidentMember(incident: "inc-1", customer: customer, order: Sample.order(1), toldAt: Sample.at(1)))
            try writer.save(
                DedupeMark(
                    order: Sample.order(1), anomaly: "an-1", audience: .customer, recipient: customer, channel: .sms, status: .reserved,
                    stage: .opened,
                    funds: nil, step: nil, etaBucket: nil, priority: .high, toldAt: Sample.at(1)))
            let review = try writer.insert(ReviewItem(cause: .kind, order: nil, kind: nil, detail: "d", openedAt: Sample.at(1)))
            _ = try writer.close(review: review, note: "planted note", at: Sample.at(2))
            try writer.setMeta("control", "clear as day")
        }
        for moment in ["open", "closed"] {
            if moment == "closed" { try await store.close() }
            let bytes = bench.bytes()
            #expect(Bench.contains(bytes, "clear as day"), "the search sees plain text")
            for value in Self.planted { #expect(!Bench.contains(bytes, value), "\(value), \(moment)") }
        }
        let again = try bench.open()
        #expect(try await again.read { try $0.delivery(publicID: "dlv_sms")?.address } == Sensitive(phone))
        #expect(try await again.read { try $0.counter("\(customer)/sms", bucket: "2025-11-12") } == 1)
        try await again.close()
    }
}
