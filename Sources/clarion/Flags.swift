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

/// The flags that every command has; the same words mean the same everywhere. What only some commands can do is in groups of its own: no
/// command takes a flag that it would not obey.
struct GlobalFlags: ParsableArguments {
    @Option(
        name: [.short, .long], help: ArgumentHelp("Settings file.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var config: String?
    @Option(name: [.short, .long], help: "Form of the answer. Default: human.")
    var output: OutputForm?
    @Flag(help: "Short for --output json.")
    var json = false
    @Option(help: ArgumentHelp("Fields of each row, in this order (not in human and json).", valueName: "a,b"))
    var fields: String?
    @Option(help: ArgumentHelp("Ask this server instead of the store of this machine.", valueName: "url"))
    var server: String?
    @Option(help: ArgumentHelp("File of mode 0600 with the server's key.", valueName: "file"), completion: .file())
    var keyFile: String?
    @Option(
        help: ArgumentHelp("NAME.yaml in ~/.config/clarion: server, key_file, ca_file, output, tz.", valueName: "name"),
        completion: Completions.profiles)
    var profile: String?
    @Option(help: ArgumentHelp("Zone of times: utc, local, customer or a name. Default: local on a terminal, else utc.", valueName: "zone"))
    var tz: String?
    @Option(help: "When to use colour.")
    var color = Screen.Color.auto
    @Flag(help: "Signs in ASCII: ok ! x.")
    var ascii = false
    @Option(help: ArgumentHelp("Cells in a line. Default: the terminal's.", valueName: "cells", visibility: .hidden))
    var width: Int?
    @Flag(help: ArgumentHelp("No pager for what is longer than the terminal.", visibility: .hidden))
    var noPager = false
    @Flag(name: .shortAndLong, help: "Say nothing on stderr but errors.")
    var quiet = false
    @Flag(name: .shortAndLong, help: "Say on stderr what is read and asked.")
    var verbose = false
    @Option(help: ArgumentHelp("Longest wait for another machine.", valueName: "span", visibility: .hidden))
    var timeout = "30s"

    /// Throws a usage fault for a value that means nothing, a configuration fault for a profile that is not there.
    func options(_ profile: Profile?, _ environment: [String: String]) throws -> GlobalOptions {
        guard let span = TimeArgument.span(timeout) else {
            throw Fault(.usage, "\"\(timeout)\" is not a span of time", field: "timeout", hint: "30s, 2m")
        }
        return GlobalOptions(
            config: config, verbosity: quiet ? 0 : verbose ? 2 : 1, timeout: span, server: try place(profile, environment))
    }

    /// Precedence: flag, environment, profile.
    private func place(_ profile: Profile?, _ environment: [String: String]) throws(Fault) -> ServerPlace? {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let key = keyFile ?? variable("CLARION_KEY_FILE") ?? profile?.keyFile
        guard let url = server ?? variable("CLARION_SERVER") ?? profile?.server else {
            guard keyFile == nil else { throw Fault(.usage, "is for a server: name it with --server or --profile", field: "key-file") }
            return nil
        }
        return try ServerPlace(url, keyFile: key, authorityFile: profile?.authorityFile)
    }

    func readProfile(_ environment: [String: String]) throws -> Profile? {
        let name = profile ?? environment["CLARION_PROFILE"].flatMap { $0.isEmpty ? nil : $0 }
        return try name.map { try Profile.read($0, environment: environment) }
    }

    /// - Parameter environment: of the process.
    func console(_ profile: Profile?, environment: [String: String]) throws(Fault) -> Console {
        func screen(_ descriptor: Int32) -> Screen {
            Screen(
                isTerminal: Screen.isTerminal(descriptor: descriptor), columns: Screen.columns(descriptor: descriptor),
                environment: environment,
                color: color, ascii: ascii, width: width)
        }
        let zones = SystemZones()
        let out = screen(1)
        let name = tz ?? profile?.zone ?? (out.isTerminal ? "local" : "utc")
        guard let zone = TimeFormat.zone(name, zones: zones) else {
            throw Fault(.usage, "there is no zone \"\(name)\"", field: "tz", hint: "utc, local, customer, or a name such as Asia/Shanghai")
        }
        let times = TimeFormat(zone, zones: zones)
        let rows = noPager || !out.isTerminal ? nil : Screen.rows(descriptor: 1)
        return Console(
            form: json ? .json : output ?? profile?.output ?? .human, fields: (fields ?? "").split(separator: ",").map(String.init),
            look: Look(screen: out, times: times),
            errorLook: Look(screen: screen(2), times: times), isQuiet: quiet,
            pager: rows.flatMap { Pager(rows: $0, environment: environment) })
    }
}
