import App
import ArgumentParser
import Core
import Terminal

struct PreviewShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "preview", abstract: "A text as the customer would see it: parts, lengths, masks.",
        discussion: """
            EXAMPLES
              clarion preview bank_delay --channel sms --all-locales
              clarion preview bank_delay --fixture longest
              clarion preview --from-order WD251110001236 --save real_delay
              clarion preview risk_hold --variant materials --channel mail --locale en --html /tmp/mail.html
              clarion preview --delivery dlv_01KQ8Z9X
              clarion preview --serve

            Page: docs/templates.md
            """)
    @Argument(help: ArgumentHelp("What went wrong.", valueName: "kind"))
    var kind: Kind?
    @Option(help: "Which text of the kind. Default: the fixture's, else opened.")
    var stage: NoticeStage?
    @Option(
        help: ArgumentHelp("sms, push, mail, in_app. Default: all.", valueName: "a,b"),
        completion: Completions.list(Channel.allCases.map(\.rawValue)))
    var channel: String?
    @Option(
        help: ArgumentHelp("zh-Hans, zh-Hant, en. Default: the fixture's, else zh-Hans.", valueName: "a,b"),
        completion: Completions.list(TextLocale.allCases.map(\.rawValue)))
    var locale: String?
    @Flag(help: "In every language.")
    var allLocales = false
    @Option(help: ArgumentHelp("A variant of the kind's text.", valueName: "name"))
    var variant: String?
    @Option(help: ArgumentHelp("One of the kind's wordings, the weighted variants.", valueName: "name"))
    var wording: String?
    @Option(help: ArgumentHelp("The customer's zone; none: it is not known. Default: the platform's own.", valueName: "zone"))
    var zone: String?
    @Option(
        help: ArgumentHelp("YAML or JSON with values for fields, laid over sample values; null takes one away.", valueName: "file"),
        completion: .file(extensions: ["json", "yaml"]))
    var data: String?
    @Option(help: ArgumentHelp("With the values of this fixture of the kind.", valueName: "name"))
    var fixture: String?
    @Flag(help: "With each fixture of the kind in turn.")
    var allFixtures = false
    @Option(
        help: ArgumentHelp("What this order was told last, with made-up numbers, as a fixture and rendered.", valueName: "order"),
        completion: Completions.orders)
    var fromOrder: String?
    @Option(help: ArgumentHelp("Add what --from-order makes to the fixtures of its kind.", valueName: "name"))
    var save: String?
    @Option(
        help: ArgumentHelp(
            "Only what reads otherwise than with the texts of this revision, commit or directory; status 3 when anything does.",
            valueName: "revision"), completion: Completions.revisions)
    var diff: String?
    @Option(help: ArgumentHelp("What was sent with this delivery, instead.", valueName: "id"), completion: Completions.deliveries)
    var delivery: String?
    @Flag(help: "Every kind and stage, instead.")
    var all = false
    @Flag(help: "As a page on this machine that follows every save; begins with the kind.")
    var serve = false
    @Option(help: "Port of the page, 8090 by itself; 0 is any free one.")
    var port: Int?
    @Option(help: ArgumentHelp("Write the mail's HTML here.", valueName: "file"), completion: .file(extensions: ["html"]))
    var html: String?
    @Option(help: ArgumentHelp("Write the whole mail here.", valueName: "file"), completion: .file(extensions: ["eml"]))
    var eml: String?
    @Option(
        help: ArgumentHelp("Compare with the texts in this directory; a difference is a finding.", valueName: "dir"), completion: .directory
    )
    var golden: String?
    @Flag(help: "Write the texts into the golden directory.")
    var record = false
    @Flag(help: "One channel under the other, also on a wide terminal.")
    var stacked = false
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags

    func work() throws -> PreviewRequest {
        guard !record || golden != nil else { throw Fault(.usage, "needs --golden", field: "record") }
        guard serve || port == nil else { throw Fault(.usage, "needs --serve", field: "port") }
        guard !serve || [data, html, eml, golden, diff, wording].allSatisfy({ $0 == nil }) else {
            throw Fault(
                .usage, "shows sample values and writes nothing", field: "serve",
                hint: "leave --data, --html, --eml, --golden, --diff and --wording out")
        }
        return PreviewRequest(
            subject: try subject(), channels: try words(channel, of: Channel.self, field: "channel"),
            locales: allLocales ? TextLocale.allCases : try words(locale, of: TextLocale.self, field: "locale"), variant: variant,
            wording: wording, zone: zone,
            values: try values(), save: save, diff: diff, html: html, eml: eml, golden: golden, records: record, isStacked: stacked)
    }

    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { discretion.apply(to: &options) }

    private func values() throws -> PreviewRequest.Values {
        guard save == nil || fromOrder != nil else { throw Fault(.usage, "needs --from-order", field: "save") }
        guard diff == nil || golden == nil else { throw Fault(.usage, "compares with --golden or with a revision", field: "diff") }
        switch (data, fixture, allFixtures) {
        case (nil, nil, false): return .samples
        case (let file?, nil, false) where fromOrder == nil: return .file(file)
        case (nil, let name?, false) where kind != nil: return .fixture(name)
        case (nil, nil, true) where kind != nil || all: return .allFixtures
        case (nil, _?, false): throw Fault(.usage, "needs a kind", field: "fixture")
        case (nil, nil, true): throw Fault(.usage, "needs a kind, or --all", field: "all-fixtures")
        default: throw Fault(.usage, "--data, --fixture, --all-fixtures and --from-order: one of them at most", field: "data")
        }
    }

    private func subject() throws -> PreviewRequest.Subject {
        if serve {
            guard delivery == nil, fromOrder == nil, !all else { throw Fault(.usage, "shows a kind, or none named", field: "serve") }
            guard (0...65535).contains(port ?? 0) else { throw Fault(.usage, "must be 0 to 65535", field: "port") }
            return .page(kind, stage ?? .opened, port: port ?? 8090)
        }
        switch (kind, delivery, fromOrder, all) {
        case (let kind?, nil, nil, false): return .kind(kind, stage)
        case (nil, let delivery?, nil, false): return .delivery(delivery)
        case (nil, nil, let text?, false): return .order(try order(text))
        case (nil, nil, nil, true): return .everything
        case (nil, nil, nil, false): return .list
        default: throw Fault(.usage, "name a kind, or give --delivery, --from-order or --all: exactly one", field: "kind")
        }
    }
}
