import App
import ArgumentParser
import Core
import FoundationEssentials
import Glibc
import Reports
import Terminal

@main
struct Clarion: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clarion", abstract: "Tells people what happened to their money.",
        discussion: """
            EXAMPLES
              clarion explain WD251110001236
              clarion preview bank_delay --channel sms --all-locales

            Every answer can be had as JSON (--json), CSV, Markdown and tab-separated text (-o). Answers go to stdout, everything else to stderr.
            Exit status: 0 done, 1 failed, 2 declined, 3 findings, 4 not allowed, 5 not found, 6 integrity, 7 partly done, 64 usage,
            69 unavailable, 78 configuration, 130 interrupted.
            """,
        version: "clarion \(Version.text)", subcommands: subcommands)

    /// Every sub-command there is. A shell joins the list when its request can be carried out.
    static var subcommands: [any ParsableCommand.Type] {
        [
            // Services
            enabled(RunShell.self), enabled(WorkerShell.self), enabled(SandboxShell.self), enabled(ReplayShell.self),
            enabled(DemoShell.self),
            // Daily work
            EventGroup.self, enabled(PreviewShell.self), TemplateGroup.self, enabled(ExplainShell.self), AuditGroup.self,
            enabled(TailShell.self),
            DeadGroup.self,
            ReviewGroup.self, CustomerGroup.self, InboxGroup.self, ProviderGroup.self, AttemptGroup.self, HoldGroup.self,
            ComplaintGroup.self, ContactGroup.self, enabled(ResendShell.self), RulesGroup.self,
            DatabaseGroup.self, FenceGroup.self, enabled(RetentionShell.self), KeysGroup.self,
            // The program itself
            ReasonsGroup.self, StatesGroup.self, enabled(CheckShell.self), ConfigGroup.self, enabled(DoctorShell.self), BenchGroup.self,
            CompletionCommand.self,
            enabled(VersionShell.self),
        ]
    }

    static func main() async {
        // Before anything is read: from here on there may be a key in it.
        Secrecy.begin()
        let arguments = CommandLine.arguments.dropFirst().map(Search.argument)
        do {
            if let fault = Suggestion.fault(for: arguments, of: Clarion.self) { throw fault }
            var command = try await asyncParseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let status as ExitStatus {
            Glibc.exit(status.rawValue)
        } catch {
            end(error, arguments)
        }
    }

    /// Help and usage are the parser's; everything else is a fault, as an object when the arguments ask for JSON.
    private static func end(_ error: any Error, _ arguments: [String]) -> Never {
        let form: OutputForm = asksForJSON(arguments) ? .json : .human
        let isFault = error is Fault
        if !isFault, exitCode(for: error) == .success { exit(withError: error) }
        let fault = isFault || exitCode(for: error) == .failure ? Fault(describing: error) : Fault(.usage, message(for: error))
        let screen = Screen(
            isTerminal: Screen.isTerminal(descriptor: 2), columns: nil, environment: ProcessInfo.processInfo.environment,
            ascii: arguments.contains("--ascii"))
        let look = Look(screen: screen, times: TimeFormat(.utc, zones: SystemZones()))
        let text = !isFault && fault.status == .usage && form == .human ? fullMessage(for: error) + "\n" : fault.text(as: form, look)
        // With stderr gone, the exit status is all that can still be said.
        try? Console.writeAll(text, STDERR_FILENO)
        Glibc.exit(fault.status.rawValue)
    }

    private static func asksForJSON(_ arguments: [String]) -> Bool {
        let options = arguments.prefix { $0 != "--" }
        if options.contains("--json") || options.contains("--output=json") || options.contains("--output=ndjson") { return true }
        return zip(options, options.dropFirst()).contains { ($0 == "-o" || $0 == "--output") && ($1 == "json" || $1 == "ndjson") }
    }
}
