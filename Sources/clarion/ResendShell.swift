import App
import ArgumentParser
import Core
import Terminal

struct ResendShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "resend", abstract: "Send a message once more, if it is still true.",
        discussion: """
            EXAMPLES
              clarion resend dlv_0SZC0PAJ9D8AYGQDSMGW5YSSEM --reason "she deleted the message"
              clarion resend --order WD251110001236 --channel sms --reason "asked for on the phone"
              clarion resend dlv_0SZC0PAJ9D8AYGQDSMGW5YSSEM --dry-run

            Refused when the matter is over, when a newer notice was planned, or when a time that it names has passed. The same words go through the
            ordinary pipeline: holds, caps and what the customer switched off stand.
            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The delivery's id, dlv_….", valueName: "delivery"), completion: Completions.deliveries)
    var delivery: String?
    @Option(
        name: .customLong("order"), help: ArgumentHelp("The newest message of this order.", valueName: "order"),
        completion: Completions.orders)
    var number: String?
    @Option(help: "With --order: on this channel.")
    var channel: Channel?
    @Flag(help: "Although nobody knows whether the first was taken: the customer may get it twice.")
    var evenIfInDoubt = false
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> ResendRequest {
        try change.requireReason()
        switch (delivery, number) {
        case (let id?, nil):
            guard channel == nil else {
                throw Fault(.usage, "a delivery has its channel", field: "channel", hint: "--order ORDER --channel sms")
            }
            guard Identifier.isValid(id, limit: 64) else { throw Fault(.usage, "is no delivery's id", field: "delivery", hint: "dlv_…") }
            return ResendRequest(.delivery(id), evenIfInDoubt: evenIfInDoubt)
        case (nil, let text?): return ResendRequest(.order(try order(text), channel), evenIfInDoubt: evenIfInDoubt)
        default: throw Fault(.usage, "name a delivery, or --order", field: "delivery")
        }
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
    }
}
