/// Follows an SMTP dialogue by the lines of the server: the code and text of the last complete reply.
struct SMTPReplyReader {
    /// 0 before the greeting.
    private(set) var status = 0
    private(set) var text: [UInt8] = []

    private var replies = 0

    var isRefusal: Bool { status >= 400 }
    var isGreeting: Bool { replies == 1 }

    /// `250-SIZE` continues, `250 2.1.5 Ok` ends a reply (RFC 5321 4.2.1). True when this line ended one.
    mutating func take(line: UnsafeRawBufferPointer) -> Bool {
        var end = line.endIndex
        while end > 0, line[end - 1] == 0x0A || line[end - 1] == 0x0D { end -= 1 }
        guard end >= 3, let code = Int(String(decoding: line[..<3], as: UTF8.self)), (200...599).contains(code) else { return false }
        if end > 3, line[3] == 0x2D { return false }
        status = code
        text = end > 4 ? Array(line[4..<min(end, 1024)]) : []
        replies += 1
        return true
    }
}
