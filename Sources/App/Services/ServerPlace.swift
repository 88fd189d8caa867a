import Core
import Glibc
public import Terminal

/// Where another machine's Clarion is reached, and with which key.
public struct ServerPlace: Sendable, Equatable {
    /// `https://host:port`, without a path. Plain `http` for loopback only.
    public let base: String
    /// A file of mode 0600 with the bearer key in its first line. Nil asks without a key.
    public var keyFile: String?
    /// PEM file with the authorities to trust instead of the system's.
    public var authorityFile: String?

    /// Throws a usage fault that never repeats the address: somebody may have put a password into it.
    public init(_ text: String, keyFile: String? = nil, authorityFile: String? = nil) throws(Fault) {
        func refuse(_ words: String) -> Fault { Fault(.usage, words, field: "server", hint: "https://clarion.example.com") }
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["https", "http"].contains(parts[0].lowercased()) else { throw refuse("must begin with https://") }
        let place = parts[1].hasSuffix("/") ? parts[1].dropLast() : parts[1]
        guard !place.contains("@") else { throw refuse("must hold no user or password: the key comes from --key-file") }
        let isPlainName = place.utf8.allSatisfy { byte in
            byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte >= 0x30 && byte <= 0x39 || "-.:[]".utf8.contains(byte)
        }
        guard !place.isEmpty, isPlainName else { throw refuse("must be a host, and a port where it is not the usual one") }
        base = parts[0].lowercased() + "://" + place
        (self.keyFile, self.authorityFile) = (keyFile, authorityFile)
    }

    public var isPlain: Bool { base.hasPrefix("http://") }

    /// The key, from its file. Throws when others can read the file: it is no secret then.
    func key() throws(Fault) -> Sensitive<String>? {
        guard let keyFile else { return nil }
        var status = stat()
        guard stat(keyFile, &status) == 0 else {
            throw Fault(.configuration, "\(keyFile): \(String(cString: strerror(errno)))", field: "key_file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw Fault(.configuration, "\(keyFile): others can read it", field: "key_file", hint: "chmod 600 \(keyFile)")
        }
        let text: String
        do { text = try Host.text(at: keyFile) } catch { throw Fault(.configuration, error.description, field: "key_file") }
        guard let line = text.split(whereSeparator: \.isNewline).first, HeaderValue(String(line)) != nil else {
            throw Fault(.configuration, "\(keyFile): holds no key", field: "key_file")
        }
        return Sensitive(String(line))
    }
}
