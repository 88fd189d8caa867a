import Core

/// Collects an HTTP answer from libcurl's callbacks, within limits: `MAXFILESIZE` bounds neither a chunked nor a close-delimited answer in 7.88.
struct HTTPReplyReader {
    static let longestBody = 65_536
    static let longestHead = 32_768

    private(set) var status = 0
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    /// The empty line after the headers of the final answer was seen. libcurl reports success without it when the connection ends early.
    private(set) var isHeadComplete = false
    private(set) var isTooLarge = false
    private(set) var hasRetryAfter = false
    private var headBytes = 0
    private var isChunked = false
    /// As it was written. Two that differ are none.
    private var length: String?
    private var hasTwoLengths = false

    /// One line of the head with its line end: status line, header, empty line. Trailers come here too and are not kept.
    mutating func take(line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        guard headBytes <= Self.longestHead else {
            isTooLarge = true
            return false
        }
        if isHeadComplete { return true }
        var end = line.count
        while end > 0, line[end - 1] == 0x0A || line[end - 1] == 0x0D { end -= 1 }
        if end == 0 {
            isHeadComplete = status >= 200
        } else if end >= 5, UnsafeRawBufferPointer(rebasing: line[..<5]).isStatusLine {
            // A new answer: what came before was 1xx.
            status = HTTPReplyReader.status(UnsafeRawBufferPointer(rebasing: line[..<end]))
            headers.removeAll(keepingCapacity: true)
            (hasRetryAfter, isChunked, length, hasTwoLengths) = (false, false, nil, false)
        } else if let colon = line[..<end].firstIndex(of: 0x3A) {
            take(UnsafeRawBufferPointer(rebasing: line[..<colon]), UnsafeRawBufferPointer(rebasing: line[(colon + 1)..<end]).trimmed)
        }
        return true
    }

    private mutating func take(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let text = String(decoding: value, as: UTF8.self)
        switch name.count {
        case 11 where name.isWord("retry-after"): hasRetryAfter = true
        case 14 where name.isWord("content-length"):
            if let length, length != text { hasTwoLengths = true }
            length = text
        case 17 where name.isWord("transfer-encoding"): isChunked = true
        default: break
        }
        if headers.isEmpty { headers.reserveCapacity(8) }
        headers.append((name.lowercased, text))
    }

    mutating func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= Self.longestBody else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    /// Two lengths that differ, or one that the body does not have: something on the way changed or cut the answer.
    func isWhole(_ method: String) -> Bool {
        guard isHeadComplete, !hasTwoLengths else { return false }
        guard let length else { return true }
        guard let expected = Int(length), expected >= 0 else { return false }
        return isChunked || expected == body.count || method == "HEAD" || status == 204 || status == 304
    }

    /// `HTTP/1.1 200 OK` → 200; 0 when there is no number.
    private static func status(_ line: UnsafeRawBufferPointer) -> Int {
        guard let space = line.firstIndex(of: 0x20) else { return 0 }
        return Int(String(decoding: line[(space + 1)...].prefix(3), as: UTF8.self)) ?? 0
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var isStatusLine: Bool { self[0] == 0x48 && self[1] == 0x54 && self[2] == 0x54 && self[3] == 0x50 && self[4] == 0x2F }

    fileprivate var lowercased: String {
        String(unsafeUninitializedCapacity: count) { out in
            for (n, byte) in enumerated() { out[n] = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
            return count
        }
    }

    fileprivate var trimmed: Self {
        var part = self[...]
        while let first = part.first, first == 0x20 || first == 0x09 { part = part.dropFirst() }
        while let last = part.last, last == 0x20 || last == 0x09 { part = part.dropLast() }
        return Self(rebasing: part)
    }
}
