import Core
import Store
import Testing

extension Conformance {
    static let attempts: [Claim] = [
        Claim("an intent takes a waiting delivery once") { store in
            let (delivery, first, second) = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                let first = try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), log: .null, at: Sample.at(11))
                let second = try writer.begin(Sample.attempt("att_2", delivery: delivery, number: 2, writer), log: .null, at: Sample.at(12))
                return (delivery, first, second)
            }
            #expect(first != nil && second == nil)
            let (taken, intents) = try await store.read { (try $0.delivery(delivery), try $0.openIntents()) }
            #expect(taken?.state == .inflight && taken?.tries == 1 && taken?.account == "twilio-1" && taken?.nextAt == nil)
            #expect(intents.map(\.number) == [1])
        },
        Claim("an attempt is read as it was written, and its sealed bytes open") { store in
            let delivery = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                _ = try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), log: .null, at: Sample.at(11))
                return delivery
            }
            let (attempt, bytes) = try await store.read { reader in
                let attempt = try reader.attempts(ofDelivery: delivery)[0]
                return (attempt, try reader.bytes(of: attempt.id))
            }
            #expect(
                attempt.publicID.hasPrefix("att_") && attempt.publicID.count == 30 && attempt.delivery == delivery && attempt.number == 1
                    && attempt.state == .intent)
            #expect(
                attempt.account == "twilio-1" && attempt.idempotencyKey.utf8.count == 32
                    && attempt.digest == [UInt8](repeating: 5, count: 32))
            #expect(
                attempt.startedAt == Sample.at(11) && attempt.deadline == Sample.at(26) && attempt.bootID == "boot-1"
                    && attempt.recorderSlot == 3)
            #expect(attempt.finishedAt == nil && attempt.outcome == nil && attempt.detail == nil && attempt.providerID == nil)
            #expect(bytes == AttemptBytes(content: Array("content of att_1".utf8), call: Array("call of att_1".utf8)))
        },
        Claim("what leaves with its notice is in flight, in the log, and its sealed bytes open") { store in
            let delivery = try await store.write { writer in
                let episode = try writer.save(Sample.episode("an-1"))
                var notice = Sample.notice(episode: episode)
                var deliveries = [Sample.delivery("dlv_1"), Sample.delivery("dlv_2", channel: .push, address: Sample.device)]
                try writer.name(&notice, &deliveries)
                let attempt = try Sample.attempt("att_1", delivery: deliveries[0].id, number: 1, writer)
                (deliveries[0].state, deliveries[0].tries, deliveries[0].nextAt) = (.inflight, 1, nil)
                notice.kind = .riskHold
                try writer.insert(notice, deliveries: deliveries, inApp: nil, sent: [(deliveries[0].id, attempt.bytes)])
                _ = try writer.start(attempt, log: LogBody(["number": 1]), at: Sample.at(11))
                return deliveries[0]
            }
            try await store.read { reader in
                let attempt = try reader.attempts(ofDelivery: delivery.id)[0]
                #expect(try reader.openIntents().map(\.id) == [attempt.id])
                let bytes = AttemptBytes(content: Array("content of att_1".utf8), call: Array("call of att_1".utf8))
                #expect(try reader.bytes(of: attempt.id) == bytes)
                let stored = try reader.delivery(delivery.id)
                #expect(stored?.publicID == delivery.publicID && stored?.state == .inflight && stored?.tries == 1 && stored?.nextAt == nil)
                #expect(stored?.address == Sample.phone)
                #expect(try reader.notice(delivery.notice)?.facts == Sample.facts())
                #expect(try reader.log(ofDelivery: delivery.id).map(\.entry.act) == [.intent])
                #expect(try reader.dueHeads(on: .sms, at: Sample.at(100), limit: 9).isEmpty)
                #expect(try reader.dueHeads(on: .push, at: Sample.at(100), limit: 9).count == 1)
                // It was not said to leave with its notice.
                #expect(throws: StoreError.self) { try reader.bytes(of: (delivery.id + 1) << 10 | 1) }
            }
            // A second attempt has bytes of its own.
            try await store.write { writer in
                let first = try writer.attempts(ofDelivery: delivery.id)[0]
                let refused = AttemptResult(state: .notSent, outcome: .notSent, detail: "curl-7")
                _ = try writer.finish(
                    first.id, as: refused, delivery: .retryWait, reason: nil, nextAt: Sample.at(30), log: .null, order: Sample.order(1),
                    at: Sample.at(12))
                let second = try writer.begin(
                    Sample.attempt("att_2", delivery: delivery.id, number: 2, writer), log: .null, at: Sample.at(30))!
                #expect(try writer.bytes(of: second)?.call == Array("call of att_2".utf8))
            }
        },
        Claim("how a delivery stands is told without opening it, and with every attempt that may have been taken") { store in
            let (delivery, expires) = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                let expires = try writer.delivery(delivery)!.expires
                let id = try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), log: .null, at: Sample.at(11))!
                #expect(
                    try writer.standing(ofDelivery: delivery)
                        == DeliveryStanding(state: .inflight, isCancelWanted: false, tries: 1, mayBeThere: false, expires: expires))
                let lost = AttemptResult(state: .ambiguous, outcome: .ambiguous, detail: "curl-52")
                _ = try writer.finish(
                    id, as: lost, delivery: .retryWait, reason: .ambiguous, nextAt: Sample.at(30), log: .null, order: Sample.order(1),
                    at: Sample.at(12))
                return (delivery, expires)
            }
            let waiting = DeliveryStanding(state: .retryWait, isCancelWanted: false, tries: 1, mayBeThere: true, expires: expires)
            #expect(try await store.read { try $0.standing(ofDelivery: delivery) } == waiting)
            #expect(try await store.read { try $0.standing(ofDelivery: delivery + 1) } == nil)
            try await store.write { writer in
                _ = try writer.begin(Sample.attempt("att_2", delivery: delivery, number: 2, writer), log: .null, at: Sample.at(30))
                let episode = try writer.delivery(delivery)!.episode
                _ = try writer.cancelWaiting(ofEpisode: episode, reason: .superseded, at: Sample.at(31))
            }
            let again = DeliveryStanding(state: .inflight, isCancelWanted: true, tries: 2, mayBeThere: true, expires: expires)
            #expect(try await store.read { try $0.standing(ofDelivery: delivery) } == again)
        },
        Claim("a mark is what was told last, and follows what becomes of the delivery") { store in
            func statuses() async throws -> [Channel: DedupeMark.Status] {
                let marks = try await store.read { try $0.dedupeMarks(anomaly: "an-1", audience: .customer) }
                return Dictionary(uniqueKeysWithValues: marks.map { ($0.channel, $0.status) })
            }
            let (notice, episode, filed) = try await store.write { writer in
                let episode = try writer.save(Sample.episode("an-1"))
                var notice = Sample.notice(episode: episode)
                notice.told = ToldState(funds: .held, step: "x", etaBucket: 489_722, repeats: 2)
                let filed = try Sample.file(
                    writer, notice, Sample.delivery("sms"),
                    Sample.delivery("push", channel: .push, state: .blocked, address: Sensitive(.inbox)),
                    Sample.delivery("app", channel: .inApp, state: .delivered, address: Sensitive(.inbox)))
                return (notice, episode, filed)
            }
            #expect(try await statuses() == [.sms: .reserved, .inApp: .committed])
            let mark = try await store.read { try $0.dedupeMarks(anomaly: "an-1", audience: .customer)[0] }
            let expected = DedupeMark(
                order: notice.order, anomaly: "an-1", audience: .customer, recipient: "CU1", channel: .sms, status: .reserved,
                stage: .opened, told: notice.told, priority: .normal, toldAt: Sample.at(10))
            #expect(mark == expected)
            _ = try await store.write { try $0.settle(filed[0].id, as: .expired, reason: nil, nextAt: nil, at: Sample.at(11)) }
            #expect(try await statuses() == [.sms: .released, .inApp: .committed])
            // A newer notice takes its place, and staff have marks of their own.
            _ = try await store.write { writer in
                var newer = Sample.notice(episode: episode)
                newer.stage = .progress
                _ = try Sample.file(writer, newer, Sample.delivery("sms", plannedAt: Sample.at(20)))
                _ = try Sample.file(writer, Sample.notice(episode: 0, customer: "staff", audience: .staff), Sample.delivery("staff"))
            }
            let (marks, staff) = try await store.read {
                (try $0.dedupeMarks(anomaly: "an-1", audience: .customer), try $0.dedupeMarks(anomaly: "an-1", audience: .staff))
            }
            #expect(marks.map(\.stage) == [.progress, .opened] && marks[0].status == .reserved)
            #expect(staff.map(\.recipient) == ["staff"])
        },
        Claim("what a customer was sent is counted by channel, without what never left") { store in
            let since = Sample.at(10)
            let ids = try await store.write { writer in
                let episode = try writer.save(Sample.episode("an-1"))
                var notice = Sample.notice(episode: episode)
                let mail = Sensitive(Address.mail(MailAddress("a@example.com")!))
                let first = try Sample.file(
                    writer, notice, Sample.delivery("sms"), Sample.delivery("mail", channel: .mail, state: .sent, address: mail),
                    Sample.delivery("app", channel: .inApp, state: .delivered, address: Sensitive(.inbox)),
                    Sample.delivery("push", channel: .push, state: .blocked, address: Sensitive(.inbox)))
                notice.isCounted = false
                let second = try Sample.file(writer, notice, Sample.delivery("sms"))
                notice.plannedAt = Sample.at(5)
                _ = try Sample.file(writer, notice, Sample.delivery("sms", plannedAt: Sample.at(5)))
                return first.map(\.id) + second.map(\.id)
            }
            func used() async throws -> (Set<Usage>, Set<Usage>) {
                try await store.read { (Set(try $0.usage(ofCustomer: "CU1", since: since)), Set(try $0.usage(ofAnomaly: "an-1"))) }
            }
            let sms = Usage(channel: .sms, isCounted: true, count: 1), mail = Usage(channel: .mail, isCounted: true, count: 1)
            #expect(
                try await used() == (
                    [sms, mail, Usage(channel: .sms, isCounted: false, count: 1)],
                    [sms, mail, Usage(channel: .sms, isCounted: false, count: 2)]
                ))
            try await store.write { writer in
                for id in [ids[0], ids[4]] { _ = try writer.settle(id, as: .cancelled, reason: nil, nextAt: nil, at: Sample.at(11)) }
            }
            #expect(try await used() == ([mail], [mail, Usage(channel: .sms, isCounted: false, count: 1)]))
            #expect(try await store.read { try $0.usage(ofCustomer: "CU2", since: since) }.isEmpty)
        },
        Claim("an attempt's number is used once for a delivery") { store in
            let delivery = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                let id = try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), log: .null, at: Sample.at(11))!
                _ = try writer.finish(
                    id, as: AttemptResult(state: .notSent, outcome: .notSent, detail: "curl-7"), delivery: .retryWait,
                    reason: .providerUnreachable,
                    nextAt: Sample.at(30), log: .null, order: Sample.order(1), at: Sample.at(12))
                return delivery
            }
            await expectFailure(store, where: isIntegrity) {
                _ = try $0.begin(Sample.attempt("att_2", delivery: delivery, number: 1, $0), log: .null, at: Sample.at(30))
            }
            #expect(try await store.read { try $0.delivery(delivery)?.state } == .retryWait, "the failed closure left nothing")
            let second = try await store.write {
                try $0.begin(Sample.attempt("att_2", delivery: delivery, number: 2, $0), log: .null, at: Sample.at(30))
            }
            #expect(second != nil)
            #expect(try await store.read { try $0.delivery(delivery)?.tries } == 2)
            #expect(try await store.read { try $0.attempts(ofDelivery: delivery).map(\.number) } == [1, 2])
        },
        Claim("an outcome counts once, and the delivery follows it") { store in
            let (delivery, attempt) = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                return (
                    delivery,
                    try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), log: .null, at: Sample.at(11))!
                )
            }
            let accepted = AttemptResult(state: .accepted, outcome: .accepted, detail: "201", providerID: "SM1")
            let rejected = AttemptResult(state: .rejected, outcome: .badRecipient, detail: "400 21211")
            let first = try await store.write {
                try $0.finish(
                    attempt, as: accepted, delivery: .sent, reason: nil, nextAt: nil, log: .null, order: Sample.order(1), at: Sample.at(12))
            }
            let second = try await store.write {
                try $0.finish(
                    attempt, as: rejected, delivery: .dead, reason: nil, nextAt: nil, log: .null, order: Sample.order(1), at: Sample.at(13))
            }
            #expect(first && !second)
            let (sent, done, open) = try await store.read {
                (try $0.delivery(delivery), try $0.attempts(ofDelivery: delivery)[0], try $0.openIntents())
            }
            #expect(sent?.state == .sent && sent?.providerID == "SM1" && sent?.changedAt == Sample.at(12))
            #expect(
                done.state == .accepted && done.outcome == .accepted && done.detail == "201" && done.providerID == "SM1"
                    && done.finishedAt == Sample.at(12))
            #expect(open.isEmpty)
        },
        Claim("an ambiguous attempt is listed until it is settled, once") { store in
            let (delivery, attempt) = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                return (
                    delivery,
                    try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), log: .null, at: Sample.at(11))!
                )
            }
            let ambiguous = AttemptResult(state: .ambiguous, outcome: .ambiguous, detail: "curl-52")
            _ = try await store.write {
                try $0.finish(
                    attempt, as: ambiguous, delivery: .ambiguous, reason: .ambiguous, nextAt: nil, log: .null, order: Sample.order(1),
                    at: Sample.at(12))
            }
            #expect(try await store.read { try $0.attempts(in: .ambiguous, limit: 9).map(\.id) } == [attempt])
            #expect(try await store.read { try $0.deliveries(in: .ambiguous, limit: 9).map(\.id) } == [delivery])
            let accepted = AttemptResult(state: .accepted, outcome: .accepted, detail: "receipt", providerID: "SM9")
            let answers = try await store.write { writer in
                [
                    try writer.finish(
                        attempt, as: accepted, delivery: .sent, reason: nil, nextAt: nil, log: .null, order: Sample.order(1),
                        at: Sample.at(40)),
                    try writer.finish(
                        attempt, as: accepted, delivery: .sent, reason: nil, nextAt: nil, log: .null, order: Sample.order(1),
                        at: Sample.at(41)),
                ]
            }
            #expect(answers == [true, false])
            #expect(try await store.read { try $0.attempts(in: .accepted, limit: 9).map(\.finishedAt) } == [Sample.at(40)])
            #expect(try await store.read { try $0.attempts(in: .ambiguous, limit: 9) }.isEmpty)
        },
        Claim("a retry waits for its time and keeps the reason") { store in
            let (delivery, attempt) = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                return (
                    delivery,
                    try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), log: .null, at: Sample.at(11))!
                )
            }
            let refused = AttemptResult(state: .rejected, outcome: .throttled, detail: "429")
            _ = try await store.write {
                try $0.finish(
                    attempt, as: refused, delivery: .retryWait, reason: .providerRefused, nextAt: Sample.at(60), log: .null,
                    order: Sample.order(1), at: Sample.at(12))
            }
            let (early, due) = try await store.read {
                (try $0.dueHeads(on: .sms, at: Sample.at(59), limit: 9), try $0.dueHeads(on: .sms, at: Sample.at(60), limit: 9))
            }
            #expect(early.isEmpty && due.map(\.id) == [delivery] && due.first?.reason == .providerRefused)
        },
    ]

    static let timers: [Claim] = [
        Claim("a timer is armed once for its step and subject") { store in
            let armed = try await store.write { writer in
                [
                    try writer.arm(StoredTimer(step: .fallback, episode: 1, notice: 2, argument: 0, due: Sample.at(5))),
                    try writer.arm(StoredTimer(step: .fallback, episode: 1, notice: 2, argument: 0, due: Sample.at(9))),
                    try writer.arm(StoredTimer(step: .fallback, episode: 1, notice: 2, argument: 1, due: Sample.at(7))),
                    try writer.arm(StoredTimer(step: .promise, episode: 1, notice: 2, argument: 0, due: Sample.at(8))),
                    try writer.arm(StoredTimer(step: .storm, incident: "inc-1", due: Sample.at(6))),
                ]
            }
            #expect(armed == [true, false, true, true, true])
            let (due, ofEpisode) = try await store.read { (try $0.dueTimers(at: Sample.at(7), limit: 2), try $0.timers(ofEpisode: 1)) }
            #expect(due.map(\.due) == [Sample.at(5), Sample.at(6)])
            #expect(due[1].incident == "inc-1" && due[1].step == .storm && due[1].state == .armed)
            #expect(ofEpisode.map(\.argument) == [0, 1, 0] && ofEpisode[0].notice == 2)
        },
        Claim("a timer moves while it is armed, to and fro, and not afterwards") { store in
            @Sendable func timer(_ argument: Int, at seconds: Int) -> StoredTimer {
                StoredTimer(step: .escalation, episode: 1, argument: argument, due: Sample.at(seconds))
            }
            let moved = try await store.write { writer in
                [try writer.rearm(timer(0, at: 5)), try writer.rearm(timer(0, at: 9)), try writer.rearm(timer(0, at: 7))]
            }
            #expect(moved == [true, true, true])
            let due = try await store.read { try $0.dueTimers(at: Sample.at(99), limit: 9) }
            #expect(due.map(\.due) == [Sample.at(7)])
            let after = try await store.write { writer in
                let fired = try writer.fire(timer(0, at: 7), at: Sample.at(7))
                let again = try writer.rearm(timer(0, at: 20))
                _ = try writer.arm(timer(1, at: 8))
                try writer.cancelTimers(ofEpisode: 1)
                return [fired, again, try writer.rearm(timer(1, at: 20))]
            }
            #expect(after == [true, false, false])
            #expect(try await store.read { try $0.nextTimer() } == nil)
        },
        Claim("when the time goes on later, spans of time stay as long, and what hangs on the calendar keeps its moment outside the step") {
            store in
            let moved = try await store.write { writer in
                for (n, due) in [3, 15, 40].enumerated() {
                    for step in [StoredTimer.Step.fallback, .promise] {
                        _ = try writer.arm(StoredTimer(step: step, episode: 1, argument: n, due: Sample.at(due)))
                    }
                }
                let fired = StoredTimer(step: .update, episode: 1, due: Sample.at(30))
                _ = (try writer.arm(fired), try writer.fire(fired, at: Sample.at(9)))
                return try writer.postpone(dueAfter: Sample.at(10), by: .seconds(20))
            }
            #expect(moved == 3)
            let due = try await store.read { try $0.timers(ofEpisode: 1) }
            func moments(_ step: StoredTimer.Step) -> [Timestamp] { due.filter { $0.step == step }.map(\.due).sorted() }
            #expect(moments(.fallback) == [3, 35, 60].map { Sample.at($0) })
            #expect(moments(.promise) == [3, 35, 40].map { Sample.at($0) })
            #expect(moments(.update) == [Sample.at(30)])
        },
        Claim("deliveries that wait or are on the wire are moved with their time budgets") { store in
            let ids = try await store.write { writer in
                var ids: [DeliveryID] = []
                for (n, due) in [5, 15, 40].enumerated() {
                    ids.append(try Sample.planned("dlv_\(n)", order: Sample.order(n + 1), nextAt: Sample.at(due), writer))
                }
                ids.append(try Sample.planned("dlv_4", order: Sample.order(5), nextAt: Sample.at(4000), writer))
                _ = try writer.settle(ids[3], as: .ready, reason: .quietHoursDeferred, nextAt: Sample.at(4000), at: Sample.at(10))
                ids.append(try Sample.planned("dlv_5", order: Sample.order(6), writer))
                let attempt = try Sample.attempt("att_1", delivery: ids[4], number: 1, order: Sample.order(6), writer)
                _ = try writer.begin(attempt, log: .null, at: Sample.at(10))
                _ = try writer.postpone(dueAfter: Sample.at(10), by: .seconds(20))
                return ids
            }
            let found = try await store.read { reader in try ids.map { try reader.delivery($0)! } }
            #expect(found.map(\.nextAt) == [5, 35, 60, 4000, nil].map { $0.map { Sample.at($0) } })
            #expect(found.allSatisfy { $0.expires == Sample.at(9020) })
        },
        Claim("a timer fires once, and never after it was cancelled") { store in
            let one = StoredTimer(step: .promise, episode: 1, due: Sample.at(5))
            let two = StoredTimer(step: .reminder, episode: 1, due: Sample.at(5))
            let armed = try await store.write { writer in (try writer.arm(one), try writer.arm(two)) }
            #expect(armed == (true, true))
            let fired = try await store.write { writer in
                let first = try writer.fire(one, at: Sample.at(6))
                return [first, try writer.fire(one, at: Sample.at(7))]
            }
            #expect(fired == [true, false])
            try await store.write { try $0.cancelTimers(ofEpisode: 1) }
            #expect(try await store.write { try $0.fire(two, at: Sample.at(8)) } == false)
            let (due, all) = try await store.read { (try $0.dueTimers(at: Sample.at(99), limit: 9), try $0.timers(ofEpisode: 1)) }
            #expect(due.isEmpty && all.map(\.state) == [.fired, .cancelled])
            #expect(try await store.write { try $0.arm(StoredTimer(step: .promise, episode: 1, due: Sample.at(9))) } == false)
        },
    ]
}
