import Core
import Store
import Testing

extension Conformance {
    static let deliveries: [Claim] = [
        Claim("a notice is read as it was written") { store in
            let id = try await store.write { writer in try writer.insert(Sample.notice(episode: 3)) }
            let (one, all) = try await store.read { (try $0.notice(id), try $0.notices(ofOrder: Sample.order(1))) }
            let notice = try #require(one)
            #expect(all.map(\.id) == [id])
            #expect(notice.episode == 3 && notice.episodeVersion == 2 && notice.order == Sample.order(1) && notice.anomaly == "an-1")
            #expect(notice.audience == .customer && notice.customer == "CU1" && notice.kind == .bankDelay && notice.stage == .opened)
            #expect(notice.variant == "night" && notice.priority == .normal && notice.reason == .first && notice.locale == .zhHans)
            #expect(notice.timeZone == "Asia/Shanghai" && notice.privatePreview && notice.templateRevision == "r1" && notice.event == 7)
            #expect(notice.facts == Sample.facts() && notice.plannedAt == Sample.at(10))
        },
        Claim("a delivery is read as it was written, with its notice's order, episode and customer") { store in
            let id = try await store.write { try Sample.planned("dlv_1", order: Sample.order(5), customer: "CU5", $0) }
            let (one, same, ofNotice) = try await store.read { reader in
                (
                    try reader.delivery(id), try reader.delivery(publicID: "dlv_1"),
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
            #expect(delivery.account == nil && delivery.providerID == nil && delivery.plannedAt == Sample.at(10))
        },
        Claim("a notice has one delivery on a channel, and a delivery has a notice") { store in
            let again = try await store.write { writer in
                let notice = try writer.insert(Sample.notice(episode: 1))
                let first = try writer.insert(Sample.delivery("dlv_1", notice: notice))
                let second = try writer.insert(Sample.delivery("dlv_2", notice: notice))
                let other = try writer.insert(
                    Sample.delivery("dlv_3", notice: notice, channel: .inApp, state: .delivered, address: Sensitive(.inbox)))
                return (first, second, other)
            }
            #expect(again.0 != nil && again.1 == nil && again.2 != nil)
            #expect(try await store.read { try $0.delivery(publicID: "dlv_3")?.address } == Sensitive(.inbox))
            await expectFailure(store, where: isIntegrity) { _ = try $0.insert(Sample.delivery("dlv_9", notice: 99)) }
            await expectFailure(store, where: isIntegrity) { writer in
                let notice = try writer.insert(Sample.notice(episode: 1))
                _ = try writer.insert(Sample.delivery("dlv_9", notice: notice, channel: .mail, address: Sample.phone))
            }
        },
        Claim("due deliveries come lane by lane, then by time, within the limit") { store in
            try await store.write { writer in
                _ = try Sample.planned("dlv_low", priority: .low, nextAt: Sample.at(1), writer)
                _ = try Sample.planned("dlv_normal_late", priority: .normal, nextAt: Sample.at(9), writer)
                _ = try Sample.planned("dlv_normal", priority: .normal, nextAt: Sample.at(2), writer)
                _ = try Sample.planned("dlv_high", priority: .high, nextAt: Sample.at(8), writer)
                _ = try Sample.planned("dlv_future", priority: .high, nextAt: Sample.at(11), writer)
                _ = try Sample.planned("dlv_at_once", priority: .high, nextAt: nil, plannedAt: Sample.at(7), writer)
            }
            let (all, two) = try await store.read {
                (try $0.dueDeliveries(at: Sample.at(10), limit: 9), try $0.dueDeliveries(at: Sample.at(10), limit: 3))
            }
            #expect(all.map(\.publicID) == ["dlv_at_once", "dlv_high", "dlv_normal", "dlv_normal_late", "dlv_low"])
            #expect(two.map(\.publicID) == ["dlv_at_once", "dlv_high", "dlv_normal"])
        },
        Claim("the next thing due is the earliest waiting delivery or armed timer") { store in
            #expect(try await store.read { try $0.nextDue().earliest } == nil)
            let id = try await store.write { try Sample.planned("dlv_1", priority: .low, nextAt: Sample.at(50), $0) }
            #expect(try await store.read { try $0.nextDue().earliest } == Sample.at(50))
            let timer = try await store.write { try $0.arm(StoredTimer(step: .fallback, due: Sample.at(40)))! }
            #expect(try await store.read { try $0.nextDue().earliest } == Sample.at(40))
            _ = try await store.write { try $0.fire(timer, at: Sample.at(41)) }
            #expect(try await store.read { try $0.nextDue().earliest } == Sample.at(50))
            _ = try await store.write { try $0.settle(id, as: .expired, reason: nil, nextAt: nil, at: Sample.at(51)) }
            #expect(try await store.read { try $0.nextDue().earliest } == nil)
        },
        Claim("deliveries are found by every state") { store in
            try await store.write { writer in
                for state in DeliveryState.allCases {
                    let notice = try writer.insert(Sample.notice(episode: 1))
                    _ = try writer.insert(Sample.delivery("dlv_\(state.rawValue)", notice: notice, state: state))
                }
            }
            for state in DeliveryState.allCases {
                #expect(try await store.read { try $0.deliveries(in: state, limit: 9) }.map(\.publicID) == ["dlv_\(state.rawValue)"])
            }
        },
        Claim("a search filters, goes newest first and continues behind its cursor") { store in
            try await store.write { writer in
                for n in 1...6 {
                    _ = try Sample.planned(
                        "dlv_\(n)", order: Sample.order(n % 2), customer: "CU\(n % 3)", channel: n == 6 ? .inApp : .sms,
                        kind: n == 5 ? .riskHold : .bankDelay, plannedAt: Sample.at(n), writer)
                }
            }
            func found(_ change: @Sendable (inout DeliveryQuery) -> Void) async throws -> [String] {
                var query = DeliveryQuery(limit: 3)
                change(&query)
                return try await store.read { [query] in try $0.deliveries(matching: query) }.map { String($0.publicID.dropFirst(4)) }
            }
            #expect(try await found { _ in } == ["6", "5", "4"])
            let fourth = try await store.read { try $0.delivery(publicID: "dlv_4")!.id }
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
            let (episode, flying) = try await store.write { writer in
                let episode = try writer.save(Sample.episode("an-1"))
                let notice = try writer.insert(Sample.notice(episode: episode))
                let mail = Sensitive(Address.mail(MailAddress("a@example.com")!))
                let flying = try writer.insert(Sample.delivery("dlv_fly", notice: notice, channel: .mail, address: mail))!
                _ = try writer.begin(Sample.attempt("att_1", delivery: flying, number: 1, writer), at: Sample.at(11))
                _ = try writer.insert(Sample.delivery("dlv_wait", notice: notice, channel: .sms))
                _ = try writer.insert(
                    Sample.delivery(
                        "dlv_retry", notice: notice, channel: .push, state: .retryWait, address: Sensitive(.device(PushToken("tok")!))))
                _ = try writer.insert(
                    Sample.delivery("dlv_sent", notice: notice, channel: .inApp, state: .sent, address: Sensitive(.inbox)))
                _ = try Sample.planned("dlv_other", writer)
                return (episode, flying)
            }
            let cancelled = try await store.write { try $0.cancelWaiting(ofEpisode: episode, reason: .superseded, at: Sample.at(20)) }
            #expect(cancelled.map(\.publicID) == ["dlv_wait", "dlv_retry"])
            #expect(
                cancelled.allSatisfy {
                    $0.state == .cancelled && $0.reason == .superseded && $0.nextAt == nil && $0.changedAt == Sample.at(20)
                })
            let after = try await store.read { try $0.deliveries(ofEpisode: episode) }
            #expect(after.map(\.state) == [.inflight, .cancelled, .cancelled, .sent])
            #expect(after.map(\.cancelWanted) == [true, false, false, false])
            #expect(after[0].id == flying && after[1].reason == .superseded && after[1].changedAt == Sample.at(20))
            #expect(try await store.read { try $0.delivery(publicID: "dlv_other")?.state } == .ready)
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
