import Config
import Core
import Glibc
import Proof
import Providers
import Reports
import Sandbox
import Store
import Templates
import Terminal
import Transport

/// Looks at every part of a system that may be running. Writes nothing, sends nothing.
struct Doctor {
    let context: CommandContext
    private(set) var report = DoctorReport()
    /// The sandbox that answers in this settings' directory.
    private var sandbox: Endpoints?
    /// Why the running worker cannot write its checkpoints; nil: it can, or none runs.
    var exportProblem: String?

    init(_ context: CommandContext) { self.context = context }

    mutating func say(_ part: String, _ state: DoctorReport.Finding.State, _ words: String, _ remedy: String? = nil) {
        report.findings.append(.init(part, state, words, remedy: remedy))
    }

    mutating func run() async {
        guard let settings = await readSettings() else { return }
        readTemplates(settings)
        lookAtDisk(settings)
        lookAtLibraries()
        lookAtKeys(settings)
        let isRunning = await askWorker(settings)
        lookAtLock(settings, isRunning: isRunning)
        await readStore(settings, isRunning: isRunning)
        if settings.mode == .capture {
            if let sandbox {
                say("sandbox", .good, "answers at \(sandbox.http)")
            } else {
                say(
                    "sandbox", isRunning ? .bad : .warning, "none answers, and mode capture sends to nothing else",
                    "clarion sandbox, or clarion run, which starts one")
            }
        }
        if settings.mode != .capture || sandbox != nil { await reach(settings, authority: sandbox?.caFile) }
    }

    /// In capture mode the accounts point at the sandbox that runs, whatever ports it got.
    private mutating func readSettings() async -> Settings? {
        do throws(Problems) {
            let first = try SettingsOfCommand(context).settings()
            if first.mode == .capture { sandbox = await SandboxLink.running(in: first.sandbox.directory) }
            let ports = sandbox.map { SandboxLink.Found(endpoints: $0, own: nil).overrides } ?? [:]
            let found = try SettingsOfCommand(context).configuration(overrides: ports)
            let words = "\(found.settings.file), mode \(found.settings.mode.rawValue)"
            if found.warnings.isEmpty {
                say("config", .good, words)
            } else {
                say("config", .warning, words + ", \(counted(found.warnings.count, "warning"))", "clarion check")
            }
            return found.settings
        } catch {
            say("config", .bad, counted(error.all.count, "mistake") + ": \(error.all.first.map(\.description) ?? "")", "clarion check")
            return nil
        }
    }

    private mutating func readTemplates(_ settings: Settings) {
        do {
            say("templates", .good, "revision \(try Runtime.loadTemplates(settings.templatesDirectory).revision)")
        } catch let found as Problems {
            say("templates", .bad, counted(found.all.count, "mistake") + ": \(found.all.first.map(\.description) ?? "")", "clarion check")
        } catch {
            say("templates", .bad, "\(error)", "templates.directory in \(settings.file)")
        }
    }

    /// A full disk stops intake; long before, somebody should know.
    private mutating func lookAtDisk(_ settings: Settings) {
        var status = statvfs()
        let directory = Host.exists(settings.storeDirectory) ? settings.storeDirectory : "."
        guard statvfs(directory, &status) == 0 else { return say("disk", .bad, "\(directory): \(String(cString: strerror(errno)))") }
        let free = Int64(status.f_bavail) * Int64(status.f_frsize) / 1_048_576
        let words = "\(grouped(free)) MiB free at \(directory)"
        switch free {
        case ..<100: say("disk", .bad, words, "make room: intake stops when nothing is left")
        case ..<1024: say("disk", .warning, words, "make room")
        default: say("disk", .good, words)
        }
    }

    // MARK: The store

    /// What one look into the store finds.
    private struct Facts: Sendable {
        var isCleanStop: Bool
        var rows: Int64
        var oldestDue, newest: Timestamp?
        var dead, reviews, ambiguous: Int
        /// Why the log is signed no further.
        var unsigned: String?
        var chain: String
        /// The number of the last; 0: none.
        var checkpoint: Int64
        var auditKeys: [AuditPublicKey]
        /// Nothing is written outside then: nobody knows which history is the right one.
        var isFenced: Bool
    }

    private mutating func readStore(_ settings: Settings, isRunning: Bool) async {
        let path = settings.storeDirectory + "/clarion.db"
        guard Host.exists(path) else {
            return say("store", isRunning ? .bad : .warning, "there is none in \(settings.storeDirectory)", "clarion run makes one")
        }
        let facts: Facts
        do {
            facts = try await SettingsOfCommand(context).openStore().read { reader in
                Facts(
                    isCleanStop: try reader.meta("clean_stop") == "1", rows: try reader.lastLogSeq(),
                    oldestDue: try reader.nextDelivery(),
                    newest: try reader.log(after: max(0, try reader.lastLogSeq() - 1), limit: 1).last?.entry.at,
                    dead: try reader.deadLetters(onlyOpen: true, limit: 10_000).count,
                    reviews: try reader.reviews(onlyOpen: true, limit: 10_000).count { !$0.isRestricted },
                    ambiguous: try Set(reader.attempts(in: .ambiguous, limit: 10_000).map(\.delivery)).count {
                        try reader.delivery($0)?.state.isInDoubt ?? false
                    }, unsigned: try reader.meta(LogSigning.problemKey), chain: try reader.chainName(),
                    checkpoint: try reader.lastCheckpoint()?.number ?? 0, auditKeys: try reader.auditKeys(),
                    isFenced: try reader.meta(Fence.key) != nil)
            }
        } catch {
            return say("store", .bad, Fault(describing: error).detail, Fault(describing: error).hint)
        }
        var status = stat()
        let size = stat(path, &status) == 0 ? Int64(status.st_size) / 1024 : 0
        let words =
            "\(grouped(size)) KiB, \(grouped(facts.rows)) records" + (isRunning ? ", in use" : facts.isCleanStop ? ", stopped cleanly" : "")
        if isRunning || facts.isCleanStop {
            say("store", .good, words)
        } else {
            say("store", .warning, words + ", not stopped cleanly", "the next start checks it and settles what was open")
        }
        if let words = facts.unsigned { say("signatures", .bad, words + ": the log is signed no further", "clarion audit verify") }
        if facts.isFenced {
            say("fence", .warning, "the store is fenced: nothing is sent, and no checkpoint is written", "clarion fence")
        } else {
            lookAtCheckpoints(settings, chain: facts.chain, stored: facts.checkpoint, trusted: facts.auditKeys)
        }
        lookAtClock(newest: facts.newest)
        queue(facts, isRunning: isRunning)
        let waiting = [
            ("dead", facts.dead, "open dead letter", "clarion dead list"),
            ("reviews", facts.reviews, "open review item", "clarion review list"),
            ("ambiguous", facts.ambiguous, "send without an answer", "clarion audit search state:no_report"),
        ]
        for (part, count, what, command) in waiting {
            say(
                part, count == 0 ? .good : .warning, counted(count, what, what.hasPrefix("send") ? "sends without an answer" : nil), command
            )
        }
    }

    private mutating func queue(_ facts: Facts, isRunning: Bool) {
        let late = facts.oldestDue.map { context.clock() - $0 } ?? .zero
        guard let due = facts.oldestDue else { return say("queue", .good, "nothing waits") }
        guard late > .seconds(1) else { return say("queue", .good, "next at \(context.console.look.times.full(due))") }
        let words = "the oldest waits for \(spoken(late))"
        if isRunning {
            say("queue", late > .minutes(5) ? .bad : .warning, words, "clarion tail --act outcome")
        } else {
            say("queue", .warning, words, "no worker sends it: clarion run")
        }
    }

    // MARK: Providers

    /// Opens a connection to every HTTP account, as far as TLS, and asks for nothing. A mail server is only spoken to when there is a mail.
    private mutating func reach(_ settings: Settings, authority: String?) async {
        let transport = Transport(capacity: 16)
        for account in settings.accounts.sorted(by: { $0.order < $1.order }) {
            guard account.channel != .mail else {
                say(account.name, .good, "\(account.provider.endpoints.first ?? ""), not tried: mail goes out only as mail")
                continue
            }
            var connection = Runtime.connection(of: account, settings: settings, authority: authority)
            connection.timeout = min(connection.timeout, context.options.timeout)
            transport.register(connection)
            var tried: Set<String> = []
            for place in account.provider.endpoints where tried.insert(place).inserted {
                let call = HTTPCall(method: "GET", url: "https://\(place)/", headers: [], body: [])
                switch await transport.perform(.http(call), on: account.name) {
                case .reply: say(account.name, .good, "\(place) answers")
                case .failure(let failure):
                    say(
                        account.name, .bad, "\(place) does not answer: \(failure)",
                        "accounts.\(account.name) in \(settings.file); the network; the provider's status page")
                }
            }
        }
        await transport.shutdown()
    }
}
