import App
import ArgumentParser
import Core
import Terminal

struct AuditGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who was told what, when, and by whom it was taken. Opens the store read-only.",
        subcommands: [
            enabled(AuditOrderShell.self), enabled(AuditCustomerShell.self), enabled(AuditDeliveryShell.self),
            enabled(AuditSearchShell.self),
            enabled(AuditStatsShell.self), enabled(AuditVerifyShell.self),
        ])
}

struct AuditOrderShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "order", abstract: "Everything anyone was told about one payout.",
        discussion: """
            EXAMPLES
              clarion audit order WD251110001236
              clarion audit order WD251110001236 --verify --json
            """)
    @Argument(help: ArgumentHelp("The order number.", valueName: "order"))
    var number: String
    @Flag(help: "Check the hash chain too; reads the whole log.")
    var verify = false
    @OptionGroup var flags: GlobalFlags
    func work() throws -> AuditOrderRequest { AuditOrderRequest(order: try order(number), verifies: verify) }
}

struct AuditCustomerShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "customer", abstract: "What one customer was told lately.",
        discussion: """
            EXAMPLES
              clarion audit customer CU101263
              clarion audit customer CU101263 --since 7d -o csv
            """)
    @Argument(help: ArgumentHelp("The customer's id.", valueName: "customer"))
    var customer: String
    @OptionGroup var flags: GlobalFlags
    func work() -> AuditCustomerRequest { AuditCustomerRequest(customer: customer) }
}

struct AuditDeliveryShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "delivery", abstract: "One delivery: its states, each attempt and the provider's answers.",
        discussion: """
            EXAMPLES
              clarion audit delivery dlv_01KQ8Z9X
              clarion audit delivery dlv_01KQ8Z9X --content
            """)
    @Argument(help: ArgumentHelp("The delivery's id.", valueName: "delivery"))
    var delivery: String
    @Flag(help: "Open the words that were sent.")
    var content = false
    @OptionGroup var flags: GlobalFlags
    func work() -> AuditDeliveryRequest { AuditDeliveryRequest(delivery: delivery, showsContent: content) }
}

struct AuditSearchShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find deliveries.",
        discussion: """
            EXAMPLES
              clarion audit search channel:sms state:refused since:24h
              clarion audit search kind:risk_hold customer:CU101263 -o ndjson

            Words, all of which must hold: order: channel: state: kind: customer: since: until:
            """)
    @Argument(help: ArgumentHelp("Words of the query.", valueName: "word"))
    var words: [String] = []
    @OptionGroup var flags: GlobalFlags
    func work() -> AuditSearchRequest { AuditSearchRequest(query: words.joined(separator: " ")) }
}

struct AuditStatsShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Deliveries by channel and state, reasons, kinds, and how long the first send took.",
        discussion: """
            EXAMPLES
              clarion audit stats --since 24h
              clarion audit stats --since yesterday --until today --json
            """)
    @OptionGroup var flags: GlobalFlags
    func work() -> AuditStatsRequest { AuditStatsRequest() }
}

struct AuditVerifyShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Walk the hash chain of the delivery log; status 6 when it is broken.",
        discussion: """
            EXAMPLES
              clarion audit verify
              clarion audit verify --json
            """)
    @OptionGroup var flags: GlobalFlags
    func work() -> AuditVerifyRequest { AuditVerifyRequest() }
}

struct ExplainShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Why someone was told, or was not.",
        discussion: """
            EXAMPLES
              clarion explain WD251110001236
              clarion explain dlv_01KQ8Z9X
            """)
    @Argument(help: ArgumentHelp("An order number, an event's id or a delivery's id.", valueName: "subject"))
    var subject: String
    @Option(help: "Of this channel only.")
    var channel: Channel?
    @OptionGroup var flags: GlobalFlags
    func work() -> ExplainRequest { ExplainRequest(subject: subject, channel: channel) }
}

struct TailShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "The delivery log as it grows, masked.",
        discussion: """
            EXAMPLES
              clarion tail
              clarion tail --since 10m --act outcome,dead_letter
            """)
    @Option(name: .customLong("order"), help: ArgumentHelp("Of this payout only.", valueName: "order"))
    var number: String?
    @Option(help: ArgumentHelp("Rows of these sorts only: decision, intent, outcome, …", valueName: "a,b"))
    var act: String?
    @Flag(help: "Show what is there and end.")
    var end = false
    @OptionGroup var flags: GlobalFlags
    func work() throws -> TailRequest {
        let acts = try words(act, of: LogEntry.Act.self, field: "act")
        return TailRequest(ends: end, order: try number.map { text throws(Fault) in try order(text) }, acts: Set(acts.map(\.rawValue)))
    }
}
