import Core
import Terminal

/// What an event of each kind says beside its payout: the code, and the details its texts need.
enum SampleDetails {
    /// - Parameter wanted: this code instead of any; one that the kind has no details for goes out bare.
    static func of(
        _ kind: Kind, bank: SampleBank, amount: Int64, now: Timestamp, wanted: String? = nil, random: inout Seeded
    ) -> (code: ReasonRef?, details: [(String, JSON)]) {
        var found = any(kind, bank: bank, amount: amount, now: now, wanted: wanted, random: &random)
        if let wanted, found.code?.code != wanted { found.code = ReasonRef(source: "internal", code: wanted) }
        return found
    }

    private static func any(
        _ kind: Kind, bank: SampleBank, amount: Int64, now: Timestamp, wanted: String?, random: inout Seeded
    ) -> (code: ReasonRef?, details: [(String, JSON)]) {
        func pick<Value>(_ items: [Value]) -> Value { items.randomElement(using: &random) ?? items[0] }
        func choose(_ items: [(code: ReasonRef?, details: [(String, JSON)])]) -> (code: ReasonRef?, details: [(String, JSON)]) {
            pick(items.contains { $0.code?.code == wanted } ? items.filter { $0.code?.code == wanted } : items)
        }
        func code(_ code: String, _ details: [(String, JSON)] = []) -> (code: ReasonRef?, details: [(String, JSON)]) {
            (ReasonRef(source: "internal", code: code), details)
        }
        func iso(_ code: String, _ details: [(String, JSON)] = []) -> (code: ReasonRef?, details: [(String, JSON)]) {
            (ReasonRef(source: "iso20022_status_reason", code: code), details)
        }
        let inThreeDays = JSON.text((now + .days(3)).roundedUpToHour)
        let currency = JSON.string(bank.currency)
        switch kind {
        case .bankDelay: return code("PENDING_OVER_THRESHOLD")
        case .accountInfoError: return iso(pick(["AC01", "AC03"]), [("field", "account_number")])
        case .accountUnavailable: return iso(pick(["AC04", "AC06"]))
        case .identityRequired:
            return choose([
                code(
                    "KYC_LEVEL_TOO_LOW",
                    [("materials", pick([["id_document"], ["id_document", "address_proof"]])), ("deadline", inThreeDays)]),
                code("ID_DOCUMENT_EXPIRED", [("materials", ["new_expiry_date"]), ("deadline", inThreeDays)]),
            ])
        case .riskHold:
            return choose([
                code("RISK_RULE_HIT"),
                code("RISK_MATERIALS_NEEDED", [("variant", "materials"), ("materials", ["source_of_funds"]), ("deadline", inThreeDays)]),
            ])
        case .complianceRestricted: return code("SCREENING_HIT")
        case .insufficientBalance: return code("LEDGER_BALANCE_SHORT")
        case .limitExceeded:
            let limit: JSON = [
                "minor": .integer(max(1, amount / 20_000) * 10_000), "currency": currency, "period": "day", "owner": "platform",
            ]
            return code("DAILY_LIMIT_HIT", [("limit", limit)])
        case .amountError:
            return code(
                "AMOUNT_BELOW_MINIMUM", [("amount_rule", ["rule": "minimum", "minor": .integer(amount + 1000), "currency": currency])])
        case .platformError: return code(pick(["QUEUE_BACKLOG", "ORDER_WRITE_FAILED"]))
        case .networkProblem: return code("CONNECT_FAILED")
        case .channelOutage: return code("CHANNEL_HEARTBEAT_LOST", [("window", ["until": .text((now + .hours(2)).roundedUpToHour)])])
        case .routeUnsupported: return code("BANK_NOT_SUPPORTED")
        case .notArrived:
            return code(
                "CUSTOMER_SAYS_NOT_ARRIVED", [("trace_ref", .string("TR\(Int.random(in: 10_000_000..<100_000_000, using: &random))"))])
        case .statusUnknown: return code("READ_TIMEOUT")
        case .payoutReturned:
            return code(
                "RETURN_POSTED", [("plain_reason", pick(["account_closed", "name_mismatch"])), ("fee", pick(["refunded", "kept"]))])
        case .recipientActionRequired:
            return code("CLAIM_PENDING", [("deadline", .text((now + .days(1)).roundedUpToHour)), ("wallet", .string(bank.code))])
        case .duplicateRequest: return code("DUPLICATE_CLIENT_REQUEST", [("first_payout_id", .string("WD261121000871"))])
        case .payoutCancelled: return code("CUSTOMER_CANCELLED", [("plain_reason", "customer_request")])
        }
    }

    /// How a story of this kind most often ends.
    static func end(of kind: Kind) -> Resolution {
        switch kind {
        case .accountInfoError, .accountUnavailable, .limitExceeded, .routeUnsupported, .payoutReturned, .payoutCancelled: .refunded
        case .insufficientBalance, .amountError, .duplicateRequest: .closed
        case .complianceRestricted: .declined
        case .bankDelay, .identityRequired, .riskHold, .platformError, .networkProblem, .channelOutage, .notArrived, .statusUnknown,
            .recipientActionRequired:
            .arrived
        }
    }
}

extension Timestamp {
    /// 18:00 for anything after 17:00: what a producer promises is a full hour.
    var roundedUpToHour: Timestamp { Timestamp(seconds: (seconds + 3599) / 3600 * 3600) }
}
