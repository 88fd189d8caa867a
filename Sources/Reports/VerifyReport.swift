public import Core
public import Proof
public import Terminal

/// `audit verify`: what is proven of a log, an exported file or an evidence pack, what is not, and what is wrong with it.
public struct VerifyReport: Document {
    public static let schema = "clarion.audit.verify/1"
    /// What people call one of its rows.
    public enum Subject: Sendable, Equatable {
        case store, export
        case pack(OrderNumber?)
    }
    public var subject: Subject
    public var verdict: LogVerdict
    /// That was given, or is the store's own; nil: nothing is signed there.
    public var key: AuditPublicKey?
    /// Breaches that people are shown; machines get all.
    private static let shown = 50

    public init(_ subject: Subject, _ verdict: LogVerdict, key: AuditPublicKey?) {
        (self.subject, self.verdict, self.key) = (subject, verdict, key)
    }
    public init(_ verdict: LogVerdict, key: AuditPublicKey?) { self.init(.store, verdict, key: key) }

    public var status: ExitStatus { verdict.isSound ? .success : .integrity }

    public var members: [(String, JSON)] {
        let (first, rows) = (verdict.breaches.first, verdict.rows)
        return [
            ("intact", .bool(verdict.isSound)), ("rows", .integer(verdict.rowCount)),
            ("broken_at", first.map { .integer($0.rows.lowerBound) } ?? .null),
            ("problem", .text(first.map { "\($0.place): \($0.words)" })), ("chain", .string(verdict.chain)),
            ("from", rows.map { .integer($0.lowerBound) } ?? .null), ("to", rows.map { .integer($0.upperBound) } ?? .null),
            ("signed_to", .integer(verdict.signedThrough)), ("signed_at", .text(verdict.signedAt)),
            ("checkpoints", .integer(verdict.checkpoints)), ("unsigned", .integer(verdict.unsigned)), ("key", .text(key)),
            ("breaches", .array(verdict.breaches.map(\.json))), ("more_breaches", .integer(verdict.more)),
            ("not_proven", .array(verdict.notes.map { .string($0) })),
        ]
    }
    /// A breach each.
    public var sheet: Sheet {
        var sheet = Sheet(["sort", "first", "last", "problem"])
        for breach in verdict.breaches {
            sheet.add([
                .string(breach.sort.rawValue), .integer(breach.rows.lowerBound), .integer(breach.rows.upperBound), .string(breach.words),
            ])
        }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        var lines = verdict.isSound ? proven(look) : broken(look)
        if verdict.isSound, verdict.unsigned > 0 {
            lines.append(
                look.mark(
                    .warning, "\(counted(Int(verdict.unsigned), "record")) behind it: they fit each other, and no checkpoint signs them yet"
                ))
        }
        lines += verdict.notes.map { look.mark(.warning, "not proven: \($0)") }
        return lines
    }

    private func proven(_ look: Look) -> [String] {
        let span = verdict.rows.map { ", \(grouped($0.lowerBound)) to \(grouped($0.upperBound))" } ?? ""
        var lines: [String]
        if case .pack(let order) = subject {
            let whose = order.map { " of \($0)" } ?? ""
            lines = [look.mark(.good, "\(counted(Int(verdict.rowCount), "record"))\(whose), each as it was written and signed")]
        } else {
            lines = [look.mark(.good, "\(counted(Int(verdict.rowCount), "record")) intact\(span)")]
        }
        guard let key, let at = verdict.signedAt else { return lines + [look.mark(.warning, "no checkpoint signs them")] }
        lines.append(
            look.mark(
                .good,
                "signed to record \(grouped(verdict.signedThrough)) by \(counted(verdict.checkpoints, "checkpoint")), the last of \(look.times.full(at)), key \(key.fingerprint)"
            ))
        return lines
    }

    private func broken(_ look: Look) -> [String] {
        let count = verdict.breaches.count + verdict.more
        var lines = verdict.breaches.prefix(Self.shown).map { look.mark(.bad, "\($0.place): \($0.words)  [\($0.sort.rawValue)]") }
        if count > lines.count { lines.append("  … and \(grouped(count - lines.count)) more (--json)") }
        lines.append(look.mark(.bad, "\(counted(count, "breach", "breaches")) in \(counted(Int(verdict.rowCount), "record"))"))
        return lines
    }
}

extension Breach {
    var json: JSON {
        [
            "sort": .string(sort.rawValue), "first": .integer(rows.lowerBound), "last": .integer(rows.upperBound),
            "problem": .string(words),
        ]
    }
}

/// `keys public`: what others need to check what this store signs.
public struct PublicKeysReport: Document {
    public static let schema = "clarion.keys.public/1"
    /// The one of now first.
    public var keys: [AuditPublicKey]
    public init(_ keys: [AuditPublicKey]) { self.keys = keys }

    public var members: [(String, JSON)] {
        [("keys", .array(keys.map { ["key": .text($0.description), "fingerprint": .string($0.fingerprint)] }))]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["key", "fingerprint", "signs"])
        for (n, key) in keys.enumerated() { sheet.add([.string(key.description), .string(key.fingerprint), .bool(n == 0)]) }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        keys.enumerated().map { n, key in "\(key)  \(key.fingerprint)\(n == 0 ? "" : "  former")" }
    }
}
