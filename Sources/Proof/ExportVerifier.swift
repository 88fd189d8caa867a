import Core
import Glibc

/// Checks an exported log as its bytes come: no settings, no store, no more memory for a long file than for a short one.
public struct ExportVerifier {
    /// Longer than any row of ours: what is longer is none.
    private static let lineLimit = 1 << 20

    private let trusted: [AuditPublicKey]
    private let exported: [UInt8]?
    public private(set) var header: ExportHeader?
    private var headerDigest = LogDigest.zero
    private var verifier: LogVerifier?
    private var manifest: Manifest?
    private var lines = 0
    private var checkpoints: Int64 = 0
    private var lastHash: LogDigest?
    /// The beginning of a line whose end has not come yet.
    private var rest: [UInt8] = []
    private var isSkipping = false
    private var early: [Breach] = []
    private var hasLinesBehind = false

    /// - Parameter exported: the file of checkpoints to compare with, if there is one.
    public init(trusted: [AuditPublicKey], exported: [UInt8]? = nil) { (self.trusted, self.exported) = (trusted, exported) }

    /// The next bytes of the file. They are changed.
    public mutating func feed(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        var at = 0
        while at < bytes.count, let found = memchr(base + at, 0x0A, bytes.count - at) {
            let end = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[at..<end])
            at = end + 1
            endLine(part)
        }
        guard at < bytes.count, !isSkipping else { return }
        rest += bytes[at...]
        if rest.count > Self.lineLimit { (isSkipping, rest) = (true, []) }
    }

    private mutating func endLine(_ part: UnsafeMutableRawBufferPointer) {
        lines += 1
        if isSkipping {
            isSkipping = false
            return noLine("line \(lines) is too long for a row")
        }
        guard !rest.isEmpty else { return line(part) }
        rest += part
        var whole: [UInt8] = []
        swap(&whole, &rest)
        whole.withUnsafeMutableBytes { line($0) }
        whole.removeAll(keepingCapacity: true)
        swap(&whole, &rest)
    }

    private mutating func line(_ bytes: UnsafeMutableRawBufferPointer) {
        if manifest != nil { hasLinesBehind = true }
        if let row = ExportLines.readRow(bytes) {
            if verifier == nil { begin(at: row.seq) }
            verifier?.row(row.seq, row.content, row.hash)
            lastHash = row.hash
            return
        }
        other(Array(bytes))
    }

    private mutating func other(_ line: [UInt8]) {
        guard let json = try? JSON(parsing: line), let first = json.object?.first?.0 else {
            return noLine("line \(lines) is no line of a log")
        }
        switch first {
        case "clarion":
            guard lines == 1, let header = ExportHeader(json) else { return noLine("line \(lines) is no header") }
            begin(with: header, line)
        case "link":
            guard let signed = json["link"].flatMap({ SignedCheckpoint(line: $0.bytes) }) else { return noLine("line \(lines) is no link") }
            verifier?.link(signed)
        case "blind":
            guard let secret = json["blind"]?.string.flatMap({ LogDigest(hex: $0) }) else { return noLine("line \(lines) blinds nothing") }
            verifier?.secret(secret)
        case "checkpoint":
            if verifier == nil { begin(at: 1) }
            checkpoints += 1
            verifier?.checkpoint(line)
        case "manifest":
            guard let read = Manifest(json) else { return noLine("line \(lines) is no manifest") }
            manifest = read
        default: noLine("line \(lines) is no line of a log")
        }
    }

    private mutating func noLine(_ words: String) {
        guard verifier != nil else {
            early.append(Breach(.unreadable, 1...1, words))
            return
        }
        verifier?.unreadable(words)
    }

    private mutating func begin(with header: ExportHeader, _ line: [UInt8]) {
        (self.header, headerDigest) = (header, .of(line))
        verifier = LogVerifier(
            chain: header.chain, first: header.from, after: header.after, number: header.checkpoint, previous: header.previous,
            trusted: trusted, book: exported.map { CheckpointBook($0, chain: header.chain, trusted: trusted) })
        if header.from == 1, header.after != Chain.genesis(header.chain) || header.checkpoint != 1 || header.previous != .zero {
            early.append(Breach(.edited, 1...1, "the header does not begin where the chain does"))
        }
    }
    /// Without a header.
    private mutating func begin(at seq: Int64) {
        early.append(Breach(.unreadable, seq...seq, "the file has no header"))
        verifier = LogVerifier(chain: "", first: seq, after: nil, number: 1, previous: nil, trusted: trusted)
    }

    /// After the last bytes.
    public mutating func finish() -> LogVerdict {
        if !rest.isEmpty || isSkipping {
            lines += 1
            let part = rest
            rest = []
            // A file may lack the end of its last line; what is cut inside of it is no line.
            var copy = part
            copy.withUnsafeMutableBytes { line($0) }
        }
        guard var verifier else {
            var verdict = LogVerdict()
            verdict.breaches = early + [Breach(.unreadable, 1...1, "there is no row of a log in it")]
            return verdict
        }
        var verdict = verifier.finish(through: header.map(\.to), isWhole: header?.isToTheEnd ?? false)
        verdict.breaches = early + (verifier.book?.breaches ?? []) + verdict.breaches
        checkManifest(&verdict, links: verifier.marks.links)
        explain(&verdict)
        return verdict
    }

    private func checkManifest(_ verdict: inout LogVerdict, links: [(AuditPublicKey, AuditPublicKey)]) {
        let end = max(verdict.rows?.upperBound ?? 1, 1)
        func report(_ sort: Breach.Sort, _ words: String) { verdict.breaches.append(Breach(sort, end...end, words)) }
        guard let manifest else {
            let isKnown = verdict.breaches.contains { $0.sort == .truncated }
            if !isKnown {
                verdict.breaches.append(Breach(.truncated, end + 1...end + 1, "the file ends without its manifest: something is cut off"))
            }
            return
        }
        guard manifest.isSigned, manifest.form == ExportLines.header else { return report(.edited, "the manifest is not what was signed") }
        guard AuditPublicKey.reached(from: trusted, over: links).contains(manifest.key) else {
            return report(
                .key, "the manifest is signed with the key \(manifest.key.fingerprint), which nothing links to the one that was given")
        }
        if header != nil, manifest.header != headerDigest { report(.edited, "the header is not the one that the manifest signs") }
        if hasLinesBehind { report(.inserted, "there are lines behind the manifest") }
        guard verdict.isSound else { return }
        if manifest.rows != verdict.rowCount || manifest.checkpoints != checkpoints || lastHash.map({ $0 != manifest.digest }) ?? false {
            report(.edited, "the manifest counts other rows and checkpoints")
        }
    }

    private func explain(_ verdict: inout LogVerdict) {
        if let header, header.from > 1 {
            verdict.notes.append("rows 1 to \(header.from - 1) are not in the file: it begins later")
        }
        if let header, !header.isToTheEnd {
            verdict.notes.append("the log goes on behind row \(header.to): the file was made to end there")
        }
        if exported == nil {
            verdict.notes.append(
                "whether the log went on after \(header.map { $0.madeAt.description } ?? "this file"): compare with the exported checkpoints (--checkpoints FILE)"
            )
        }
    }
}
