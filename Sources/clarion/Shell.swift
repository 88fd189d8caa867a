import App
import ArgumentParser
import Core
import FoundationEssentials
import Terminal

/// A sub-command: it parses, hands a request over and exits with the answer. It decides nothing.
protocol Shell: AsyncParsableCommand {
    associatedtype Work
    var flags: GlobalFlags { get }
    /// The request that the arguments make. Throws a usage fault.
    func work() throws -> Work
    /// What the command's own groups of flags say.
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws
}

extension Shell {
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {}
}

extension Shell where Work: Command {
    /// Runs only shells whose request is a command: the others cannot be registered.
    mutating func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let profile = try flags.readProfile(environment)
        let console = try flags.console(profile, environment: environment)
        let clock: @Sendable () -> Timestamp = { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
        var options = try flags.options(profile, environment)
        try add(to: &options, now: clock(), times: console.look.times)
        try Work.reach.check(options)
        let settled = options
        let context = CommandContext(
            options: settled, console: console, clock: clock, environment: environment,
            openReading: { try SettingsOfCommand(settled, environment).openStore() },
            checkpointDirectory: { try SettingsOfCommand(settled, environment).checkpointDirectory() })
        if settled.verbosity > 1, Work.reach != .anywhere {
            try console.note(settled.server.map { "server \($0.base)" } ?? "settings \(SettingsOfCommand(settled, environment).path)")
        }
        let status = try await work().run(in: context)
        if status != .success { throw status }
    }
}

/// A shell as a sub-command. Does not compile for a request that nothing carries out.
func enabled<S: Shell>(_ shell: S.Type) -> any ParsableCommand.Type where S.Work: Command { shell }

/// Reads an identifier from the command line. Throws a usage fault that does not repeat a long or strange value.
func order(_ text: String) throws(Fault) -> OrderNumber {
    guard let order = OrderNumber(text) else {
        throw Fault(
            .usage, "\"\(PlainText(text))\" is not an order number", field: "order", hint: "letters, digits and - _ . / only, at most 64")
    }
    return order
}

/// `a,b` as words of a closed list. Throws a usage fault with the nearest word.
func words<Word: RawRepresentable<String> & CaseIterable>(_ text: String?, of type: Word.Type, field: String) throws(Fault) -> [Word] {
    var out: [Word] = []
    for name in (text ?? "").split(separator: ",").map(String.init) {
        guard let word = Word(rawValue: name) else {
            let known = Word.allCases.map(\.rawValue)
            throw Fault(
                .usage, "there is no \(field) \"\(PlainText(name))\"", field: field,
                hint: nearest(to: name, among: known).map { "did you mean \"\($0)\"?" } ?? "known: \(known.joined(separator: ", "))")
        }
        out.append(word)
    }
    return out
}
