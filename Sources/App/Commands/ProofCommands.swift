import Config
import Core
import Glibc
import Pipeline
import Proof
import Reports
import Store
public import Terminal

extension AuditVerifyRequest: Command {
    public static var reach: Reach { .store }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let trusted = try key.map { [try Self.publicKey($0)] }
        let report: VerifyReport
        if let file {
            guard let trusted else {
                throw Fault(
                    .usage, "a file is checked with the public key alone: say it", field: "key",
                    hint: "clarion keys public, on the machine it is from")
            }
            report = try LogFile(path: file, exported: checkpoints).verify(trusted: trusted, context)
        } else {
            report = try await StoreProof(context, exported: checkpoints).verify(trusted: trusted)
        }
        try context.console.show(report)
        return report.status
    }

    /// As it stands, or the first word of a file.
    private static func publicKey(_ text: String) throws -> AuditPublicKey {
        if let key = AuditPublicKey(text) { return key }
        guard Host.exists(text), let word = try Host.firstLine(of: text).split(separator: " ").first, let key = AuditPublicKey(String(word))
        else {
            throw Fault(
                .usage, "\"\(PlainText(text))\" is no public key, and no file of one", field: "key",
                hint: "44 characters, from clarion keys public")
        }
        return key
    }
}

/// An exported log or an evidence pack, read from its file or standard input.
private struct LogFile {
    var path: String
    /// The file of checkpoints to compare with.
    var exported: String?

    func verify(trusted: [AuditPublicKey], _ context: CommandContext) throws -> VerifyReport {
        let file = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(.notFound, "\(path): \(String(cString: strerror(errno)))", field: "file") }
        defer { if path != "-" { close(file) } }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var count = try read(file, buffer)
        if EvidenceVerifier.isPack(Array(buffer.prefix(min(count, 64)))) { return try pack(Array(buffer[..<count]), file, trusted) }
        let total = path == "-" ? nil : Host.size(of: path) / 1000
        var progress = Progress(total: total, screen: context.console.errorLook.screen)
        let start = ContinuousClock.now
        var verifier = ExportVerifier(trusted: trusted, exported: try exported.map { try Host.bytes(at: $0) })
        var done = 0
        while count > 0 {
            verifier.feed(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
            done += count
            try context.console.progress(progress.advance(to: done / 1000, elapsed: ContinuousClock.now - start))
            count = try read(file, buffer)
        }
        let verdict = verifier.finish()
        try context.console.progress(progress.close("\(counted(Int(verdict.rowCount), "record"))", elapsed: ContinuousClock.now - start))
        return VerifyReport(.export, verdict, key: trusted.first)
    }

    private func pack(_ first: [UInt8], _ file: Int32, _ trusted: [AuditPublicKey]) throws -> VerifyReport {
        var verifier = EvidenceVerifier(trusted: trusted)
        let verdict = verifier.verify(first + (try Host.bytes(of: file, path: path)))
        return VerifyReport(.pack(verifier.order), verdict, key: trusted.first)
    }

    private func read(_ file: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw Fault(.failure, "\(path): \(String(cString: strerror(errno)))") }
        }
    }
}

/// The store's own log, compared with the checkpoints that were written outside of it.
private struct StoreProof {
    let context: CommandContext
    /// This file instead of the one that the settings name.
    var exported: String?
    init(_ context: CommandContext, exported: String?) { (self.context, self.exported) = (context, exported) }

    func verify(trusted: [AuditPublicKey]?) async throws -> VerifyReport {
        let (chain, own) = try await context.read { (try $0.chainName(), try $0.auditKeys()) }
        let keys = trusted ?? own
        // Before the store is looked at: what is written in the meantime is in the store first, and not the other way round.
        let books = try read(chain: chain, trusted: keys)
        let newest = books.last
        let (found, stored) = try await context.read { reader in
            (try reader.verifyLog(trusted: trusted, book: newest), try reader.lastCheckpoint()?.number ?? 0)
        }
        var verdict = found
        verdict.breaches = books.flatMap(\.breaches) + verdict.breaches
        for old in books.dropLast() { try await judge(old, against: newest, &verdict) }
        if let newest {
            let last = newest.last?.number ?? 0
            if last < stored {
                verdict.notes.append(
                    "checkpoints \(last + 1) to \(stored) are not outside of the database: not written yet, or cut off there")
            }
        } else if stored > 0 {
            verdict.notes.append("no checkpoint was written outside of the database: whoever has its keys could have cut it short")
        }
        return VerifyReport(.store, verdict, key: keys.first)
    }

    /// The files there are, the oldest first.
    private func read(chain: String, trusted: [AuditPublicKey]) throws -> [CheckpointBook] {
        let paths =
            try exported.map { [$0] } ?? context.checkpointDirectory.map { CheckpointFiles(directory: try $0(), chain: chain).paths } ?? []
        return try paths.map { CheckpointBook(try Host.bytes(at: $0), chain: chain, trusted: trusted) }
    }

    /// A file that is not written any more holds a history that was given up. That is explained when somebody has let the store go on after it was
    /// brought back, which stands in the log; else somebody has put an older copy in its place.
    private func judge(_ old: CheckpointBook, against newest: CheckpointBook?, _ verdict: inout LogVerdict) async throws {
        guard let last = old.last else { return }
        let common = old.entries.last { newest?[$0.number]?.digest == $0.digest }
        guard common?.number != last.number else { return }
        let lost = (common?.seq ?? 0) + 1...max(last.seq, (common?.seq ?? 0) + 1)
        let release = try await context.read { try Self.release(after: lost.lowerBound - 1, in: $0) }
        if let release {
            verdict.notes.append(
                "what stood in rows \(lost.lowerBound) to \(lost.upperBound) before the store was brought back from a copy: somebody released it in row \(release)"
            )
        } else {
            verdict.breaches.append(
                Breach(
                    .forked, lost,
                    "another history of these rows was signed by checkpoint \(last.number) on \(last.at): an older copy was put in the place of the store"
                ))
        }
    }

    private static func release(after seq: Int64, in reader: any StoreReader) throws -> Int64? {
        var seq = seq
        while true {
            let rows = try reader.log(after: seq, limit: 1000)
            guard let last = rows.last else { return nil }
            let found = rows.first {
                $0.entry.act == .operator && $0.entry.body["command"]?.string?.hasPrefix("fence release") ?? false
            }
            if let found { return found.seq }
            seq = last.seq
        }
    }
}

extension KeysPublicRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let keys = try Keys.existing(try context.settings()).audit.compactMap { AuditKey(seed: $0)?.publicKey }
        guard !keys.isEmpty else {
            throw Fault(.unavailable, "there is no audit key yet", field: "keys.audit_key_file", hint: "clarion run makes one")
        }
        try context.console.show(PublicKeysReport(keys))
        return .success
    }
}
