import App
public import ArgumentParser
public import Core
import FoundationEssentials
public import Terminal

extension OutputForm: ExpressibleByArgument {}
extension Screen.Color: ExpressibleByArgument {}
extension Channel: ExpressibleByArgument {}
extension Kind: ExpressibleByArgument {}
extension NoticeStage: ExpressibleByArgument {}
extension TextLocale: ExpressibleByArgument {}
extension Mode: ExpressibleByArgument {}

/// The flags that every command has; the same words mean the same everywhere.
struct GlobalFlags: ParsableArguments {
    @Option(
        name: [.short, .long], help: ArgumentHelp("Settings file.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var config: String?
    @Option(name: [.short, .long], help: "Form of the answer.")
    var output = OutputForm.human
    @Flag(help: "Short for --output json.")
    var json = false
    @Option(help: ArgumentHelp("Fields of each row, in this order (not in human and json).", valueName: "a,b"))
    var fields: String?
    @Option(help: ArgumentHelp("Rows at most.", valueName: "n"))
    var limit = 50
    @Option(help: ArgumentHelp("Not before: 2h, yesterday, 2026-11-18, RFC 3339.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Not after.", valueName: "time"))
    var until: String?
    @Option(help: ArgumentHelp("Zone of times: utc, local, customer or a name. Default: local on a terminal, else utc.", valueName: "zone"))
    var tz: String?
    @Option(help: "When to use colour.")
    var color = Screen.Color.auto
    @Flag(help: "Signs in ASCII: ok ! x.")
    var ascii = false
    @Option(help: ArgumentHelp("Cells in a line. Default: the terminal's.", valueName: "cells", visibility: .hidden))
    var width: Int?
    @Flag(name: .shortAndLong, help: "Say nothing on stderr but errors.")
    var quiet = false
    @Flag(name: .shortAndLong, help: "Say more on stderr.")
    var verbose = false
    @Flag(help: ArgumentHelp("Say all on stderr.", visibility: .hidden))
    var debug = false
    @Flag(name: [.customShort("n"), .long], help: "Say what would happen, and change nothing.")
    var dryRun = false
    @Flag(help: "Answer every question with yes.")
    var yes = false
    @Flag(help: ArgumentHelp("Ask nothing; a question is an error.", visibility: .hidden))
    var noInput = false
    @Option(help: ArgumentHelp("Why, for the log. Needed by what sends, discards or reveals.", valueName: "text"))
    var reason: String?
    @Flag(help: ArgumentHelp("Show what is masked; needs --reason, and is logged.", visibility: .hidden))
    var reveal = false
    @Option(help: ArgumentHelp("Longest wait for another machine.", valueName: "span", visibility: .hidden))
    var timeout = "30s"

    /// Throws a usage fault for a value that means nothing.
    func options(now: Timestamp, times: TimeFormat) throws(Fault) -> GlobalOptions {
        guard limit > 0 else { throw Fault(.usage, "must be more than 0", field: "limit") }
        guard let span = TimeArgument.span(timeout) else {
            throw Fault(.usage, "\"\(timeout)\" is not a span of time", field: "timeout", hint: "30s, 2m")
        }
        guard !reveal || reason != nil else { throw Fault(.usage, "needs --reason", field: "reveal") }
        return GlobalOptions(
            config: config, limit: limit, since: try moment(since, "since", now, times), until: try moment(until, "until", now, times),
            verbosity: quiet ? 0 : debug ? 3 : verbose ? 2 : 1, isDryRun: dryRun, saysYes: yes, asksNothing: noInput, reason: reason,
            reveals: reveal,
            timeout: span)
    }

    private func moment(_ text: String?, _ field: String, _ now: Timestamp, _ times: TimeFormat) throws(Fault) -> Timestamp? {
        guard let text else { return nil }
        guard let moment = TimeArgument.moment(text, now: now, offset: { times.offset(at: $0) }) else {
            throw Fault(.usage, "\"\(text)\" is not a time", field: field, hint: "2h, yesterday, 2026-11-18, or RFC 3339")
        }
        return moment
    }

    /// - Parameter environment: of the process.
    func console(environment: [String: String]) throws(Fault) -> Console {
        func screen(_ descriptor: Int32) -> Screen {
            Screen(
                isTerminal: Screen.isTerminal(descriptor: descriptor), columns: Screen.columns(descriptor: descriptor),
                environment: environment,
                color: color, ascii: ascii, width: width)
        }
        let zones = SystemZones()
        let out = screen(1)
        let name = tz ?? (out.isTerminal ? "local" : "utc")
        guard let zone = TimeFormat.zone(name, zones: zones) else {
            throw Fault(.usage, "there is no zone \"\(name)\"", field: "tz", hint: "utc, local, customer, or a name such as Asia/Shanghai")
        }
        let times = TimeFormat(zone, zones: zones)
        return Console(
            form: json ? .json : output, fields: (fields ?? "").split(separator: ",").map(String.init),
            look: Look(screen: out, times: times),
            errorLook: Look(screen: screen(2), times: times), isQuiet: quiet)
    }
}
