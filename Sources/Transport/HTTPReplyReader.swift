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
    private var headBytes = 0

    /// One line of the head with its line end: status line, header, empty line. Trailers come here too and are not kept.
    mutating func take(line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        guard headBytes <= Self.longestHead else {
            isTooLarge = true
            return false
        }
        if isHeadComplete { return true }
        var end = line.endIndex
        while end > 0, line[end - 1] == 0x0A || line[end - 1] == 0x0D { end -= 1 }
        let text = line[..<end]
        if text.starts(with: "HTTP/".utf8) {
            // A new answer: what came before was 1xx.
            status = HTTPReplyReader.status(text)
            headers.removeAll(keepingCapacity: true)
        } else if text.isEmpty {
            isHeadComplete = status >= 200
        } else if let colon = text.firstIndex(of: 0x3A) {
            let name = text[..<colon].map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
            let value = text[(colon + 1)...].trimmed
            headers.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        return true
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
        guard isHeadComplete else { return false }
        let lengths = Set(headers.lazy.filter { $0.name == "content-length" }.map(\.value))
        guard let length = lengths.first else { return true }
        guard lengths.count == 1, let expected = Int(length), expected >= 0 else { return false }
        let hasNoBody = method == "HEAD" || status == 204 || status == 304
        let isChunked = headers.contains { $0.name == "transfer-encoding" }
        return hasNoBody || isChunked || expected == body.count
    }

    /// `HTTP/1.1 200 OK` → 200; 0 when there is no number.
    private static func status(_ line: Slice<UnsafeRawBufferPointer>) -> Int {
        guard let space = line.firstIndex(of: 0x20) else { return 0 }
        return Int(String(decoding: line[(space + 1)...].prefix(3), as: UTF8.self)) ?? 0
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var trimmed: Self {
        var part = self
        while let first = part.first, first == 0x20 || first == 0x09 { part = part.dropFirst() }
        while let last = part.last, last == 0x20 || last == 0x09 { part = part.dropLast() }
        return part
    }
}
