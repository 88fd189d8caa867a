import Config
import Core
import Glibc
import Pipeline
import Proof
import Reports
import Store
public import Terminal

extension AuditExportRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        guard context.console.form == .ndjson || to != nil else {
            throw Fault(.usage, "the log is written as one JSON object a line", field: "output", hint: "-o ndjson, or --to FILE")
        }
        guard let key = try Keys.existing(try context.settings()).audit.first.flatMap({ AuditKey(seed: $0) }) else {
            throw Fault(
                .unavailable, "there is no audit key yet: nothing is signed", field: "keys.audit_key_file", hint: "clarion run makes one")
        }
        let out = try Out(to)
        let words: String
        do {
            // The row of who takes it comes first, so that it is part of what is taken.
            try await note(context)
            if let order {
                let pack = try await LogExport(reading: try await context.reading(), key: key, now: context.clock()).evidence(of: order)
                try out.write(pack.bytes)
                words = "\(counted(pack.rows, "record")) of \(order)"
            } else {
                words = try await whole(context, key, out)
            }
            try out.finish()
        } catch {
            out.abandon()
            throw error
        }
        guard let to else { return .success }
        try context.console.note("\(words) in \(to), signed with the key \(key.publicKey.fingerprint)")
        try context.console.note("clarion audit verify \(to) --key \(key.publicKey)")
        return .success
    }

    private func note(_ context: CommandContext) async throws {
        let (who, reason) = (context.who, context.options.reason ?? "none given")
        let span = [context.options.since.map { "since \($0)" }, context.options.until.map { "until \($0)" }].compactMap(\.self)
        let what = order?.description ?? (span.isEmpty ? "whole" : span.joined(separator: " "))
        var body: [(String, JSON)] = [("what", .string(what)), ("reason", .string(reason)), ("who", .string(who))]
        if let order { body.append(("order", .text(order))) }
        let named = order
        switch try await context.operate(
            "/v1/audit/exports", .object(body), else: { try await $0.export(order: named, what: what, who: who, reason: reason) })
        {
        case .done: return
        case .notFound: throw Fault(.notFound, "no order \(order.map(\.description) ?? "")", field: "order")
        case .refused(let words): throw Fault(.failure, "nothing is exported: the record of it could not be written (\(words))")
        }
    }

    private func whole(_ context: CommandContext, _ key: AuditKey, _ out: Out) async throws -> String {
        let export = LogExport(reading: try await context.reading(), key: key, now: context.clock())
        let span = try await export.span(since: context.options.since, until: context.options.until)
        guard let span else { throw Fault(.notFound, "the log has no row of that time", field: "since") }
        var progress = Progress(total: Int(span.rows.count), screen: context.console.errorLook.screen)
        let start = ContinuousClock.now
        try await export.write(span) { bytes, done in
            try out.write(bytes)
            try context.console.progress(progress.advance(to: done, elapsed: ContinuousClock.now - start))
        }
        return "\(counted(span.rows.count, "record")), \(grouped(span.rows.lowerBound)) to \(grouped(span.rows.upperBound)),"
    }
}

/// Where an export goes: standard output, or a new file that is there whole or not at all.
private final class Out {
    private let path: String?
    private let file: Int32
    private var made: String? { path.map { $0 + ".part" } }

    init(_ path: String?) throws {
        self.path = path
        guard let path else {
            file = STDOUT_FILENO
            return
        }
        guard !Host.exists(path) else { throw Fault(.usage, "\(path) is there already", field: "to") }
        file = open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Fault(.failure, "\(path): \(String(cString: strerror(errno)))", field: "to") }
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // A reader that went away ends the command without a word.
            guard count > 0 else {
                guard let path else { throw ExitStatus.failure }
                throw Fault(.failure, "\(path): \(String(cString: strerror(errno)))", field: "to")
            }
            rest = rest.dropFirst(count)
        }
    }

    func finish() throws {
        guard let path, let made else { return }
        defer { close(file) }
        guard fsync(file) == 0, rename(made, path) == 0 else {
            throw Fault(.failure, "\(path): \(String(cString: strerror(errno)))", field: "to")
        }
    }
    func abandon() {
        guard let made else { return }
        close(file)
        unlink(made)
    }
}
