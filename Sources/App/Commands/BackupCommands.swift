import Config
import Core
import Glibc
import Pipeline
import Reports
import Store
public import Terminal
import Synchronization

extension BackupRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let settings = try context.settings()
        try check(settings)
        let store = try SettingsOfCommand(context).openStore()
        let facts: BackupFacts
        do {
            // The row of who takes it comes first, so that it is part of what is taken.
            try await note(context)
            facts = try await copy(store, context)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        try context.console.show(BackupReport(file: file, facts, keys: settings.keyPaths))
        return .success
    }

    private func check(_ settings: Settings) throws {
        guard !file.isEmpty, !file.hasSuffix("/") else { throw Fault(.usage, "is no name of a file", field: "file") }
        guard replaces || !Host.exists(file) else { throw Fault(.usage, "\(file) is there already", field: "file", hint: "--force") }
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? "."
        guard let place = Host.resolved(folder) else { throw Fault(.usage, "there is no directory \(folder)", field: "file") }
        guard place != Host.resolved(settings.storeDirectory) else {
            throw Fault(.usage, "a backup in the store's own directory is lost with it", field: "file", hint: "another disk")
        }
    }

    private func note(_ context: CommandContext) async throws {
        let (who, reason) = (context.who, context.options.reason ?? "none given")
        let name = PlainText(String(file.split(separator: "/").last ?? ""), limit: 100).description
        let answer = try await context.operate("/v1/backups", ["file": .string(name), "reason": .string(reason), "who": .string(who)]) {
            try await $0.backup(to: name, who: who, reason: reason)
        }
        guard case .done = answer else { throw Fault(.failure, "nothing is copied: the record of it could not be written") }
    }

    private func copy(_ store: SQLiteAudit, _ context: CommandContext) async throws -> BackupFacts {
        let (screen, console, start) = (context.console.errorLook.screen, context.console, ContinuousClock.now)
        let shown = Shown(screen)
        do {
            return try await store.backup(to: file, replacing: replaces) { done, total in
                try console.progress(shown.advance(to: done, of: total, elapsed: ContinuousClock.now - start))
            }
        } catch StoreError.full {
            throw Fault(.failure, "there is no room for the backup: nothing is left of it", field: "file", hint: "another disk")
        }
    }

    /// The bar, which begins when it is known how much there is.
    private final class Shown: Sendable {
        private let screen: Screen
        private let bar = Mutex<Progress?>(nil)
        init(_ screen: Screen) { self.screen = screen }

        func advance(to done: Int, of total: Int, elapsed: Duration) -> String {
            bar.withLock { bar in
                var moved = bar ?? Progress(total: total, screen: screen)
                defer { bar = moved }
                return moved.advance(to: done, elapsed: elapsed) ?? ""
            }
        }
    }
}

extension RestoreRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let settings = try context.settings()
        let isTrial = context.options.isDryRun
        let reason = isTrial ? "" : try context.reason()
        if !isTrial { try Host.makeDirectory(settings.storeDirectory) }
        guard Host.exists(file) else { throw Fault(.notFound, "there is no file \(PlainText(file, limit: 200))", field: "file") }
        let restore = try opened(settings, isTrial: isTrial)
        var report = RestoreReport(file: file, restore.findings, store: settings.storeDirectory)
        if isTrial {
            restore.abandon()
        } else {
            let (who, name) = (context.who, PlainText(String(file.split(separator: "/").last ?? ""), limit: 100).description)
            let kept = try restore.finish(at: context.clock()) {
                Desk.restored(from: name, rows: $0.backup.rows, missing: $0.missing, who: who, reason: reason)
            }
            report.outcome = .done(former: kept)
        }
        try context.console.show(report)
        return .success
    }

    private func opened(_ settings: Settings, isTrial: Bool) throws -> Restore {
        do {
            return try Restore(
                of: file, into: settings.storeDirectory, keys: try Keys.existing(settings), random: SystemRandom(),
                options: settings.storeOptions, isTrial: isTrial)
        } catch let error as StoreError {
            switch error {
            case .locked:
                throw Fault(
                    .unavailable, error.description, hint: "stop the worker first; --dry-run looks at the backup beside it")
            case .integrity(let words): throw Fault(.integrity, words, field: "file", hint: "nothing was changed; try an older backup")
            case .full:
                throw Fault(
                    .failure, "there is no room for a copy of the backup in \(settings.storeDirectory)", hint: "nothing was changed")
            case .unusable(let words): throw Fault(.unavailable, words, field: "file", hint: "nothing was changed")
            default: throw error
            }
        }
    }
}

extension Settings {
    /// Where the keys lie that a backup holds nothing of.
    var keyPaths: [String] { [keys.master, keys.lookup, keys.audit].map(\.path) }
}

extension Host {
    /// Without links and dots; nil when there is no such thing.
    static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
