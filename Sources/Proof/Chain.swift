public import Core
import Crypto

/// The hash chain of the delivery log. A row's hash is SHA-256 over the hash of the row before and the row's content: canonical JSON whose members
/// stand sorted, absent ones left out.
public enum Chain {
    /// What stands for the row before the first.
    public static func genesis(_ chainID: String) -> LogDigest { .of(Array("clarion/log/\(chainID)".utf8)) }

    public static func hash(after previous: LogDigest, _ content: UnsafeRawBufferPointer) -> LogDigest {
        var hash = SHA256()
        if !PlantedBug.forgetsChain.isActive { hash.update(previous) }
        hash.update(bufferPointer: content)
        return LogDigest(hash.finalize())
    }
    public static func hash(after previous: LogDigest, _ content: [UInt8]) -> LogDigest {
        content.withUnsafeBytes { hash(after: previous, $0) }
    }

    /// A row's content. Its body is canonical JSON.
    public static func content(_ entry: LogEntry, seq: Int64, body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count + 192)
        var (act, order) = (entry.act.rawValue, entry.order?.description)
        let numbers = Numbers(
            seq: seq, at: entry.at.milliseconds, event: entry.event, notice: entry.notice, delivery: entry.delivery, attempt: entry.attempt)
        act.withUTF8 { act in
            body.withUnsafeBytes { body in
                guard order != nil else { return write(act: UnsafeRawBufferPointer(act), order: nil, numbers, body: body, to: &bytes) }
                order?.withUTF8 {
                    write(act: UnsafeRawBufferPointer(act), order: UnsafeRawBufferPointer($0), numbers, body: body, to: &bytes)
                }
            }
        }
        return bytes
    }

    public struct Numbers {
        public var seq, at: Int64
        public var event, notice, delivery, attempt: Int64?
        public init(seq: Int64, at: Int64, event: Int64?, notice: Int64?, delivery: Int64?, attempt: Int64?) {
            (self.seq, self.at, self.event, self.notice, self.delivery, self.attempt) = (seq, at, event, notice, delivery, attempt)
        }
    }

    /// - Parameters:
    ///   - body: canonical JSON. `act` and `order` need no escape: they are our words and identifiers.
    public static func write(
        act: UnsafeRawBufferPointer, order: UnsafeRawBufferPointer?, _ numbers: Numbers, body: UnsafeRawBufferPointer,
        to bytes: inout [UInt8]
    ) {
        append("{\"act\":\"", to: &bytes)
        bytes.append(contentsOf: act)
        append("\",\"at\":", numbers.at, to: &bytes)
        append(",\"attempt\":", numbers.attempt, to: &bytes)
        append(",\"body\":", to: &bytes)
        bytes.append(contentsOf: body)
        append(",\"delivery\":", numbers.delivery, to: &bytes)
        append(",\"event\":", numbers.event, to: &bytes)
        append(",\"notice\":", numbers.notice, to: &bytes)
        if let order {
            append(",\"order\":\"", to: &bytes)
            bytes.append(contentsOf: order)
            bytes.append(0x22)
        }
        append(",\"seq\":", numbers.seq, to: &bytes)
        bytes.append(0x7D)
    }

    /// What is absent is left out.
    private static func append(_ name: StaticString, _ value: Int64?, to bytes: inout [UInt8]) {
        guard let value else { return }
        append(name, to: &bytes)
        bytes.appendDecimal(value)
    }
    private static func append(_ text: StaticString, to bytes: inout [UInt8]) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    /// Whether a body is one JSON value and no more. A body that closed its object early could move bytes from one column to the next without a
    /// change of the hash; everything else about it the hash says.
    public static func isOneValue(_ body: UnsafeRawBufferPointer) -> Bool {
        var (depth, isText, isEscaped) = (0, false, false)
        guard let first = body.first else { return false }
        for (n, byte) in body.enumerated() {
            if isText {
                if isEscaped { isEscaped = false } else if byte == 0x5C { isEscaped = true } else if byte == 0x22 { isText = false }
            } else {
                switch byte {
                case 0x22: isText = true
                case 0x7B, 0x5B: depth += 1
                case 0x7D, 0x5D: depth -= 1
                case 0x2C, 0x3A: if depth == 0 { return false }
                default: break
                }
            }
            guard depth >= 0 else { return false }
            // What has ended has nothing behind it.
            if depth == 0, !isText, n + 1 < body.count, first == 0x7B || first == 0x5B || first == 0x22 { return false }
        }
        return depth == 0 && !isText
    }

    /// Words and identifiers need no escape, and cannot leave the quotes they stand in.
    public static func isPlain(_ text: UnsafeRawBufferPointer) -> Bool {
        text.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
    }
}
