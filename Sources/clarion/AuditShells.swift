import App
import ArgumentParser
import Core
import Reports
import Terminal

struct AuditGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who was told what, when, and by whom it was taken. Opens the store read-only.",
        subcommands: [
            enabled(AuditOrderShell.self), enabled(AuditCustomerShell.self), enabled(AuditDeliveryShell.self),
            enabled(AuditSearchShell.self),
            enabled(AuditStatsShell.self), enabled(AuditVerifyShell.self), enabled(AuditExportShell.self),
            enabled(AuditInvariantsShell.self),
            enabled(AuditUnreachableShell.self), enabled(AuditSampleShell.self), enabled(AuditVerdictShell.self),
        ])
}

struct AuditOrderShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "order", abstract: "Everything anyone was told about one payout.",
        discussion: """
            EXAMPLES
              clarion audit order WD251110001236
              clarion audit order WD251110001236 --verify --json

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The order number.", valueName: "order"), completion: Completions.orders)
    var number: String
    @Flag(help: "Check the hash chain too; reads the whole log.")
    var verify = false
    @OptionGroup var unmasking: RevealFlags
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags
    func work() throws -> AuditOrderRequest { AuditOrderRequest(order: try order(number), verifies: verify) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        discretion.apply(to: &options)
        try unmasking.apply(to: &options)
    }
}

struct AuditCustomerShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "customer", abstract: "What one customer was told lately.",
        discussion: """
            EXAMPLES
              clarion audit customer CU101263
              clarion audit customer CU101263 --since 7d -o csv

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The customer's id.", valueName: "customer"), completion: Completions.customers)
    var customer: String
    @OptionGroup var list: ListFlags
    @OptionGroup var unmasking: RevealFlags
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags
    func work() -> AuditCustomerRequest { AuditCustomerRequest(customer: customer) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        discretion.apply(to: &options)
        try list.apply(to: &options, now: now, times: times)
        try unmasking.apply(to: &options)
    }
}

struct AuditDeliveryShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "delivery", abstract: "One delivery: its states, each attempt and the provider's answers.",
        discussion: """
            EXAMPLES
              clarion audit delivery dlv_01KQ8Z9X
              clarion audit delivery dlv_01KQ8Z9X --content

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The delivery's id.", valueName: "delivery"), completion: Completions.deliveries)
    var delivery: String
    @Flag(help: "Open the words that were sent.")
    var content = false
    @OptionGroup var unmasking: RevealFlags
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags
    func work() -> AuditDeliveryRequest { AuditDeliveryRequest(delivery: delivery, showsContent: content) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        discretion.apply(to: &options)
        try unmasking.apply(to: &options)
    }
}

struct AuditSearchShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find deliveries.",
        discussion: """
            EXAMPLES
              clarion audit search kind:risk_hold bank:ICBC since:2026-11-01
              clarion audit search channel:sms,push -reason:first -o ndjson
              clarion audit search state:refused since:24h --facets

            Words, all of which must hold: \(AuditSearchShell.names). name:a,b finds both, -name:a neither; alone stands an order or a delivery.

            Page: docs/operations.md
            """)
    static let names = Search.names.map { $0 + ":" }.joined(separator: " ")
    @Argument(
        parsing: .allUnrecognized, help: ArgumentHelp("Words of the query.", valueName: "word"), completion: Completions.search)
    var words: [String] = []
    @Flag(help: "Count what matches by kind, stage, channel, state, reason, provider, bank, locale, priority.")
    var facets = false
    @Option(help: ArgumentHelp("The page after this delivery.", valueName: "delivery"))
    var after: String?
    @OptionGroup var list: ListFlags
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags
    func work() -> AuditSearchRequest { AuditSearchRequest(query: words.joined(separator: " "), showsFacets: facets, cursor: after) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        discretion.apply(to: &options)
        try list.apply(to: &options, now: now, times: times)
    }
}

struct AuditStatsShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Deliveries by channel and state, reasons, kinds, how long the first took, and the cost; or by bank, rail, provider, …",
        discussion: """
            EXAMPLES
              clarion audit stats --since 24h
              clarion audit stats --by bank --since 7d
              clarion audit stats --by provider,channel --since yesterday --until today -o csv

            --by: \(StatsDimension.allCases.map(\.rawValue).joined(separator: " ")); several together by commas.

            Page: docs/operations.md
            """)
    @Option(
        help: ArgumentHelp("Sums for each bank, rail, provider, kind, stage, locale, channel, priority.", valueName: "a,b"),
        completion: Completions.list(StatsDimension.allCases.map(\.rawValue)))
    var by: String?
    @OptionGroup var span: SpanFlags
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags
    func work() throws -> AuditStatsRequest { AuditStatsRequest(by: try words(by, of: StatsDimension.self, field: "by")) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        discretion.apply(to: &options)
        options.since = try moment(span.since, "since", now, times)
        options.until = try moment(span.until, "until", now, times)
    }
}

struct AuditVerifyShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that the delivery log, a copy of it or an evidence pack is what was written; status 6 when it is not.",
        discussion: """
            EXAMPLES
              clarion audit verify
              clarion audit verify log.ndjson --key MCowBQYDK2VwAyEA...
              clarion audit verify log.ndjson --key clarion.pub --checkpoints 3f2a90c177de0b44.ndjson

            Without FILE: the store, compared with the checkpoints that were written outside of it. With FILE no settings and no store are needed, only the
            public key (clarion keys public). Every breach is named: edited, deleted, inserted and swapped rows, a missing end, an older copy, a fork.
            Page: docs/proof.md
            """)
    @Argument(help: ArgumentHelp("What audit export has written; - for standard input.", valueName: "file"), completion: .file())
    var file: String?
    @Option(help: ArgumentHelp("The public key to believe, or a file with it.", valueName: "key"), completion: .file())
    var key: String?
    @Option(
        help: ArgumentHelp(
            "Exported checkpoints to compare with: they tell an older copy. Default: those of the store.", valueName: "file"),
        completion: .file())
    var checkpoints: String?
    @OptionGroup var flags: GlobalFlags
    func work() -> AuditVerifyRequest { AuditVerifyRequest(file: file, key: key, checkpoints: checkpoints) }
}

struct AuditExportShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the delivery log so that others can verify it, or the proof of one order.",
        discussion: """
            EXAMPLES
              clarion audit export -o ndjson > log.ndjson
              clarion audit export --since 2026-11-01 --until 2026-12-01 --to november.ndjson --reason "audit 2026"
              clarion audit export --proof WD251110001236 --to WD251110001236.proof

            Rows come as they were hashed, with their signed checkpoints; a span is widened to whole checkpoints. A proof holds the rows of one order, and
            of all others nothing but digests. That somebody took it, who and why, is a row of the log itself.
            Page: docs/proof.md
            """)
    @Option(
        name: .customLong("proof"), help: ArgumentHelp("An evidence pack of this order.", valueName: "order"),
        completion: Completions.orders)
    var number: String?
    @Option(help: ArgumentHelp("A new file, instead of standard output.", valueName: "file"), completion: .file())
    var to: String?
    @Option(help: ArgumentHelp("Why, for the log.", valueName: "text"))
    var reason: String?
    @OptionGroup var span: SpanFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> AuditExportRequest {
        guard number == nil || (span.since == nil && span.until == nil) else {
            throw Fault(.usage, "a proof is of all rows of an order", field: "since")
        }
        return AuditExportRequest(order: try number.map { text throws(Fault) in try order(text) }, to: to)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        options.reason = reason
        options.since = try moment(span.since, "since", now, times)
        options.until = try moment(span.until, "until", now, times)
    }
}

struct AuditUnreachableShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "unreachable", abstract: "Customers whose urgent notice reached them on no channel; status 3 when there are any.",
        discussion: """
            EXAMPLES
              clarion audit unreachable
              clarion audit unreachable kind:risk_hold --since 24h -o csv

            Words of the query as in audit search.
            Page: docs/support.md
            """)
    @Argument(
        parsing: .allUnrecognized, help: ArgumentHelp("Words of the query.", valueName: "word"), completion: Completions.search)
    var words: [String] = []
    @Flag(help: "Also of matters that are over.")
    var all = false
    @OptionGroup var list: ListFlags
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags
    func work() -> AuditUnreachableRequest { AuditUnreachableRequest(query: words.joined(separator: " "), showsAll: all) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        try list.apply(to: &options, now: now, times: times)
        discretion.apply(to: &options)
    }
}

struct AuditSampleShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "sample", abstract: "Some of what was sent, with its words, for people who check by hand whether they were right.",
        discussion: """
            EXAMPLES
              clarion audit sample --seed 7 --count 20
              clarion audit sample kind:risk_hold locale:en --count 5 --json
              clarion audit sample --results

            The same seed draws the same again. Words of the query as in audit search.
            Page: docs/support.md
            """)
    @Argument(
        parsing: .allUnrecognized, help: ArgumentHelp("Words of the query.", valueName: "word"), completion: Completions.search)
    var words: [String] = []
    @Option(help: ArgumentHelp("Which ones: any number. Default: others each time, and the answer names it.", valueName: "n"))
    var seed: UInt64?
    @Option(help: ArgumentHelp("How many.", valueName: "n"))
    var count = 20
    @Flag(help: "What came of all that were judged.")
    var results = false
    @OptionGroup var list: ListFlags
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags
    func work() throws -> AuditSampleWork {
        guard results else { return .draw(AuditSampleRequest(query: words.joined(separator: " "), seed: seed, count: try positive(count))) }
        return .sum(AuditResultsRequest())
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        try list.apply(to: &options, now: now, times: times)
        discretion.apply(to: &options)
    }
}

struct AuditVerdictShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "verdict", abstract: "Say whether the words of a delivery were right.",
        discussion: """
            EXAMPLES
              clarion audit verdict dlv_0SZC0PAJ9D8AYGQDSMGW5YSSEM right --note "amount, state and next step are those of the event"
              clarion audit verdict dlv_0SZC0PAJ9D8AYGQDSMGW5YSSEM wrong --note "says held, the money was back"

            Page: docs/support.md
            """)
    @Argument(help: ArgumentHelp("The delivery's id, dlv_….", valueName: "delivery"), completion: Completions.deliveries)
    var delivery: String
    @Argument(help: ArgumentHelp("right or wrong.", valueName: "verdict"), completion: .list(["right", "wrong"]))
    var verdict: String
    @Option(help: ArgumentHelp("What was compared, and what is wrong. It is sealed.", valueName: "text"))
    var note: String
    @OptionGroup var flags: GlobalFlags
    func work() throws -> AuditVerdictRequest {
        guard Identifier.isValid(delivery, limit: 64) else { throw Fault(.usage, "is no delivery's id", field: "delivery", hint: "dlv_…") }
        guard verdict == "right" || verdict == "wrong" else {
            throw Fault(.usage, "\"\(PlainText(verdict))\" is neither right nor wrong", field: "verdict")
        }
        return AuditVerdictRequest(delivery: delivery, isRight: verdict == "right", note: note)
    }
}

struct AuditInvariantsShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "invariants", abstract: "All that must hold in the log and the tables; status 1 and the rows when something does not.",
        discussion: """
            EXAMPLES
              clarion audit invariants
              clarion audit invariants --limit 500 --json

            Page: docs/operations.md
            """)
    @OptionGroup var limit: LimitFlags
    @OptionGroup var flags: GlobalFlags
    func work() -> AuditInvariantsRequest { AuditInvariantsRequest() }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        options.limit = try positive(limit.limit)
    }
}

struct ExplainShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Why someone was told, or was not.",
        discussion: """
            EXAMPLES
              clarion explain WD251110001236
              clarion explain dlv_01KQ8Z9X
              clarion explain WD251110001236 --recompute

            Page: docs/planning.md
            """)
    @Argument(
        help: ArgumentHelp("An order number, an event's id or a delivery's id.", valueName: "subject"), completion: Completions.subjects)
    var subject: String
    @Option(help: "Of this channel only.")
    var channel: Channel?
    @Flag(help: "Also what today's settings would decide of the same events, and what differs.")
    var recompute = false
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags
    func work() -> ExplainRequest { ExplainRequest(subject: subject, channel: channel, recomputes: recompute) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        discretion.apply(to: &options)
    }
}

struct TailShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "The delivery log as it grows, masked.",
        discussion: """
            EXAMPLES
              clarion tail
              clarion tail --since 10m --act outcome,dead_letter

            Page: docs/operations.md
            """)
    @Option(name: .customLong("order"), help: ArgumentHelp("Of this payout only.", valueName: "order"), completion: Completions.orders)
    var number: String?
    @Option(
        help: ArgumentHelp("Rows of these sorts only: decision, intent, outcome, …", valueName: "a,b"),
        completion: Completions.list(LogEntry.Act.allCases.map(\.rawValue)))
    var act: String?
    @Option(help: ArgumentHelp("Begin here: 10m, yesterday, RFC 3339. Default: the last rows, --limit of them.", valueName: "time"))
    var since: String?
    @Flag(help: "Show what is there and end.")
    var end = false
    @OptionGroup var limit: LimitFlags
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags
    func work() throws -> TailRequest {
        let acts = try words(act, of: LogEntry.Act.self, field: "act")
        return TailRequest(ends: end, order: try number.map { text throws(Fault) in try order(text) }, acts: Set(acts.map(\.rawValue)))
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        discretion.apply(to: &options)
        options.limit = try positive(limit.limit)
        options.since = try moment(since, "since", now, times)
    }
}
