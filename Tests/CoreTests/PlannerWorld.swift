@testable import Core

/// Zones with the rules of 2025 and 2026, enough for the tests.
struct FixedZones: ZoneTable {
    func offset(of zone: String, at moment: Timestamp) -> Int? {
        switch zone {
        case "UTC": 0
        case "Asia/Shanghai": 8 * 3600
        case "Asia/Kolkata": 5 * 3600 + 1800
        case "Europe/Berlin":
            summer(moment, [("2025-03-30T01:00:00Z", "2025-10-26T01:00:00Z"), ("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z")])
                ? 7200 : 3600
        case "America/New_York":
            summer(moment, [("2025-03-09T07:00:00Z", "2025-11-02T06:00:00Z"), ("2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z")])
                ? -4 * 3600 : -5 * 3600
        default: nil
        }
    }
    private func summer(_ moment: Timestamp, _ spans: [(String, String)]) -> Bool {
        spans.contains { time($0.0) <= moment && moment < time($0.1) }
    }
}

/// A catalogue and policy written by hand, and the means to make events, episodes and snapshots.
enum World {
    /// Noon in Shanghai.
    static let noon = time("2025-11-12T04:00:00Z")
    static let shanghai = Workplace(zone: "Asia/Shanghai", country: "CN")
    static let order = OrderNumber("WD251112001234")!

    private typealias Row = (Kind, Priority, Int, Int?, KindRule.QuietHours, KindRule.Review, String)
    private static let rows: [Row] = [
        (.bankDelay, .low, 1, nil, .defer, .no, "wait"), (.accountInfoError, .high, 2, 30, .deferSMS, .no, "fix_account_details"),
        (.accountUnavailable, .high, 2, 30, .deferSMS, .no, "use_other_account"),
        (.identityRequired, .high, 2, 0, .deferUnlessDeadline, .materials, "complete_verification"),
        (.riskHold, .high, 2, 0, .breakThrough, .yes, "wait"),
        (.complianceRestricted, .high, 4, 0, .breakThrough, .yes, "wait"),
        (.insufficientBalance, .normal, 2, 0, .defer, .no, "top_up_balance"),
        (.limitExceeded, .normal, 2, 0, .defer, .no, "change_amount"), (.amountError, .normal, 2, 0, .defer, .mismatch, "change_amount"),
        (.platformError, .normal, 1, 600, .defer, .yes, "wait"), (.networkProblem, .low, 1, 600, .defer, .no, "wait"),
        (.channelOutage, .normal, 1, 600, .defer, .incident, "wait"), (.routeUnsupported, .normal, 2, 30, .defer, .no, "change_method"),
        (.notArrived, .high, 2, 1800, .deferSMS, .yes, "check_account"), (.statusUnknown, .normal, 1, 900, .defer, .yes, "wait"),
        (.payoutReturned, .high, 3, 900, .deferSMS, .no, "fix_account_details"),
        (.recipientActionRequired, .normal, 2, 3600, .deferUnlessDeadline, .no, "confirm_receipt"),
        (.duplicateRequest, .low, 0, 0, .defer, .no, "none"),
        (.payoutCancelled, .normal, 3, 0, .defer, .no, "none"),
    ]

    static let catalogue: Catalogue = {
        let merging: Set<Kind> = [.bankDelay, .networkProblem, .statusUnknown, .channelOutage]
        var kinds: [Kind: KindRule] = [:]
        for (kind, priority, rank, hold, quiet, review, action) in rows {
            kinds[kind] = KindRule(
                kind: kind, priority: priority, rank: rank, holdOff: hold.map { .fixed(.seconds($0)) } ?? .baseline, quietHours: quiet,
                review: review,
                funds: .held, action: action, links: ["withdrawal_detail"], steps: [],
                materials: kind == .identityRequired ? ["id_document"] : [],
                mergesIntoIncident: merging.contains(kind), promise: .hours(2))
        }
        return Catalogue(
            kinds: kinds,
            codes: [
                "bank": [
                    "05": CodeRule(kind: .accountUnavailable, isTransient: false, action: "use_other_account"),
                    "00": CodeRule(kind: nil, isTransient: false, action: "none"),
                    "91": CodeRule(kind: .bankDelay, isTransient: true, action: "wait"),
                ]
            ],
            baselines: [
                "ICBC": ["cn_instant": Baseline(p50: 14, p95: 62, p99: 114), "cn_batch": Baseline(p50: 3360, p95: 14768, p99: 27258)]
            ],
            rails: ["cn_instant": .minutes(15), "cn_batch": .hours(4), "swift": .hours(48)])
    }()

    static let policy = Policy(
        plans: [
            .high: ChannelPlan(
                now: [.sms, .push, .inApp],
                then: [
                    FallbackStep(after: .minutes(10), unless: .delivered, use: [.mail]),
                    FallbackStep(after: .minutes(30), unless: .seen, use: [.voice]),
                ],
                locked: [.inApp, .sms]),
            .normal: ChannelPlan(now: [.push, .inApp], then: [FallbackStep(after: .hours(2), unless: .seen, use: [.mail])]),
            .low: ChannelPlan(now: [.mail, .inApp]),
        ],
        raises: [
            RaiseRule(name: "deadline-near", kinds: [], deadlineWithin: .hours(24), amountAtLeast: [:], to: .high),
            RaiseRule(
                name: "large-amount", kinds: [.bankDelay, .limitExceeded], deadlineWithin: nil, amountAtLeast: ["CNY": 5_000_000],
                to: .normal),
        ],
        repeats: [.hours(2), .hours(8), .hours(24)], updatesEvery: .hours(4), kinds: [:],
        caps: Caps(perDay: [.sms: 3, .push: 6], perAnomaly: [.sms: 3], perStage: [.mail: 1], uncountedPerDay: 10),
        quietHours: QuietWindow(from: 22 * 60, to: 8 * 60, spread: .minutes(20), holds: [.sms, .push, .voice]),
        storm: StormRule(count: 20, within: .minutes(2)), mergeWithin: .minutes(10), budgets: [:])

    static func planner(policy: Policy = World.policy, configured: Set<Channel> = [.sms, .push, .mail]) -> Planner {
        Planner(
            catalogue: catalogue, policy: policy, zones: FixedZones(), defaultZone: "Asia/Shanghai", configured: configured,
            feeNote: "fee_refunded")
    }

    static let phone = Sensitive(Address(channel: .sms, text: "+8610000001396")!)
    static let mail = Sensitive(Address(channel: .mail, text: "a@example.com")!)
    static let device = Sensitive(Address(channel: .push, text: "token-0123456789abcdef")!)
    static let customer = CustomerRef(
        id: "CU1", locale: "zh-Hans", timeZone: "Asia/Shanghai", phone: .usable(phone), mail: .usable(mail), device: .usable(device),
        privatePreview: false)

    static func anomaly(
        _ kind: Kind?, _ stage: Anomaly.Stage = .detected, id: String = "an-1", seq: Int64 = 1, code: String? = nil, end: Resolution? = nil,
        _ change: (inout Anomaly) -> Void = { _ in }
    ) -> Anomaly {
        var anomaly = Anomaly(
            order: order, seq: seq, id: id, stage: stage, kind: kind, reason: code.map { ReasonRef(source: "bank", code: $0) }, step: nil,
            resolution: end, funds: nil,
            occurredAt: nil, expectedAt: nil, submittedAt: nil, rail: "cn_instant", bank: Bank(code: "ICBC", name: nil),
            tail4: Tail4("8542"), isWallet: false,
            amount: Currency("CNY").map { Money(minor: 128_000, currency: $0) }, details: Details(), customer: customer)
        change(&anomaly)
        return anomaly
    }

    static func event(_ anomaly: Anomaly, id: String = "ev-1", at moment: Timestamp = noon) -> Event {
        Event(id: id, source: "/test", type: "anomaly.\(anomaly.stage.rawValue)", time: moment, receivedAt: nil, body: .anomaly(anomaly))
    }

    static func episode(
        _ kind: Kind, id: EpisodeID = 1, anomaly: String = "an-1", status: Episode.Status = .open, told: Bool = true,
        _ change: (inout Episode) -> Void = { _ in }
    ) -> Episode {
        var episode = Episode(
            id: id, anomaly: anomaly, order: order, customer: "CU1", kind: kind, priority: catalogue[kind].priority, status: status,
            bank: "ICBC", rail: "cn_instant",
            detectedAt: noon - .minutes(5), openedBy: EventSeq(id), funds: .held, told: told)
        change(&episode)
        return episode
    }

    static func delivery(_ channel: Channel, _ state: DeliveryState, episode: EpisodeID = 1, notice: NoticeID = 1) -> Delivery {
        let addresses: [Channel: Sensitive<Address>] = [.sms: phone, .voice: phone, .mail: mail, .push: device]
        return Delivery(
            publicID: "dlv_\(channel.rawValue)", notice: notice, episode: episode, order: order, customer: "CU1", channel: channel,
            priority: .high, state: state,
            reason: nil, mode: .capture, address: addresses[channel] ?? Sensitive(.inbox), nextAt: nil, expires: noon + .hours(1),
            plannedAt: noon)
    }

    static func mark(
        _ stage: NoticeStage = .opened, funds: FundsState? = .held, step: String? = nil, eta: Int64? = nil, priority: Priority,
        at moment: Timestamp = noon - .minutes(5),
        repeats: Int = 0, status: DedupeMark.Status = .committed, channel: Channel = .inApp
    ) -> DedupeMark {
        DedupeMark(
            order: order, anomaly: "an-1", audience: .customer, recipient: "CU1", channel: channel, status: status, stage: stage,
            told: ToldState(funds: funds, step: step, etaBucket: eta, repeats: repeats), priority: priority, toldAt: moment)
    }

    static func state(seq: Int64, time: Timestamp = noon - .minutes(5), event: String = "ev-0") -> OrderState {
        OrderState(order: order, customer: "CU1", lastSeq: seq, lastTime: time, lastEvent: event, version: 3)
    }

    static func snapshot(_ change: (inout Snapshot) -> Void = { _ in }) -> Snapshot {
        var snapshot = Snapshot()
        change(&snapshot)
        return snapshot
    }

    static func plan(
        _ anomaly: Anomaly, event: String = "ev-1", at moment: Timestamp = noon, now: Timestamp? = nil,
        with snapshot: Snapshot = Snapshot(), by planner: Planner = World.planner()
    ) -> Plan {
        planner.plan(anomaly, of: Self.event(anomaly, id: event, at: moment), seq: 7, snapshot: snapshot, now: now ?? moment)
    }
}

extension Planner {
    /// Of a step that asks for no failures.
    func escalate(_ index: Int, _ episode: Episode, incident: Incident?, now: Timestamp) -> Plan {
        escalate(index, episode, incident: incident, now: now) { 0 }
    }
}

extension Plan {
    /// `sms push in_app`: channels that send.
    var sending: String { notice?.channels.filter(\.isSending).map(\.channel.rawValue).joined(separator: " ") ?? "" }
    func reason(_ channel: Channel) -> ReasonCode? { notice?.channels.first { $0.channel == channel }?.reason }
    func departure(_ channel: Channel) -> Timestamp? {
        guard case .send(_, let moment, _)? = notice?.channels.first(where: { $0.channel == channel })?.fate else { return nil }
        return moment
    }
    func noted(_ name: String) -> String? { record.first { $0.0 == name }?.1.string }
}
