import Core
import Store
import Testing

extension Conformance {
    static let trails: [Claim] = [
        Claim("a trail holds what is stored of one order, and nothing of others") { store in
            let delivery = try await store.write { writer in
                guard case .accepted(let event) = try writer.accept(Sample.event("ev-1")) else { throw Unexpected() }
                _ = try writer.accept(Sample.event("ev-2", order: Sample.order(2)))
                _ = try writer.accept(Sample.event("ev-3", order: nil, customer: nil))
                try writer.finish(event, as: .suppressed(.dailyCap))
                let delivery = try Sample.planned("dlv_1", writer)
                let other = try Sample.planned("dlv_2", order: Sample.order(2), writer)
                try writer.append(LogEntry(.eventAccepted, at: Sample.at(1), order: Sample.order(1), event: event, body: .null))
                try writer.append(LogEntry(.cancelled, at: Sample.at(2), order: Sample.order(2), delivery: other, body: .null))
                let attempt = try writer.begin(
                    Sample.attempt("att_1", delivery: delivery, number: 1, writer), log: LogBody(["n": 1]), at: Sample.at(11))!
                let lost = AttemptResult(state: .ambiguous, outcome: .ambiguous, detail: "")
                _ = try writer.finish(
                    attempt, as: lost, delivery: .unknown, reason: .ambiguous, nextAt: nil, log: LogBody(["n": 2]), order: Sample.order(1),
                    at: Sample.at(12))
                _ = try writer.insert(
                    ReviewItem(cause: .ambiguous, order: Sample.order(1), kind: nil, detail: "asked", openedAt: Sample.at(12)))
                let episode = try writer.episodes(ofOrder: Sample.order(1))[0]
                _ = try writer.arm(StoredTimer(step: .promise, episode: episode.id, due: Sample.at(99)))
                _ = try writer.insert(
                    StoredReceipt(
                        account: "twilio-1", reference: "SM1", status: .sent, code: "sent", delivery: delivery, receivedAt: Sample.at(13)))
                return delivery
            }
            let (orders, trail, lone) = try await store.read { reader in
                (
                    try reader.orders(after: "", limit: 9), try reader.trail(ofOrder: Sample.order(1)),
                    try reader.loneEvents(after: 0, limit: 9)
                )
            }
            #expect(orders == [Sample.order(1), Sample.order(2)] && lone.map(\.id) == ["ev-3"])
            #expect(try await store.read { try $0.orders(after: Sample.order(1).description, limit: 9) } == [Sample.order(2)])
            #expect(trail.events == [EventMark(seq: 1, id: "ev-1", disposition: "suppressed", reason: "daily_cap")])
            #expect(trail.episodes.map(\.kind) == ["bank_delay"] && trail.armed == Set(trail.episodes.map(\.id)))
            #expect(trail.questions == ["asked"] && trail.log.map(\.act) == ["event_accepted"])
            #expect(trail.notices.map(\.stage) == ["opened"] && trail.notices[0].deliveries.map(\.id) == [delivery])
            let mark = trail.notices[0].deliveries[0]
            #expect(mark.state == "unknown" && mark.reason == "ambiguous" && mark.tries == 1 && mark.receipts == ["sent"])
            #expect(mark.attempts.map(\.state) == ["ambiguous"] && mark.attempts[0].intent?.act == "intent")
            #expect(mark.attempts[0].result?.act == "outcome" && mark.attempts[0].intent?.seq ?? 9 < mark.attempts[0].result?.seq ?? 0)
        },
        Claim("notices for staff are walked apart, and a row of the log that names nothing is found") { store in
            try await store.write { writer in
                _ = try Sample.planned("dlv_1", writer)
                _ = try Sample.file(
                    writer, Sample.notice(episode: 0, audience: .staff), Sample.delivery("staff", channel: .mail, address: Sample.mail))
                try writer.append(LogEntry(.decision, at: Sample.at(1), order: Sample.order(1), notice: 1, body: .null))
                try writer.append(LogEntry(.decision, at: Sample.at(1), order: Sample.order(1), notice: 77, body: .null))
            }
            let (staff, none, strays) = try await store.read { reader in
                (
                    try reader.staffNotices(after: 0, limit: 9), try reader.staffNotices(after: 2, limit: 9), try reader.strays(limit: 9)
                )
            }
            #expect(staff.map(\.audience) == ["staff"] && staff[0].deliveries.map(\.channel) == ["mail"] && none.isEmpty)
            #expect(strays == [Stray(.log, 2, "its notice")])
        },
    ]

    static let search: [Claim] = [
        Claim("what is searched for is found by each of its words, newest first, and counted") { store in
            let (sms, mail, other) = try await store.write { writer in
                let sms = try Sample.planned("sms-main", plannedAt: Sample.at(10), writer)
                let mail = try Sample.planned("mail-main", channel: .mail, priority: .high, plannedAt: Sample.at(20), writer)
                let other = try Sample.planned(
                    "sms-b", order: Sample.order(2), customer: "CU2", kind: .riskHold, plannedAt: Sample.at(30), writer)
                _ = try writer.settle(other, as: .dead, reason: .addressDead, nextAt: nil, at: Sample.at(31))
                return (sms, mail, other)
            }
            func found(_ change: @escaping @Sendable (inout DeliveryFilter) -> Void) async throws -> [DeliveryID] {
                var filter = DeliveryFilter(limit: 9)
                change(&filter)
                let wanted = filter
                let ids = try await store.read { try $0.deliveries(fitting: wanted) }.map(\.id)
                let count = try await store.read { try $0.counts(fitting: wanted, CountedWords()) }.total
                if filter.before == nil, filter.limit == 9 { #expect(count == ids.count) }
                return ids
            }
            #expect(try await found { _ in } == [other, mail, sms])
            #expect(try await found { $0[.channel].only = ["mail", "push"] } == [mail])
            #expect(try await found { $0[.channel].not = ["mail"] } == [other, sms])
            #expect(try await found { $0[.state].only = ["dead"] } == [other])
            #expect(try await found { $0[.state].not = ["dead"] } == [mail, sms])
            #expect(try await found { $0[.account].only = ["sms-main"] } == [sms])
            #expect(try await found { $0[.account].not = ["sms-main"] } == [other, mail])
            #expect(try await found { $0[.priority].only = ["high"] } == [mail])
            #expect(try await found { $0[.priority].not = ["high"] } == [other, sms])
            #expect(try await found { $0[.reason].only = ["address_dead"] } == [other])
            #expect(try await found { $0[.reason].only = ["first"] }.count == 3)
            #expect(try await found { $0[.reason].not = ["address_dead"] } == [mail, sms])
            #expect(try await found { $0[.kind].only = ["risk_hold"] } == [other])
            #expect(try await found { $0[.kind].not = ["risk_hold"] } == [mail, sms])
            #expect(try await found { $0[.stage].only = ["opened"] }.count == 3)
            #expect(try await found { $0[.stage].not = ["opened"] }.isEmpty)
            #expect(try await found { $0[.locale].only = ["zh-Hans"] }.count == 3)
            #expect(try await found { $0[.locale].only = ["en"] }.isEmpty)
            #expect(try await found { $0[.bank].only = ["ICBC"] }.count == 3)
            #expect(try await found { $0[.bank].not = ["ICBC"] }.isEmpty)
            #expect(
                try await found {
                    $0[.rail].only = ["cnaps"]; $0[.kind].only = ["risk_hold"]
                } == [other])
            #expect(try await found { $0.order = Sample.order(1) } == [mail, sms])
            #expect(try await found { $0.customer = "CU2" } == [other])
            #expect(try await found { $0.customer = "nobody" }.isEmpty)
            #expect(try await found { ($0.since, $0.until) = (Sample.at(20), Sample.at(30)) } == [mail])
            #expect(try await found { $0.limit = 1 } == [other])
            #expect(try await found { ($0.limit, $0.before) = (1, other) } == [mail])
            #expect(
                try await found {
                    $0[.kind].only = ["bank_delay"]; ($0.limit, $0.before) = (1, mail)
                } == [sms])
            let held = CountedWords {
                $0.state == .dead
            } topic: {
                $0.kind == .riskHold
            }
            var counts = DeliveryCounts()
            counts.total = 1
            (counts.accounts, counts.banks, counts.locales, counts.priorities) = (["sms-b": 1], ["ICBC": 1], [.zhHans: 1], [.normal: 1])
            (counts.topics, counts.reasons) = ([.init(kind: .riskHold, stage: .opened): 1], [.addressDead: 1])
            counts.standings = [.init(channel: .sms, state: .dead, reason: .addressDead, isRead: false): 1]
            #expect(try await store.read { try $0.counts(fitting: DeliveryFilter(), held) } == counts)
            #expect(
                try await store.read { try $0.counts(fitting: DeliveryFilter(), CountedWords()) }.reasons == [.addressDead: 1, .first: 2])
        },
        Claim("what people said of a delivery is kept in its order, and read newest first by pages") { store in
            let (delivery, other) = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                let other = try Sample.planned("dlv_2", writer)
                for (n, id) in [delivery, other, delivery].enumerated() {
                    let verdict = Judgement(delivery: id, isRight: n == 0, who: "lee", note: "note \(n)", at: Sample.at(n))
                    #expect(try writer.insert(verdict) == Int64(n + 1))
                }
                return (delivery, other)
            }
            let (own, all, rest) = try await store.read { reader in
                (
                    try reader.verdicts(ofDelivery: delivery), try reader.verdicts(before: nil, limit: 2),
                    try reader.verdicts(before: 2, limit: 9)
                )
            }
            #expect(own.map(\.note) == ["note 0", "note 2"] && own.map(\.isRight) == [true, false] && own[0].who == "lee")
            #expect(all.map(\.delivery) == [delivery, other] && rest.map(\.id) == [1] && rest[0].at == Sample.at(0))
        },
        Claim("an item in the app is found by whether it was read") { store in
            try await store.write { writer in
                let episode = try writer.save(Sample.episode("an-1"))
                for name in ["a", "b"] {
                    _ = try Sample.file(
                        writer, Sample.notice(episode: episode),
                        Sample.delivery(name, channel: .inApp, state: .delivered, address: Sensitive(.inbox), nextAt: nil),
                        inApp: ("t", "b"))
                }
                let item = try writer.inbox(customer: "CU1", unreadOnly: false, before: nil, limit: 1)[0]
                _ = try writer.mark(inboxItem: item.publicID, customer: "CU1", seen: nil, read: Sample.at(50))
            }
            for isRead in [true, false] {
                var filter = DeliveryFilter(limit: 9)
                filter.isRead = isRead
                let wanted = filter
                let found = try await store.read { try $0.deliveries(fitting: wanted) }
                #expect(found.map { $0.readAt != nil } == [isRead])
            }
        },
    ]
}
