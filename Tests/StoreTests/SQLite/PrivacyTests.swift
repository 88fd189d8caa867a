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
        let name = try await store.write { writer in
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
            let filed = try Sample.file(
                writer, notice, Sample.delivery("sms", address: Sensitive(phone)),
                Sample.delivery("push", channel: .push, address: Sensitive(token)),
                Sample.delivery("app", channel: .inApp, state: .delivered, address: Sensitive(.inbox)),
                inApp: ("Planted title", "planted words"))
            let later = try writer.insert(
                Sample.delivery("mail", notice: filed[0].notice, channel: .mail, address: Sensitive(mail)))!
            for delivery in [filed[0], filed[1], later] {
                var attempt = try Sample.attempt("att", delivery: delivery.id, number: 1, customer: customer, writer)
                let address = delivery.address.reveal(for: .sealing).text
                attempt.bytes = AttemptBytes(content: Array("planted words".utf8), call: Array("planted call to \(address)".utf8))
                _ = try writer.begin(attempt, log: .null, at: Sample.at(2))
            }
            try writer.save(CustomerRecord(id: customer, contacts: [.sms: .init(address: Sensitive(phone), standing: .verified)]))
            try writer.save(IncidentMember(incident: "inc-1", customer: customer, order: Sample.order(1), toldAt: Sample.at(1)))
            let review = try writer.insert(ReviewItem(cause: .kind, order: nil, kind: nil, detail: "d", openedAt: Sample.at(1)))
            _ = try writer.close(review: review, note: "planted note", at: Sample.at(2))
            try writer.setMeta("control", "clear as day")
            return filed[0].publicID
        }
        for moment in ["open", "closed"] {
            if moment == "closed" { try await store.close() }
            let bytes = bench.bytes()
            #expect(Bench.contains(bytes, "clear as day"), "the search sees plain text")
            for value in Self.planted { #expect(!Bench.contains(bytes, value), "\(value), \(moment)") }
        }
        let again = try bench.open()
        #expect(try await again.read { try $0.delivery(publicID: name)?.address } == Sensitive(phone))
        try await again.close()
    }
}
