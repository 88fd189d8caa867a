import Core
import Providers
import Testing

@testable import Config

/// The files under `config/`, as somebody gets them.
@Suite struct ShippedTests {
    static let loaded = Result { try Configuration.load(settingsFile: "\(shipped)/clarion.yaml") }
    private var configuration: Configuration { get throws { try Self.loaded.get() } }

    @Test func loadsInCaptureModeWithoutAnySecret() throws {
        let settings = try configuration.settings
        #expect(settings.mode == .capture)
        #expect(settings.listen == .init(host: "127.0.0.1", port: 8080, isBehindProxy: false))
        #expect(settings.storeDirectory == "\(repository)/data")
        #expect(settings.templatesDirectory == "\(repository)/templates")
        #expect(settings.limits == .init(event: 65536, batch: 1_048_576, pending: 2_000_000, free: 256 << 20))
        #expect(settings.accounts.map(\.name) == ["sms-main", "push-ios", "push-android", "mail-main"])
        #expect(settings.accounts.map(\.channel) == [.sms, .push, .push, .mail])
        #expect(
            settings.accounts.allSatisfy { $0.transport.reach == .loopback && $0.transport.caFile == "\(repository)/data/sandbox/ca.pem" })
        #expect(settings.accounts.flatMap(\.provider.endpoints).allSatisfy { $0.hasPrefix("127.0.0.1:") })
    }

    @Test func warnsOnlyOfMadeUpSecretsAndVoice() throws {
        let words = Set(try configuration.warnings.map(\.problem))
        #expect(
            words == [
                "no such file; capture mode makes a secret up, the other modes will refuse to start",
                "voice has no account: its deliveries end as channel_not_configured",
            ])
        #expect(try configuration.warnings.count == 5)
    }

    @Test(arguments: ["live", "allowlist"])
    func asksForEverySecretWhenItIsReal(_ mode: String) {
        let folder = Folder()
        let found = folder.problems { _ = try Configuration.load(settingsFile: "\(shipped)/clarion.yaml", overrides: ["mode": mode]) }
        #expect(found.count == 4)
        #expect(found.allSatisfy { $0.contains("_file: no such file") && $0.contains("/config/clarion.yaml:") }, "\(found)")
    }

    @Test func hasEveryKindWithItsRank() throws {
        let catalogue = try configuration.catalogue
        #expect(catalogue.kinds.count == 19)
        let ranks = Dictionary(grouping: Kind.allCases) { catalogue[$0].rank }.mapValues(Set.init)
        #expect(ranks[4] == [.complianceRestricted])
        #expect(ranks[3] == [.payoutReturned, .payoutCancelled])
        #expect(ranks[1] == [.channelOutage, .platformError, .statusUnknown, .networkProblem, .bankDelay])
        #expect(ranks[0] == [.duplicateRequest])
        #expect(ranks[2]?.count == 10)
        #expect(catalogue[.bankDelay].holdOff == .baseline)
        #expect(Kind.allCases.filter { catalogue[$0].holdOff == .baseline } == [.bankDelay])
        #expect(catalogue[.riskHold].holdOff == .fixed(.zero))
        #expect(catalogue[.notArrived].holdOff == .fixed(.seconds(1800)))
        #expect(
            Set(Kind.allCases.filter { catalogue[$0].mergesIntoIncident }) == [.bankDelay, .networkProblem, .statusUnknown, .channelOutage])
        #expect(catalogue[.riskHold].links == ["not_me", "material_upload", "withdrawal_detail"])
        #expect(catalogue[.complianceRestricted].promise == catalogue[.riskHold].promise)
        #expect(catalogue[.limitExceeded].promise == .hours(2))
        #expect(try configuration.notes[.bankDelay]?.names[.zhHant] == "銀行處理延遲")
        #expect(try configuration.notes.count == 19)
    }

    @Test func knowsEveryCodeOfEverySource() throws {
        let counts = try configuration.catalogue.codes.mapValues(\.count)
        #expect(counts.values.reduce(0, +) == 1497 + 32)
        #expect(counts.count == 44)
        #expect(
            counts == [
                "iso20022_status_reason": 301, "iso20022_return_reason": 104, "iso20022_tx_status": 25, "iso20022_cancel_reason": 33,
                "sepa_sct_return": 17, "sepa_sct_reject": 11, "sepa_recall_answer": 7, "iso8583": 80, "unionpay_network": 87,
                "unionpay_online": 63, "nacha_return": 70, "nacha_noc": 20, "uk_modulr_return": 18, "us_rtp_reject": 16,
                "stripe_payout_failure": 15, "stripe_payout_status": 5, "paypal_payout_error": 60, "paypal_item_status": 9,
                "adyen_transfer_reason": 86, "adyen_transfer_status": 10, "alipay_transfer_error": 63, "alipay_order_status": 6,
                "wechatpay_fail_reason": 44, "wechatpay_bill_state": 8, "wechatpay_batch_close": 2, "wechatpay_api_error": 6,
                "wise_payout_failure": 32, "wise_transfer_state": 10, "razorpay_status_reason": 35, "razorpay_payout_state": 9,
                "cashfree_settlement_failure": 20, "airwallex_failure_reason": 14, "visa_payments_limited": 49, "mangopay_payout": 17,
                "tazapay_payout": 30, "dlocal_payout": 27, "midtrans_payout": 22, "stitch_disbursement": 10,
                "payermax_disbursement": 14, "truelayer_payout": 3, "mx_spei_return": 10, "cl_fintoc_outbound": 9, "xendit_payout": 20,
                "internal": 32,
            ])
    }

    @Test func keepsTheSpellingOfACode() throws {
        let catalogue = try configuration.catalogue
        #expect(catalogue.code(source: "iso8583", code: "05") != nil)
        #expect(catalogue.code(source: "iso8583", code: "5") == nil)
        #expect(catalogue.code(source: "iso20022_status_reason", code: "ac04") == nil)
        #expect(catalogue.code(source: "iso20022_status_reason", code: "AC04")?.kind == .accountUnavailable)
        #expect(catalogue.code(source: "internal", code: "RISK_RULE_HIT") == CodeRule(kind: .riskHold, isTransient: false, action: "wait"))
        let silent = catalogue.codes.values.reduce(0) { $0 + $1.values.count { $0.kind == nil } }
        #expect(silent == 70)
    }

    @Test func knowsBanksAndRails() throws {
        let catalogue = try configuration.catalogue
        #expect(catalogue.baselines.values.reduce(0) { $0 + $1.count } == 77)
        #expect(catalogue.baselines["ICBC"]?["cn_instant"] == Baseline(p50: 14, p95: 62, p99: 114))
        #expect(catalogue.baselines["ICBC"]?["cn_instant"]?.holdOff == .seconds(662))
        #expect(catalogue.baselines["ABC"]?["cn_batch"]?.holdOff == .seconds(44223))
        #expect(catalogue.rails.count == 14)
        #expect(catalogue.rails["sepa_inst"] == .minutes(5))
        #expect(catalogue.rails["uk_fps"] == .hours(2))
    }

    @Test func followsThePolicyOfTheFile() throws {
        let policy = try configuration.policy
        #expect(
            policy.plans[.high]
                == ChannelPlan(
                    now: [.sms, .push, .inApp],
                    then: [
                        FallbackStep(after: .minutes(10), unless: .delivered, use: [.mail]),
                        FallbackStep(after: .minutes(30), unless: .seen, use: [.voice]),
                    ], locked: [.inApp, .sms]))
        #expect(
            policy.plans[.normal] == ChannelPlan(now: [.push, .inApp], then: [FallbackStep(after: .hours(2), unless: .seen, use: [.mail])]))
        #expect(policy.plans[.low] == ChannelPlan(now: [.mail, .inApp]))
        #expect(
            policy.raises == [
                RaiseRule(
                    name: "deadline-near", kinds: [.identityRequired, .recipientActionRequired, .riskHold, .complianceRestricted],
                    deadlineWithin: .hours(24), amountAtLeast: [:], to: .high)
            ])
        #expect(policy.repeats == [.hours(2), .hours(8), .hours(24)])
        #expect(policy.updatesEvery == .hours(4))
        #expect(policy.caps == Caps(perDay: [.sms: 3, .push: 6], perAnomaly: [.sms: 3], perStage: [.mail: 1], uncountedPerDay: 10))
        #expect(policy.quietHours == QuietWindow(from: 1320, to: 480, spread: .minutes(20), holds: [.sms, .push, .voice]))
        #expect(policy.storm == StormRule(count: 20, within: .minutes(2)))
        #expect(policy.caps.burstPerMinute == 200 && policy.caps.burstHold == .minutes(15))
        #expect(policy.excludes.isEmpty && policy.tooOldAfter == nil)
        #expect(policy.mergeWithin == .minutes(10))
        #expect(policy.budgets == [.high: .minutes(30), .normal: .hours(6), .low: .hours(24)])
    }
}
