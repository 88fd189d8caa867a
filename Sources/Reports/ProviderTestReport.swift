public import Core
public import Terminal

/// `provider test`: what an account said to one real message, what that means, and what to do.
public struct ProviderTestReport: Document {
    public static let schema = "clarion.provider.test/1"
    /// `tst_17`, as in the message and in the log.
    public var test: String
    public var account, provider: String
    public var channel: Channel
    public var to: MaskedAddress
    public var mode: Mode
    public var outcome: Outcome.Class
    /// HTTP status or SMTP code; 0: none.
    public var status = 0
    public var code = "", words = ""
    public var messageID: String?
    public var took: Duration
    public init(
        test: String, account: String, provider: String, channel: Channel, to: MaskedAddress, mode: Mode, outcome: Outcome.Class,
        took: Duration
    ) {
        (self.test, self.account, self.provider, self.channel, self.to) = (test, account, provider, channel, to)
        (self.mode, self.outcome, self.took) = (mode, outcome, took)
    }

    public var members: [(String, JSON)] {
        Array(zip(sheet.fields, sheet.rows[0])) + [("meaning", .string(meaning)), ("next", .string(next))]
    }
    public var sheet: Sheet {
        var sheet = Sheet([
            "test", "account", "provider", "channel", "to", "mode", "outcome", "status", "code", "words", "message_id", "took_ms",
        ])
        sheet.add([
            .string(test), .string(account), .string(provider), .code(channel), .text(to), .code(mode), .code(outcome),
            status == 0 ? .null : .integer(status), .string(code), .string(words), .text(messageID), .integer(took.milliseconds),
        ])
        return sheet
    }

    /// What the outcome's class says of the account.
    public var meaning: String {
        switch outcome {
        case .accepted: "the account takes messages"
        case .notSent: "nothing reached the provider"
        case .transient: "the provider cannot take it now; the same may work later"
        case .throttled: "too many requests: the provider asks to wait"
        case .badRecipient: "the account works; this address is refused"
        case .badRequest: "the account is known; this message is refused as it is"
        case .authConfig: "the provider does not accept the account: its secret, its sender or its settings"
        case .ambiguous: "the request left, and no answer says whether it was taken"
        }
    }
    public var next: String {
        switch outcome {
        case .accepted where mode == .capture: "mode capture: look at the sandbox's page, nothing left this machine"
        case .accepted: "look whether it arrives at \(to); it says \(test)"
        case .notSent: "the address in the settings, the network, the provider's status page: clarion doctor"
        case .transient: "the provider's status page; messages go on by themselves when it is back: clarion provider list"
        case .throttled: "wait, or set rate on the account; see clarion provider list"
        case .badRecipient: "try another address"
        case .badRequest: "look up the code at the provider; then the account's settings: clarion check"
        case .authConfig: "the account's secret file and sender in the settings, then a restart: clarion check"
        case .ambiguous: "look whether it arrived at \(to); a second test may arrive as well"
        }
    }
    private var mark: Look.Mark {
        switch outcome {
        case .accepted: .good
        case .transient, .throttled, .ambiguous: .warning
        case .notSent, .badRecipient, .badRequest, .authConfig: .bad
        }
    }

    public func human(_ look: Look) -> [String] {
        let said = [status == 0 ? "" : String(status), code, words].filter { !$0.isEmpty }.joined(separator: " ")
        let answer = outcome == .accepted ? "taken" : said
        return [
            look.mark(mark, "\(account): \(outcome.rawValue) in \(spoken(took)): \(meaning)"),
            "  answer   \(answer.isEmpty ? look.dash : Safe.text(answer))", "  id       \(messageID.map { Safe.text($0) } ?? look.dash)",
            "  sent     \(channel.rawValue) by \(Safe.text(provider)) to \(Safe.text(to.description)), mode \(mode.rawValue), as \(test)",
            "  \(look.arrow) \(next)",
        ]
    }
}
