import Core
import Templates

enum Requests {
    static let shanghai: @Sendable (Timestamp) -> Int = { _ in 8 * 3600 }
    /// The first button of each kind, as the shipped catalogue has it.
    static let links: [Kind: String] = [
        .bankDelay: "withdrawal_detail", .accountInfoError: "bank_card_edit", .accountUnavailable: "bank_card_add",
        .identityRequired: "verification",
        .riskHold: "not_me", .complianceRestricted: "withdrawal_detail", .insufficientBalance: "balance_detail",
        .limitExceeded: "amount_change",
        .amountError: "amount_change", .platformError: "withdrawal_detail", .networkProblem: "withdrawal_detail",
        .channelOutage: "withdrawal_detail",
        .routeUnsupported: "receive_method", .notArrived: "trace_receipt", .statusUnknown: "withdrawal_detail",
        .payoutReturned: "withdrawal_detail",
        .recipientActionRequired: "confirm_receipt_guide", .duplicateRequest: "withdrawal_detail", .payoutCancelled: "withdrawal_detail",
    ]

    static func request(
        _ set: TemplateSet, _ kind: Kind, _ channel: Channel, _ locale: TextLocale, stage: NoticeStage = .opened, variant: String? = nil
    ) -> RenderRequest {
        RenderRequest(
            kind: kind, stage: stage, variant: variant, channel: channel, locale: locale,
            facts: set.sampleFacts(kind: kind, stage: stage, variant: variant, locale: locale), brand: .sample, offset: shanghai,
            link: links[kind])
    }
}
