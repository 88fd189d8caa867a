public import Core
public import Providers

/// One configured use of a provider.
public struct Account: Sendable {
    public var name: String
    public var providerID: String
    public var channel: Channel
    /// Of push: the devices it serves. Empty for every other channel.
    public var platforms: Set<Platform>
    /// Share of the channel's messages beside its other accounts; 0: only when none of these can take one.
    public var weight: Int
    /// Requests a second at most; nil: as many as there are.
    public var rate: Int?
    /// Position in the settings.
    public var order: Int
    public var settings: AccountSettings
    public var provider: any Provider
    public var transport: TransportOptions

    /// What is not the provider's but the connection's.
    public struct TransportOptions: Sendable, Hashable {
        /// PEM; nil trusts the system's authorities.
        public var caFile: String?
        public var allowsPlain: Bool
        public var maxInFlight: Int
        /// For one request; at most 15 s, for mail 60 s.
        public var timeout: Duration
        public var reach: Reach
    }

    /// Where this account's sockets may go, checked after the name was resolved.
    public enum Reach: Sendable, Hashable {
        case any
        /// An account that names no host of its own: its provider is on the internet.
        case publicOnly
        /// Capture mode: the sandbox on this machine and nothing else.
        case loopback
        case only([Place])
    }

    public struct Place: Sendable, Hashable, CustomStringConvertible {
        /// Without brackets.
        public var ip: String
        public var port: UInt16
        public init(ip: String, port: UInt16) { (self.ip, self.port) = (ip, port) }
        public var description: String { ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)" }

        /// `10.1.2.3:587` or `[fd00::1]:443`; numbers only, no names.
        init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return nil }
            let host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") {
                ip = String(host.dropFirst().dropLast())
                guard ip.contains(":"), ip.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
            } else {
                ip = String(host)
                let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
                guard numbers.count == 4, numbers.allSatisfy({ UInt8($0).map { String($0) } == String($0) }) else { return nil }
            }
            self.port = port
        }
    }
}
