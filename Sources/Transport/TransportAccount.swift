/// How one provider account is reached. Each account has connections of its own: none is shared with another account (S09).
public struct TransportAccount: Sendable, Hashable {
    public var name: String
    /// PEM file with the authorities to trust instead of the system's.
    public var caFile: String?
    /// Lets `http:` and SMTP without TLS through, and then only to loopback or to an address that `addresses` lists.
    public var allowPlain: Bool
    public var addresses: AddressRule
    /// Transfers on the wire at once; the rest waits here, not in libcurl, whose pending list is rescanned at every step.
    public var maxInFlight: Int
    /// Calls that wait for a place; beyond, `.busy`.
    public var maxQueued: Int
    /// At most 3 s (S06), and as long again for finding the host's addresses.
    public var connectTimeout: Duration
    /// The whole transfer: at most 15 s for HTTP (S06), 60 s for mail, where a server may check the message before it answers.
    public var timeout: Duration
    /// Every connection goes to this Unix-domain socket, whatever host the URL names.
    public var unixSocket: String?

    public init(
        name: String, caFile: String? = nil, allowPlain: Bool = false, addresses: AddressRule = .any, maxInFlight: Int = 32,
        maxQueued: Int = Transport.mayWait,
        connectTimeout: Duration = .seconds(3), timeout: Duration = .seconds(10), unixSocket: String? = nil
    ) {
        precondition(maxInFlight > 0 && maxQueued >= 0, "an account sends something")
        (self.name, self.caFile, self.allowPlain, self.addresses, self.unixSocket) = (name, caFile, allowPlain, addresses, unixSocket)
        (self.maxInFlight, self.maxQueued, self.connectTimeout, self.timeout) = (maxInFlight, maxQueued, connectTimeout, timeout)
    }
}

extension TransportAccount {
    /// To find the host's addresses, and again for a connection to one of them.
    var connectLimit: Duration { min(connectTimeout, .seconds(3)) }

    /// Whether a call to that URL starts without TLS.
    func isPlain(_ url: String) -> Bool { url.hasScheme("http:") || allowPlain && url.hasScheme("smtp:") }
}

extension Duration {
    /// Rounded up, so that no limit becomes 0, which libcurl reads as "none".
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
    var wholeSeconds: Int { (wholeMilliseconds + 999) / 1000 }
}
