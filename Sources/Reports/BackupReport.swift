public import Core
import Proof
public import Store
public import Terminal

/// `db backup`: what was written, and what is not in it.
public struct BackupReport: Document {
    public static let schema = "clarion.db.backup/1"
    public var file: String
    public var facts: BackupFacts
    /// Of the files with the keys.
    public var keys: [String]
    public init(file: String, _ facts: BackupFacts, keys: [String]) { (self.file, self.facts, self.keys) = (file, facts, keys) }

    public var members: [(String, JSON)] {
        [("file", .string(file))] + facts.members + [("keys_not_in_it", .array(keys.map { .string($0) }))]
    }
    public var sheet: Sheet { facts.sheet(of: file) }

    public func human(_ look: Look) -> [String] {
        [
            look.mark(.good, "\(Safe.text(file)): \(facts.words(look))"), facts.signature(look),
            look.mark(.warning, "no key is in it: \(Safe.text(keys.joined(separator: ", ")))"),
            "  \(look.arrow) keep these apart from it; without them nobody can open it, you included",
            "  \(look.arrow) clarion db restore \(Safe.text(file)) --dry-run",
        ]
    }
}

/// `db restore`: what the backup holds, what is missing compared with what was there, and what was done.
public struct RestoreReport: Document {
    public static let schema = "clarion.db.restore/1"
    public enum Outcome: Sendable, Equatable {
        /// Nothing was changed.
        case tried
        /// Where the database is kept that was there; nil: there was none.
        case done(former: String?)
    }
    public var file: String
    public var findings: Restore.Findings
    public var store: String
    public var outcome = Outcome.tried
    public init(file: String, _ findings: Restore.Findings, store: String) {
        (self.file, self.findings, self.store) = (file, findings, store)
    }

    private var former: String? { if case .done(let former) = outcome { former } else { nil } }

    public var members: [(String, JSON)] {
        func row(_ seq: Int64?) -> JSON { seq.map { .integer($0) } ?? .null }
        return [("file", .string(file)), ("restored", .bool(outcome != .tried))] + findings.backup.members + [
            ("intact", .bool(findings.verdict.isSound)), ("missing", .integer(findings.missing)),
            ("last_row", ["store": row(findings.ofStore), "fence": row(findings.ofFence), "checkpoints": row(findings.ofCheckpoints)]),
            ("former", .text(former)), ("fenced", .bool(outcome != .tried)),
        ]
    }
    public var sheet: Sheet { findings.backup.sheet(of: file) }

    public func human(_ look: Look) -> [String] {
        let facts = findings.backup
        var lines = [look.mark(.good, "\(Safe.text(file)) is whole and verifies: \(facts.words(look))"), facts.signature(look)]
        lines += missing(look)
        switch outcome {
        case .tried: lines.append("  nothing was changed")
        case .done(let former):
            lines.append(look.mark(.good, "it is the store in \(Safe.text(store)) now"))
            if let former { lines.append("  what was there is kept as \(Safe.text(former))") }
            lines += [look.mark(.warning, "the store is fenced: the next start sends nothing"), "  \(look.arrow) clarion fence"]
        }
        return lines
    }

    private func missing(_ look: Look) -> [String] {
        let known = [
            (findings.ofStore, "the database that was here"), (findings.ofFence, "the fence file"),
            (findings.ofCheckpoints, "the checkpoints outside of the database"),
        ].compactMap { row, what in row.map { "\(what): to record \(grouped($0))" } }
        guard !known.isEmpty else {
            return [look.mark(.warning, "how many records are missing is not known: there is nothing here to compare with")]
        }
        let words =
            findings.missing == 0
            ? "no record is known to be missing"
            : "\(counted(Int(findings.missing), "record")) of the log \(findings.missing == 1 ? "is" : "are") missing"
        return [look.mark(findings.missing == 0 ? .good : .warning, words)] + known.map { "  " + $0 }
    }
}

extension BackupFacts {
    fileprivate var members: [(String, JSON)] {
        [
            ("rows", .integer(rows)), ("last_at", .text(lastAt)), ("signed_to", .integer(signedThrough)),
            ("checkpoint", .integer(checkpoint)), ("schema_version", .integer(version)), ("bytes", .integer(bytes)),
        ]
    }
    fileprivate func sheet(of file: String) -> Sheet {
        var sheet = Sheet(["file"] + members.map(\.0))
        sheet.add([.string(file)] + members.map(\.1))
        return sheet
    }
    fileprivate func words(_ look: Look) -> String {
        let last = lastAt.map { ", the last of \(look.times.full($0))" } ?? ""
        let size = bytes < 1 << 20 ? "\(grouped((bytes + 1023) / 1024)) KiB" : "\(grouped(bytes >> 20)) MiB"
        return "\(counted(Int(rows), "record")) of the log\(last); \(size)"
    }
    fileprivate func signature(_ look: Look) -> String {
        guard checkpoint > 0 else { return look.mark(.warning, "nothing of its log is signed; tables of version \(version)") }
        return look.mark(
            .good, "signed to record \(grouped(signedThrough)) by checkpoint \(grouped(checkpoint)); tables of version \(version)")
    }
}
