import App
import ArgumentParser
import Core
import Terminal

struct CustomerEraseShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Destroy what is stored for a customer, for good.",
        discussion: """
            EXAMPLES
              clarion customer erase CU101263 --reason "request of 12 March, case 4711" --dry-run
              clarion customer erase CU101263 --reason "request of 12 March, case 4711"

            Their data key is destroyed: addresses, facts and words can never be read again, here or in the log. The log keeps codes, times and a
            pseudonym, and still verifies. Refused while something of theirs goes on.
            Page: docs/privacy.md
            """)
    @Argument(help: ArgumentHelp("The customer's id.", valueName: "customer"), completion: Completions.customers)
    var customer: String
    @Flag(help: "Also while something of theirs goes on; what waits for them is dropped.")
    var evenIfOpen = false
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> CustomerEraseRequest {
        try change.requireReason()
        return CustomerEraseRequest(customer: customer, evenIfOpen: evenIfOpen)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
    }
}

struct RetentionShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "What is kept how long, what was dropped, and whether erasures and a change of keys are through.",
        discussion: """
            EXAMPLES
              clarion retention
              clarion retention --json

            Page: docs/privacy.md
            """)
    @OptionGroup var flags: GlobalFlags
    func work() -> RetentionRequest { RetentionRequest() }
}

struct KeysGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The keys beside the store.",
        subcommands: [enabled(KeysPublicShell.self), enabled(KeysRotateShell.self)])
}

struct KeysRotateShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Put a new master key or audit key in place, while the worker runs.",
        discussion: """
            EXAMPLES
              clarion keys rotate --reason "yearly change"
              clarion keys rotate --reason "yearly change" --dry-run
              clarion keys rotate --audit --reason "yearly change"

            The new key is put before the others in the key file; the worker wraps each customer's data key with it, a few at a time, and goes on
            after a restart. Remove the former key's line when no backup from before is needed any more. With --audit the key that signs the log: the key before announces the new one in a
            checkpoint that both sign, so whoever has either can check everything.
            Page: docs/privacy.md, docs/proof.md
            """)
    @Flag(help: "The key that signs the delivery log.")
    var audit = false
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> KeysRotateRequest {
        try change.requireReason()
        return KeysRotateRequest(isAudit: audit)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
    }
}

struct KeysPublicShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "public", abstract: "The public half of the key that signs the delivery log, with its fingerprint.",
        discussion: """
            EXAMPLES
              clarion keys public > clarion.pub
              clarion audit verify log.ndjson --key clarion.pub

            Hand it to whoever is to check what you export, on another way than the export. The first line is the key of now.
            Page: docs/proof.md
            """)
    @OptionGroup var flags: GlobalFlags
    func work() -> KeysPublicRequest { KeysPublicRequest() }
}
