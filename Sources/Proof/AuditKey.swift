public import Core
import Crypto

/// The half of the audit key that may be shown: with it anybody can tell a checkpoint of ours from one that is not.
public struct AuditPublicKey: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]
    init(bytes: [UInt8]) { self.bytes = bytes }
    /// Base64 of 32 bytes, as `clarion keys public` prints it.
    public init?(_ text: String) {
        guard let bytes = Base64.decode(text), bytes.count == 32, Base64.encode(bytes) == text else { return nil }
        self.bytes = bytes
    }
    public var description: String { Base64.encode(bytes) }

    /// Sixteen digits for people to compare: `3f2a 90c1 77de 0b44`.
    public var fingerprint: String {
        let digits = Array(LogDigest.of(bytes).description.prefix(16))
        return stride(from: 0, to: 16, by: 4).map { String(digits[$0..<$0 + 4]) }.joined(separator: " ")
    }

    func isSignature(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        // 32 bytes that are no point of the curve: nothing is signed with such a key.
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: self.bytes) else { return false }
        return key.isValidSignature(signature, for: bytes)
    }
}

/// What signs the checkpoints of the delivery log: Ed25519 (RFC 8032), made from a seed of 32 bytes.
public struct AuditKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey
    public let publicKey: AuditPublicKey

    /// Nil for a seed of another length.
    public init?(seed: Sensitive<[UInt8]>) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed.reveal(for: .signing)) else { return nil }
        (self.key, publicKey) = (key, AuditPublicKey(bytes: [UInt8](key.publicKey.rawRepresentation)))
    }

    func sign(_ bytes: [UInt8]) throws -> [UInt8] { [UInt8](try key.signature(for: bytes)) }
}
