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
              clarion preview risk_hold --variant materials --channel mail --locale en --html /tmp/mail.html
              clarion preview --delivery dlv_01KQ8Z9X
              clarion preview --serve

            Page: docs/templates.md
            """)
    @Argument(help: ArgumentHelp("What went wrong.", valueName: "kind"))
    var kind: Kind?
    @Option(help: "Which text of the kind.")
    var stage = NoticeStage.opened
    @Option(
        help: ArgumentHelp("sms, push, mail, in_app. Default: all.", valueName: "a,b"),
        completion: Completions.list(Channel.allCases.map(\.rawValue)))
    var channel: String?
    @Option(
        help: ArgumentHelp("zh-Hans, zh-Hant, en. Default: zh-Hans.", valueName: "a,b"),
        completion: Completions.list(TextLocale.allCases.map(\.rawValue)))
    var locale: String?
    @Flag(help: "In every language.")
    var allLocales = false
    @Option(help: ArgumentHelp("A variant of the kind's text.", valueName: "name"))
    var variant: String?
    @Option(help: ArgumentHelp("The customer's zone; none: it is not known. Default: the platform's own.", valueName: "zone"))
    var zone: String?
    @Option(
        help: ArgumentHelp("JSON with values for fields, laid over sample values; null takes one away.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var data: String?
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
    @OptionGroup var flags: GlobalFlags

    func work() throws -> PreviewRequest {
        guard !record || golden != nil else { throw Fault(.usage, "needs --golden", field: "record") }
        guard serve || port == nil else { throw Fault(.usage, "needs --serve", field: "port") }
        guard !serve || [data, html, eml, golden].allSatisfy({ $0 == nil }) else {
            throw Fault(
                .usage, "shows sample values and writes nothing", field: "serve", hint: "leave --data, --html, --eml and --golden out")
        }
        return PreviewRequest(
            subject: try subject(), channels: try words(channel, of: Channel.self, field: "channel"),
            locales: allLocales
                ? TextLocale.allCases : try words(locale ?? TextLocale.zhHans.rawValue, of: TextLocale.self, field: "locale"),
            variant: variant, zone: zone, data: data, html: html, eml: eml, golden: golden, records: record)
    }

    private func subject() throws -> PreviewRequest.Subject {
        if serve {
            guard delivery == nil, !all else { throw Fault(.usage, "shows a kind, or none named", field: "serve") }
            guard (0...65535).contains(port ?? 0) else { throw Fault(.usage, "must be 0 to 65535", field: "port") }
            return .page(kind, stage, port: port ?? 8090)
        }
        switch (kind, delivery, all) {
        case (let kind?, nil, false): return .kind(kind, stage)
        case (nil, let delivery?, false): return .delivery(delivery)
        case (nil, nil, true): return .everything
        case (nil, nil, false): return .list
        default: throw Fault(.usage, "name a kind, or give --delivery, or --all: exactly one", field: "kind")
        }
    }
}
