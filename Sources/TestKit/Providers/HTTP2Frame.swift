/// Frames of HTTP/2 as bytes, so that a script can send any of them at any moment. RFC 9113, section 4.1.
public enum HTTP2Frame {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    struct Head {
        var length: Int
        var endsStream: Bool
        init(_ bytes: some Collection<UInt8>) {
            let bytes = Array(bytes)
            length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
            // DATA and HEADERS have the flag.
            endsStream = bytes[3] < 2 && bytes[4] & 1 == 1
        }
    }

    /// What a server says first, and its answer to the client's.
    public static let settings = frame(type: 4, stream: 0) + frame(type: 4, flags: 1, stream: 0)
    /// An answer's head, `:status: 200` of the static table; more follows.
    public static func head(stream: UInt32) -> [UInt8] { frame(type: 1, flags: 4, stream: stream, [0x88]) }
    public static func data(_ text: String, stream: UInt32, ends: Bool) -> [UInt8] {
        frame(type: 0, flags: ends ? 1 : 0, stream: stream, Array(text.utf8))
    }
    public enum Code: UInt32, Sendable { case none = 0, protocolError = 1, internalError = 2, refusedStream = 7, cancel = 8, calmDown = 11 }
    public static func reset(stream: UInt32, _ code: Code) -> [UInt8] { frame(type: 3, stream: stream, word(code.rawValue)) }
    /// - Parameter last: the last stream that was looked at; what came after it was not.
    public static func goAway(last: UInt32, _ code: Code = .none) -> [UInt8] {
        frame(type: 7, stream: 0, word(last) + word(code.rawValue))
    }
    public static let ping = frame(type: 6, stream: 0, [UInt8](repeating: 7, count: 8))

    private static func frame(type: UInt8, flags: UInt8 = 0, stream: UInt32, _ body: [UInt8] = []) -> [UInt8] {
        Array(word(UInt32(body.count)).dropFirst()) + [type, flags] + word(stream) + body
    }
    private static func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
}
