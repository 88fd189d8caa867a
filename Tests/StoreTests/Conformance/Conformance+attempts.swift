import Core
import Store
import Testing

extension Conformance {
    static let attempts: [Claim] = [
        Claim("an intent takes a waiting delivery once") { store in
            let (delivery, first, second) = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                let first = try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), at: Sample.at(11))
                let second = try writer.begin(Sample.attempt("att_2", delivery: delivery, number: 2, writer), at: Sample.at(12))
                return (delivery, first, second)
            }
            #expect(first != nil && second == nil)
            let (taken, intents) = try await store.read { (try $0.delivery(delivery), try $0.openIntents()) }
            #expect(taken?.state == .inflight && taken?.tries == 1 && taken?.account == "twilio-1" && taken?.nextAt == nil)
            #expect(intents.map(\.publicID) == ["att_1"])
        },
        Claim("an attempt is read as it was written, and its sealed bytes open") { store in
            let delivery = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                _ = try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), at: Sample.at(11))
                return delivery
            }
            let (attempt, content, call, key) = try await store.read { reader in
                let attempt = try reader.attempts(ofDelivery: delivery)[0]
                return (
                    attempt, try reader.unseal(attempt.content), try reader.unseal(attempt.call), try reader.pseudonym(ofCustomer: "CU1")
                )
            }
            #expect(attempt.publicID == "att_1" && attempt.delivery == delivery && attempt.number == 1 && attempt.state == .intent)
            #expect(
                attempt.account == "twilio-1" && attempt.idempotencyKey.utf8.count == 32
                    && attempt.digest == [UInt8](repeating: 5, count: 32))
            #expect(
                attempt.startedAt == Sample.at(11) && attempt.deadline == Sample.at(26) && attempt.bootID == "boot-1"
                    && attempt.recorderSlot == 3)
            #expect(attempt.finishedAt == nil && attempt.outcome == nil && attempt.detail == nil && attempt.providerID == nil)
            #expect(
                String(decoding: content, as: UTF8.self) == "content of att_1" && String(decoding: call, as: UTF8.self) == "call of att_1")
            #expect(attempt.content.key == key)
        },
        Claim("how a delivery stands is told without opening it, and with every attempt that may have been taken") { store in
            let delivery = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                let id = try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), at: Sample.at(11))!
                #expect(
                    try writer.standing(ofDelivery: delivery)
                        == DeliveryStanding(state: .inflight, isCancelWanted: false, tries: 1, mayBeThere: false))
                let lost = AttemptResult(state: .ambiguous, outcome: .ambiguous, detail: "curl-52")
                _ = try writer.finish(id, as: lost, delivery: .retryWait, reason: .ambiguous, nextAt: Sample.at(30), at: Sample.at(12))
                return delivery
            }
            let waiting = DeliveryStanding(state: .retryWait, isCancelWanted: false, tries: 1, mayBeThere: true)
            #expect(try await store.read { try $0.standing(ofDelivery: delivery) } == waiting)
            #expect(try await store.read { try $0.standing(ofDelivery: delivery + 1) } == nil)
            try await store.write { writer in
                _ = try writer.begin(Sample.attempt("att_2", delivery: delivery, number: 2, writer), at: Sample.at(30))
                let episode = try writer.delivery(delivery)!.episode
                _ = try writer.cancelWaiting(ofEpisode: episode, reason: .superseded, at: Sample.at(31))
            }
            let again = DeliveryStanding(state: .inflight, isCancelWanted: true, tries: 2, mayBeThere: true)
            #expect(try await store.read { try $0.standing(ofDelivery: delivery) } == again)
        },
        Claim("the marks of a notice change on its channel only") { store in
            let statuses = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                let notice = try writer.notice(try writer.delivery(delivery)!.notice)!
                for channel in [Channel.sms, .push] {
                    try writer.save(
                        DedupeMark(
                            order: notice.order, anomaly: notice.anomaly, audience: notice.audience, recipient: notice.customer,
                            channel: channel, status: .reserved, stage: notice.stage, funds: nil, step: nil, etaBucket: nil,
                            priority: notice.priority, toldAt: Sample.at(1)))
                }
                try writer.setMarks(.committed, ofNotice: notice.id, channel: .push)
                return try writer.dedupeMarks(anomaly: notice.anomaly, audience: notice.audience).map { [$0.channel: $0.status] }
            }
            #expect(Set(statuses) == [[.sms: .reserved], [.push: .committed]])
        },
        Claim("an attempt's number is used once for a delivery") { store in
            let delivery = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                let id = try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), at: Sample.at(11))!
                _ = try writer.finish(
                    id, as: AttemptResult(state: .notSent, outcome: .notSent, detail: "curl-7"), delivery: .retryWait,
                    reason: .providerUnreachable,
                    nextAt: Sample.at(30), at: Sample.at(12))
                return delivery
            }
            await expectFailure(store, where: isIntegrity) {
                _ = try $0.begin(Sample.attempt("att_2", delivery: delivery, number: 1, $0), at: Sample.at(30))
            }
            #expect(try await store.read { try $0.delivery(delivery)?.state } == .retryWait, "the failed closure left nothing")
            let second = try await store.write {
                try $0.begin(Sample.attempt("att_2", delivery: delivery, number: 2, $0), at: Sample.at(30))
            }
            #expect(second != nil)
            #expect(try await store.read { try $0.delivery(delivery)?.tries } == 2)
            #expect(try await store.read { try $0.attempts(ofDelivery: delivery).map(\.number) } == [1, 2])
        },
        Claim("an outcome counts once, and the delivery follows it") { store in
            let (delivery, attempt) = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                return (delivery, try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), at: Sample.at(11))!)
            }
            let accepted = AttemptResult(state: .accepted, outcome: .accepted, detail: "201", providerID: "SM1")
            let rejected = AttemptResult(state: .rejected, outcome: .badRecipient, detail: "400 21211")
            let first = try await store.write {
                try $0.finish(attempt, as: accepted, delivery: .sent, reason: nil, nextAt: nil, at: Sample.at(12))
            }
            let second = try await store.write {
                try $0.finish(attempt, as: rejected, delivery: .dead, reason: nil, nextAt: nil, at: Sample.at(13))
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
                return (delivery, try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), at: Sample.at(11))!)
            }
            let ambiguous = AttemptResult(state: .ambiguous, outcome: .ambiguous, detail: "curl-52")
            _ = try await store.write {
                try $0.finish(attempt, as: ambiguous, delivery: .ambiguous, reason: .ambiguous, nextAt: nil, at: Sample.at(12))
            }
            #expect(try await store.read { try $0.attempts(in: .ambiguous, limit: 9).map(\.id) } == [attempt])
            #expect(try await store.read { try $0.deliveries(in: .ambiguous, limit: 9).map(\.id) } == [delivery])
            let accepted = AttemptResult(state: .accepted, outcome: .accepted, detail: "receipt", providerID: "SM9")
            let answers = try await store.write { writer in
                [
                    try writer.finish(attempt, as: accepted, delivery: .sent, reason: nil, nextAt: nil, at: Sample.at(40)),
                    try writer.finish(attempt, as: accepted, delivery: .sent, reason: nil, nextAt: nil, at: Sample.at(41)),
                ]
            }
            #expect(answers == [true, false])
            #expect(try await store.read { try $0.attempts(in: .accepted, limit: 9).map(\.finishedAt) } == [Sample.at(40)])
            #expect(try await store.read { try $0.attempts(in: .ambiguous, limit: 9) }.isEmpty)
        },
        Claim("a retry waits for its time and keeps the reason") { store in
            let (delivery, attempt) = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                return (delivery, try writer.begin(Sample.attempt("att_1", delivery: delivery, number: 1, writer), at: Sample.at(11))!)
            }
            let refused = AttemptResult(state: .rejected, outcome: .throttled, detail: "429")
            _ = try await store.write {
                try $0.finish(
                    attempt, as: refused, delivery: .retryWait, reason: .providerRefused, nextAt: Sample.at(60), at: Sample.at(12))
            }
            let (early, due) = try await store.read {
                (try $0.dueDeliveries(at: Sample.at(59), limit: 9), try $0.dueDeliveries(at: Sample.at(60), limit: 9))
            }
            #expect(early.isEmpty && due.map(\.id) == [delivery] && due.first?.reason == .providerRefused)
        },
    ]

    static let timers: [Claim] = [
        Claim("a timer is armed once for its step and subject") { store in
            let ids = try await store.write { writer in
                [
                    try writer.arm(StoredTimer(step: .fallback, episode: 1, notice: 2, argument: 0, due: Sample.at(5))),
                    try writer.arm(StoredTimer(step: .fallback, episode: 1, notice: 2, argument: 0, due: Sample.at(9))),
                    try writer.arm(StoredTimer(step: .fallback, episode: 1, notice: 2, argument: 1, due: Sample.at(7))),
                    try writer.arm(StoredTimer(step: .promise, episode: 1, notice: 2, argument: 0, due: Sample.at(8))),
                    try writer.arm(StoredTimer(step: .storm, incident: "inc-1", due: Sample.at(6))),
                ]
            }
            #expect(ids[1] == nil && Set(ids.compactMap { $0 }).count == 4)
            let (due, ofEpisode) = try await store.read { (try $0.dueTimers(at: Sample.at(7), limit: 2), try $0.timers(ofEpisode: 1)) }
            #expect(due.map(\.due) == [Sample.at(5), Sample.at(6)])
            #expect(due[1].incident == "inc-1" && due[1].step == .storm && due[1].state == .armed)
            #expect(ofEpisode.map(\.argument) == [0, 1, 0] && ofEpisode[0].notice == 2)
        },
        Claim("a timer fires once, and never after it was cancelled") { store in
            let (one, two) = try await store.write { writer in
                (
                    try writer.arm(StoredTimer(step: .promise, episode: 1, due: Sample.at(5)))!,
                    try writer.arm(StoredTimer(step: .reminder, episode: 1, due: Sample.at(5)))!
                )
            }
            let fired = try await store.write { [try $0.fire(one, at: Sample.at(6)), try $0.fire(one, at: Sample.at(7))] }
            #expect(fired == [true, false])
            try await store.write { try $0.cancelTimers(ofEpisode: 1) }
            #expect(try await store.write { try $0.fire(two, at: Sample.at(8)) } == false)
            let (due, all) = try await store.read { (try $0.dueTimers(at: Sample.at(99), limit: 9), try $0.timers(ofEpisode: 1)) }
            #expect(due.isEmpty && all.map(\.state) == [.fired, .cancelled])
            #expect(try await store.write { try $0.arm(StoredTimer(step: .promise, episode: 1, due: Sample.at(9))) } == nil)
        },
    ]
}
