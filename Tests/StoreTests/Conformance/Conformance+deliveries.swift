import Core
import Store
import Testing

extension Conformance {
    static let deliveries: [Claim] = [
        Claim("a notice is read as it was written") { store in
            let (id, episode) = try await store.write { writer in
                let episode = try writer.save(Sample.episode("an-1"))
                var notice = Sample.notice(episode: episode)
                notice.told = ToldState(funds: .held, step: "x", etaBucket: 489_722, repeats: 2)
                notice.isCounted = false
                return (try writer.insert(notice, deliveries: [], inApp: nil).0, episode)
            }
            let (one, all) = try await store.read { (try $0.notice(id), try $0.notices(ofOrder: Sample.order(1))) }
            let notice = try #require(one)
            #expect(all.map(\.id) == [id])
            #expect(notice.episode == episode && notice.episodeVersion == 2 && notice.order == Sample.order(1) && notice.anomaly == "an-1")
            #expect(notice.audience == .customer && notice.customer == "CU1" && notice.kind == .bankDelay && notice.stage == .opened)
            #expect(notice.variant == "night" && notice.priority == .normal && notice.reason == .first && notice.locale == .zhHans)
            #expect(notice.timeZone == "Asia/Shanghai" && notice.privatePreview && notice.templateRevision == "r1" && notice.event == 7)
            #expect(notice.facts == Sample.facts() && notice.plannedAt == Sample.at(10) && !notice.isCounted)
            #expect(notice.told == ToldState(funds: .held, step: "x", etaBucket: 489_722, repeats: 2))
        },
        Claim("a delivery is read as it was written, with its notice's order, episode and customer") { store in
            let id = try await store.write { try Sample.planned("dlv_1", order: Sample.order(5), customer: "CU5", $0) }
            let (one, same, ofNotice) = try await store.read { reader in
                (
                    try reader.delivery(id), try reader.delivery(publicID: reader.delivery(id)!.publicID),
                    try reader.deliveries(ofNotice: reader.delivery(id)!.notice)
                )
            }
            let delivery = try #require(one)
            #expect(same?.id == id && ofNotice.map(\.id) == [id])
            #expect(delivery.order == Sample.order(5) && delivery.customer == "CU5" && delivery.episode != 0 && delivery.channel == .sms)
            #expect(delivery.priority == .normal && delivery.state == .ready && delivery.reason == .first && delivery.mode == .capture)
            #expect(delivery.address == Sample.phone && delivery.maskedAddress == MaskedAddress(Sample.phone))
            #expect(
                delivery.nextAt == Sample.at(10) && delivery.expires == Sample.at(9000) && delivery.tries == 0 && !delivery.cancelWanted)
            #expect(delivery.account == "dlv_1" && delivery.providerID == nil && delivery.plannedAt == Sample.at(10))
        },
        Claim("a notice has one delivery on a channel, and a delivery has a notice") { store in
            let again = try await store.write { writer in
                let (notice, first) = try writer.insert(Sample.notice(episode: 1), deliveries: [Sample.delivery("dlv_1")], inApp: nil)
                let second = try writer.insert(Sample.delivery("dlv_2", notice: notice))
                let other = try writer.insert(
                    Sample.delivery("dlv_3", notice: notice, channel: .inApp, state: .delivered, address: Sensitive(.inbox)))
                let mail = Sensitive(Address.mail(MailAddress("later@example.com")!))
                let later = try writer.insert(Sample.delivery("dlv_4", notice: notice, channel: .mail, address: mail))
                return (first.count, second, other, later)
            }
            #expect(again.0 == 1 && again.1 == nil)
            let (other, later) = (try #require(again.2), try #require(again.3))
            #expect(try await store.read { try $0.delivery(publicID: other.publicID)?.address } == Sensitive(.inbox))
            #expect(try await store.read { try $0.delivery(publicID: later.publicID)?.address } == later.address)
            await expectFailure(store, where: isIntegrity) { writer in
                _ = try Sample.file(writer, Sample.notice(episode: 1), Sample.delivery("dlv_8"), Sample.delivery("dlv_9"))
            }
            await expectFailure(store, where: isIntegrity) { _ = try $0.insert(Sample.delivery("dlv_9", notice: 99)) }
            await expectFailure(store, where: isIntegrity) { writer in
                _ = try Sample.file(writer, Sample.notice(episode: 1), Sample.delivery("dlv_9", channel: .mail, address: Sample.phone))
            }
        },
        Claim("due deliveries come lane by lane, then by time, within the limit; one in twenty is low whatever else waits") { store in
            try await store.write { writer in
                _ = try Sample.planned("dlv_low", priority: .low, nextAt: Sample.at(1), writer)
                _ = try Sample.planned("dlv_normal_late", priority: .normal, nextAt: Sample.at(9), writer)
                _ = try Sample.planned("dlv_normal", priority: .normal, nextAt: Sample.at(2), writer)
                _ = try Sample.planned("dlv_high", priority: .high, nextAt: Sample.at(8), writer)
                let token = Sensitive(Address.device(PushToken("tok")!))
                _ = try Sample.file(
                    writer, Sample.notice(episode: 1), Sample.delivery("dlv_push", channel: .push, address: token, nextAt: Sample.at(3)))
                _ = try Sample.planned("dlv_future", priority: .high, nextAt: Sample.at(11), writer)
                _ = try Sample.planned("dlv_at_once", priority: .high, nextAt: nil, plannedAt: Sample.at(7), writer)
            }
            let (all, two) = try await store.read {
                (try $0.dueHeads(on: .sms, at: Sample.at(10), limit: 9), try $0.dueHeads(on: .sms, at: Sample.at(10), limit: 3))
            }
            #expect(all.map(\.account) == ["dlv_at_once", "dlv_high", "dlv_low", "dlv_normal", "dlv_normal_late"])
            func heads(_ limit: Int, others: Int) async throws -> [String?] {
                try await store.read { try $0.dueHeads(on: .sms, at: Sample.at(10), limit: limit, others: others) }.map(\.account)
            }
            #expect(try await heads(9, others: 2) == ["dlv_at_once", "dlv_high", "dlv_low", "dlv_normal"])
            #expect(try await heads(9, others: 0) == ["dlv_at_once", "dlv_high", "dlv_low"], "who sends knows whether it may")
            #expect(try await heads(3, others: 0) == ["dlv_at_once", "dlv_high"], "few are for what is high")
            #expect(try await store.read { try $0.dueHeads(on: .push, at: Sample.at(10), limit: 9) }.map(\.account) == ["dlv_push"])
            #expect(two.map(\.account) == ["dlv_at_once", "dlv_high", "dlv_normal"])
        },
        Claim("what is remembered of an account takes the place of what was") { store in
            var standing = AccountStanding(account: "sms-a", changedAt: Sample.at(1))
            standing.opening = AccountStanding.Opening(since: Sample.at(1), until: Sample.at(31), count: 3)
            (standing.heldUntil, standing.lastFailure) = (Sample.at(5), "transient: 503")
            var paused = AccountStanding(account: "sms-b", changedAt: Sample.at(2))
            paused.pause = AccountStanding.Pause(who: "lee", reason: "INC-\u{1}\"88\"", at: Sample.at(2))
            paused.measure.window = .init(size: 1, threshold: 2.5)
            (paused.measure.bucket, paused.measure.trust) = (.init(tokens: 1e-17 / 3, at: Sample.at(3)), 0.8 * 0.9)
            let first = [standing, paused]
            try await store.write { for standing in first { try $0.save(standing) } }
            #expect(try await store.read { try $0.accountStandings() } == first)
            let closed = AccountStanding(account: "sms-a", changedAt: Sample.at(9))
            try await store.write { try $0.save(closed) }
            #expect(try await store.read { try $0.accountStandings() } == [closed, paused])
        },
        Claim("the next thing due is the earliest waiting delivery or armed timer") { store in
            @Sendable func next(_ reader: any StoreReader) throws -> Timestamp? {
                NextDue(delivery: try reader.nextDelivery(), timer: try reader.nextTimer()).earliest
            }
            #expect(try await store.read { try next($0) } == nil)
            let id = try await store.write { try Sample.planned("dlv_1", priority: .low, nextAt: Sample.at(50), $0) }
            #expect(try await store.read { try next($0) } == Sample.at(50))
            let timer = StoredTimer(step: .fallback, due: Sample.at(40))
            #expect(try await store.write { try $0.arm(timer) })
            #expect(try await store.read { try next($0) } == Sample.at(40))
            _ = try await store.write { try $0.fire(timer, at: Sample.at(41)) }
            #expect(try await store.read { try next($0) } == Sample.at(50))
            _ = try await store.write { try $0.settle(id, as: .expired, reason: nil, nextAt: nil, at: Sample.at(51)) }
            #expect(try await store.read { try next($0) } == nil)
        },
        Claim("deliveries are found by every state") { store in
            try await store.write { writer in
                for state in DeliveryState.allCases {
                    _ = try Sample.file(writer, Sample.notice(episode: 1), Sample.delivery("dlv_\(state.rawValue)", state: state))
                }
            }
            for state in DeliveryState.allCases {
                #expect(try await store.read { try $0.deliveries(in: state, limit: 9) }.map(\.account) == ["dlv_\(state.rawValue)"])
            }
        },
        Claim("a search filters, goes newest first and continues behind its cursor") { store in
            let ids = try await store.write { writer in
                try (1...6).map { n in
                    try Sample.planned(
                        "dlv_\(n)", order: Sample.order(n % 2), customer: "CU\(n % 3)", channel: n == 6 ? .inApp : .sms,
                        kind: n == 5 ? .riskHold : .bankDelay, plannedAt: Sample.at(n), writer)
                }
            }
            func found(_ change: @Sendable (inout DeliveryQuery) -> Void) async throws -> [String] {
                var query = DeliveryQuery(limit: 3)
                change(&query)
                return try await store.read { [query] in try $0.deliveries(matching: query) }.map { String($0.account!.dropFirst(4)) }
            }
            #expect(try await found { _ in } == ["6", "5", "4"])
            let fourth = ids[3]
            #expect(try await found { $0.before = fourth } == ["3", "2", "1"])
            #expect(try await found { $0.order = Sample.order(1) } == ["5", "3", "1"])
            #expect(
                try await found {
                    $0.order = Sample.order(1); $0.before = fourth
                } == ["3", "1"])
            #expect(try await found { $0.customer = "CU0" } == ["6", "3"])
            #expect(try await found { $0.customer = "CU7" } == [])
            #expect(
                try await found {
                    $0.customer = "CU0"; $0.order = Sample.order(1)
                } == ["3"])
            #expect(try await found { $0.channel = .inApp } == ["6"])
            #expect(try await found { $0.kind = .riskHold } == ["5"])
            #expect(try await found { $0.state = .sent } == [])
            #expect(
                try await found {
                    $0.since = Sample.at(2); $0.until = Sample.at(4)
                } == ["3", "2"])
        },
        Claim("cancelling an episode takes back what waits and marks what flies") { store in
            let (episode, flying, other) = try await store.write { writer in
                let episode = try writer.save(Sample.episode("an-1"))
                let mail = Sensitive(Address.mail(MailAddress("a@example.com")!))
                let filed = try Sample.file(
                    writer, Sample.notice(episode: episode), Sample.delivery("dlv_wait", channel: .sms),
                    Sample.delivery("dlv_retry", channel: .push, state: .retryWait, address: Sensitive(.device(PushToken("tok")!))),
                    Sample.delivery("dlv_fly", channel: .mail, address: mail),
                    Sample.delivery("dlv_sent", channel: .inApp, state: .sent, address: Sensitive(.inbox)))
                _ = try writer.begin(Sample.attempt("att_1", delivery: filed[2].id, number: 1, writer), log: .null, at: Sample.at(11))
                return (episode, filed[2].id, try Sample.planned("dlv_other", writer))
            }
            let cancelled = try await store.write { try $0.cancelWaiting(ofEpisode: episode, reason: .superseded, at: Sample.at(20)) }
            #expect(cancelled.map(\.account) == ["dlv_wait", "dlv_retry"])
            #expect(
                cancelled.allSatisfy {
                    $0.state == .cancelled && $0.reason == .superseded && $0.nextAt == nil && $0.changedAt == Sample.at(20)
                })
            let after = try await store.read { try $0.deliveries(ofEpisode: episode) }
            #expect(after.map(\.state) == [.cancelled, .cancelled, .inflight, .sent])
            #expect(after.map(\.cancelWanted) == [false, false, true, false])
            #expect(after[2].id == flying && after[1].reason == .superseded && after[1].changedAt == Sample.at(20))
            #expect(try await store.read { try $0.delivery(other)?.state } == .ready)
        },
        Claim("settling is a compare-and-set on a waiting delivery") { store in
            let id = try await store.write { try Sample.planned("dlv_1", $0) }
            let later = try await store.write {
                try $0.settle(id, as: .ready, reason: .quietHoursDeferred, nextAt: Sample.at(80), at: Sample.at(20))
            }
            let deferred = try await store.read { try $0.delivery(id) }
            #expect(later && deferred?.state == .ready && deferred?.reason == .quietHoursDeferred && deferred?.nextAt == Sample.at(80))
            let first = try await store.write { try $0.settle(id, as: .expired, reason: .budgetUsedUp, nextAt: nil, at: Sample.at(21)) }
            let second = try await store.write { try $0.settle(id, as: .dead, reason: nil, nextAt: nil, at: Sample.at(22)) }
            let settled = try await store.read { try $0.delivery(id) }
            #expect(
                first && !second && settled?.state == .expired && settled?.reason == .budgetUsedUp && settled?.changedAt == Sample.at(21))
        },
    ]
}
