public import Core

/// An address on a page for staff: its shadow, or the address itself once the log says who looks, and why. No other text can become one.
public struct ShownAddress: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ masked: MaskedAddress) { description = masked.description }
    private init(_ text: String) { description = text }

    /// Of a channel that dropped out for want of one.
    static let none = ShownAddress("–")
    /// Only after the disclosure was logged.
    static func revealed(_ address: Sensitive<Address>) -> ShownAddress { ShownAddress(address.reveal(for: .disclosure).text) }

    var isInbox: Bool { self == ShownAddress("inbox") }
}
