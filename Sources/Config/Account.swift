public import Core
public import Providers

/// One configured use of a provider.
public struct Account: Sendable {
    public var name: String
    public var providerID: String
    public var channel: Channel
    /// Share of its channel; 0 is used only when the others fail.
    public var weight: Int
    /// Position in the settings: the first is tried first.
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
        public var timeout: Duration
        /// Private addresses that may be reached all the same: `10.1.2.3`, `10.1.0.0/16`, `fd00::/8`.
        public var allowedAddresses: [String]
    }
}
