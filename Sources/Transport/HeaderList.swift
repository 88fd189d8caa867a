import CCurl
import Core
import Glibc

/// The headers of one call as the list libcurl reads, in storage that is used again: no allocation per call once it is large enough.
/// libcurl neither changes nor frees it, and reads it until the transfer ends.
final class HeaderList {
    private var text: [UInt8] = []
    private var starts: [Int] = []
    private var bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 1024)
    private var nodes = UnsafeMutableBufferPointer<curl_slist>.allocate(capacity: 16)

    deinit {
        bytes.deallocate()
        nodes.deallocate()
    }

    /// Nil when empty.
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    /// False for a name that is no token, and for those that frame the message: libcurl writes them.
    func fill(_ headers: [(name: String, value: HeaderValue)]) -> Bool {
        clear()
        for (name, value) in headers {
            guard name.isToken, !HeaderList.framing.contains(name.lowercased()) else { return false }
            let value = value.description
            // "Name:" would take a header away; "Name;" sends it empty.
            append(value.isEmpty ? [name, ";"] : [name, ": ", value])
        }
        // libcurl must not wait for "100 Continue", nor name a type that the call did not.
        append(["Expect:"])
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) { append(["Content-Type:"]) }
        link()
        return true
    }

    func fill(recipient: MailAddress) {
        clear()
        append(["<", recipient.text, ">"])
        link()
    }

    func clear() {
        text.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        list = nil
        // A header may be an authorization.
        memset(bytes.baseAddress!, 0, bytes.count)
    }

    private static let framing: Set<String> = ["content-length", "transfer-encoding", "connection", "expect"]

    private func append(_ parts: [String]) {
        starts.append(text.count)
        for part in parts { text.append(contentsOf: part.utf8) }
        text.append(0)
    }

    private func link() {
        if text.count > bytes.count {
            bytes.deallocate()
            bytes = .allocate(capacity: text.count * 2)
        }
        if starts.count > nodes.count {
            nodes.deallocate()
            nodes = .allocate(capacity: starts.count * 2)
        }
        text.withUnsafeBytes { _ = memcpy(bytes.baseAddress!, $0.baseAddress!, $0.count) }
        for (n, start) in starts.enumerated() {
            let next = n + 1 < starts.count ? nodes.baseAddress! + n + 1 : nil
            (nodes.baseAddress! + n).initialize(to: curl_slist(data: bytes.baseAddress! + start, next: next))
        }
        list = nodes.baseAddress
    }
}

extension String {
    /// RFC 9110 5.6.2.
    var isToken: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
    var isPrintableASCII: Bool { utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
}

extension [UInt8] {
    /// Every CR is followed by LF and every LF follows a CR.
    var hasOnlyCRLF: Bool {
        var afterCR = false
        for byte in self {
            if afterCR != (byte == 0x0A) { return false }
            afterCR = byte == 0x0D
        }
        return !afterCR
    }
}

extension TransferFailure {
    static let badURL = TransferFailure(cause: .badURL, mayHaveBeenSent: false)
    static func unusable(_ why: String) -> TransferFailure { TransferFailure(cause: .badURL, mayHaveBeenSent: false, detail: why) }
}
