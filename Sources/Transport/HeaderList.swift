import CCurl
import Core
import Glibc

/// The headers of one call as the list libcurl reads, in storage that is used again: no allocation per call once it is large enough.
/// libcurl neither changes nor frees it, and reads it until the transfer ends.
final class HeaderList {
    private var bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 1024)
    private var used = 0
    private var nodes = UnsafeMutableBufferPointer<curl_slist>.allocate(capacity: 16)
    private var count = 0

    deinit {
        clear()
        bytes.deallocate()
        nodes.deallocate()
    }

    /// Nil when empty.
    var list: UnsafeMutablePointer<curl_slist>? { count > 0 ? nodes.baseAddress : nil }

    /// As libcurl reads it.
    var lines: [String] { (0..<count).map { String(cString: nodes[$0].data) } }

    /// False for a name that is no token, and for those that frame the message: libcurl writes them.
    func fill(_ headers: [(name: String, value: HeaderValue)]) -> Bool {
        var room = 64
        for (name, value) in headers { room += name.utf8.count + value.description.utf8.count + 4 }
        begin(bytes: room, nodes: headers.count + 2)
        var hasType = false
        for (name, value) in headers {
            guard let kind = addName(name) else { return false }
            if kind == .type { hasType = true }
            let value = value.description
            // "Name:" would take a header away; "Name;" sends it empty.
            if value.isEmpty {
                add(";")
            } else {
                add(": ")
                add(value)
            }
            end()
        }
        // libcurl must not wait for "100 Continue", nor name a type that the call did not.
        addLine("Expect:")
        if !hasType { addLine("Content-Type:") }
        return true
    }

    func fill(recipient: MailAddress) {
        begin(bytes: recipient.text.utf8.count + 8, nodes: 1)
        node()
        add("<")
        add(recipient.text)
        add(">")
        end()
    }

    func clear() {
        // A header may be an authorization.
        memset(bytes.baseAddress!, 0, used)
        (used, count) = (0, 0)
    }

    // MARK: writing

    private enum Name { case type, other }

    /// Nil when the call may not have it.
    private func addName(_ name: String) -> Name? {
        node()
        let start = used
        add(name)
        let text = UnsafeRawBufferPointer(start: bytes.baseAddress! + start, count: used - start)
        guard text.isToken else { return nil }
        switch text.count {
        case 6: return text.isWord("expect") ? nil : .other
        case 10: return text.isWord("connection") ? nil : .other
        case 12: return text.isWord("content-type") ? .type : .other
        case 14: return text.isWord("content-length") ? nil : .other
        case 17: return text.isWord("transfer-encoding") ? nil : .other
        default: return .other
        }
    }

    private func addLine(_ line: String) {
        node()
        add(line)
        end()
    }

    private func begin(bytes room: Int, nodes most: Int) {
        clear()
        if room > bytes.count {
            bytes.deallocate()
            bytes = .allocate(capacity: room * 2)
        }
        if most > nodes.count {
            nodes.deallocate()
            nodes = .allocate(capacity: most * 2)
        }
    }

    /// Begins a line.
    private func node() {
        let node = nodes.baseAddress! + count
        node.initialize(to: curl_slist(data: bytes.baseAddress! + used, next: nil))
        if count > 0 { nodes[count - 1].next = node }
        count += 1
    }

    private func add(_ text: String) {
        var text = text
        text.withUTF8 { part in
            if let start = part.baseAddress { memcpy(bytes.baseAddress! + used, start, part.count) }
            used += part.count
        }
    }

    private func end() {
        bytes[used] = 0
        used += 1
    }
}

extension UnsafeRawBufferPointer {
    /// RFC 9110 5.6.2.
    var isToken: Bool {
        !isEmpty
            && allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                // ! # $ % & ' * + - . ^ _ ` | ~
                case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
                default: false
                }
            }
    }

    /// - Parameter word: in lower case, of letters and hyphens, as long as this.
    func isWord(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        // Of the bytes that a token may have, only letters become the same one.
        for (n, byte) in enumerated() where (byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) != word.utf8Start[n] { return false }
        return true
    }
}

extension String {
    var isToken: Bool {
        var text = self
        return text.withUTF8 { UnsafeRawBufferPointer($0).isToken }
    }
    /// - Parameter scheme: in lower case, with its colon.
    func hasScheme(_ scheme: StaticString) -> Bool {
        var text = self
        return text.withUTF8 {
            UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer($0).prefix(scheme.utf8CodeUnitCount)).isWord(scheme)
        }
    }
    var isPrintableASCII: Bool { utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
}

extension [UInt8] {
    /// Every CR is followed by LF and every LF follows a CR. Looks from CR to CR: a mail is long, and its lines are.
    var hasOnlyCRLF: Bool {
        withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return true }
            var at = 0
            while at < bytes.count {
                guard let found = memchr(start + at, 0x0D, bytes.count - at) else {
                    return memchr(start + at, 0x0A, bytes.count - at) == nil
                }
                let end = UnsafeRawPointer(found) - start
                guard memchr(start + at, 0x0A, end - at) == nil, end + 1 < bytes.count, bytes[end + 1] == 0x0A else { return false }
                at = end + 2
            }
            return true
        }
    }
}

extension TransferFailure {
    static let badURL = TransferFailure(cause: .badURL, mayHaveBeenSent: false)
    static func unusable(_ why: String) -> TransferFailure { TransferFailure(cause: .badURL, mayHaveBeenSent: false, detail: why) }
}
