import App
import ArgumentParser
import Core
import Terminal

struct CustomerGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customer", abstract: "What is known of a customer.",
        subcommands: [
            enabled(CustomerShowShell.self), enabled(CustomerSetShell.self), enabled(CustomerExportShell.self),
            enabled(CustomerEraseShell.self),
        ])
}

struct CustomerShowShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Language, zone, channels, and what they were told lately; addresses masked.",
        discussion: """
            EXAMPLES
              clarion customer show CU101263
              clarion customer show CU101263 --json

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The customer's id.", valueName: "customer"), completion: Completions.customers)
    var customer: String
    @OptionGroup var list: ListFlags
    @OptionGroup var unmasking: RevealFlags
    @OptionGroup var flags: GlobalFlags
    func work() -> CustomerShowRequest { CustomerShowRequest(customer: customer) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        try list.apply(to: &options, now: now, times: times)
        try unmasking.apply(to: &options)
    }
}

struct CustomerExportShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Everything that is held about a customer, for them: addresses and words as they are.",
        discussion: """
            EXAMPLES
              clarion customer export CU101263 --reason "request of 2026-12-01, case 4711" > CU101263.txt
              clarion customer export CU101263 --reason "case 4711" --json > CU101263.json

            Whatever is said here may be handed to the customer: a restriction looks like a review of risk. That it was taken, by whom and why, is a row of the log.
            Page: docs/privacy.md
            """)
    @Argument(help: ArgumentHelp("The customer's id.", valueName: "customer"), completion: Completions.customers)
    var customer: String
    @Option(help: ArgumentHelp("Why, for the log. Needed.", valueName: "text"))
    var reason: String?
    @OptionGroup var flags: GlobalFlags
    func work() throws -> CustomerExportRequest {
        guard !(reason ?? "").isEmpty else { throw Fault(.usage, "is needed: it is kept in the log", field: "reason") }
        return CustomerExportRequest(customer: customer)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { options.reason = reason }
}

struct CustomerSetShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set what overrides the events.",
        discussion: """
            EXAMPLES
              clarion customer set CU101263 --opt-out sms --reason "asked by phone"
              clarion customer set CU101263 --dead mail --reason "bounced"

            An address is read from a file, or from stdin with -, never from the command line: --address sms=FILE.

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The customer's id.", valueName: "customer"), completion: Completions.customers)
    var customer: String
    @Option(help: ArgumentHelp("Language, as a BCP 47 tag.", valueName: "tag"), completion: .list(TextLocale.allCases.map(\.rawValue)))
    var locale: String?
    @Option(help: ArgumentHelp("Zone for quiet hours and times.", valueName: "zone"))
    var timeZone: String?
    @Option(help: ArgumentHelp("Channels to switch off.", valueName: "a,b"), completion: Completions.list(Channel.allCases.map(\.rawValue)))
    var optOut: String?
    @Option(
        help: ArgumentHelp("Channels to switch on again.", valueName: "a,b"), completion: Completions.list(Channel.allCases.map(\.rawValue))
    )
    var optIn: String?
    @Option(
        help: ArgumentHelp("Channels whose address is verified.", valueName: "a,b"),
        completion: Completions.list(Channel.allCases.map(\.rawValue)))
    var verified: String?
    @Option(
        help: ArgumentHelp("Channels whose address is not verified.", valueName: "a,b"),
        completion: Completions.list(Channel.allCases.map(\.rawValue)))
    var unverified: String?
    @Option(
        help: ArgumentHelp("Channels whose address does not work.", valueName: "a,b"),
        completion: Completions.list(Channel.allCases.map(\.rawValue)))
    var dead: String?
    @Option(help: ArgumentHelp("A new address, from a file or - for stdin.", valueName: "channel=file"))
    var address: [String] = []
    @Flag(inversion: .prefixedNo, help: "Neutral push texts.")
    var privatePreview: Bool?
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags

    func work() throws -> CustomerSetRequest {
        try change.requireReason()
        let (off, on) = (
            Set(try words(optOut, of: Channel.self, field: "opt-out")), Set(try words(optIn, of: Channel.self, field: "opt-in"))
        )
        guard off.isDisjoint(with: on) else { throw Fault(.usage, "a channel is in --opt-out too", field: "opt-in") }
        return CustomerSetRequest(
            customer: customer, locale: locale, timeZone: timeZone, optOut: off, optIn: on, standing: try standing(),
            addressFiles: try files(),
            privatePreview: privatePreview)
    }

    private func standing() throws -> [Channel: CustomerRecord.Contact.Standing] {
        var out: [Channel: CustomerRecord.Contact.Standing] = [:]
        for (text, standing, field) in [
            (verified, CustomerRecord.Contact.Standing.verified, "verified"), (unverified, .unverified, "unverified"),
            (dead, .dead, "dead"),
        ] {
            for channel in try words(text, of: Channel.self, field: field) {
                guard out.updateValue(standing, forKey: channel) == nil else {
                    throw Fault(.usage, "\(channel.rawValue) is there twice", field: field)
                }
            }
        }
        return out
    }

    private func files() throws -> [Channel: String] {
        var out: [Channel: String] = [:]
        for text in address {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let channel = try words(parts[0], of: Channel.self, field: "address").first else {
                throw Fault(.usage, "must be channel=file", field: "address", hint: "sms=- reads stdin")
            }
            out[channel] = parts[1]
        }
        return out
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
    }
}
