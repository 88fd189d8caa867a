public import Core
import Crypto
import JWTKit
import Foundation

/// Short-lived tokens with which an app opens one customer's inbox: a JWT, HS256, audience `clarion-inbox`.
public struct InboxTokens: Sendable {
    private let keys: JWTKeyCollection
    /// Fifteen minutes: an app asks its own back end for a new one.
    public static let life: Duration = .minutes(15)
    static let audience = "clarion-inbox"

    private struct Claims: JWTPayload {
        var sub: SubjectClaim
        var aud: AudienceClaim
        var exp: ExpirationClaim
        func verify(using algorithm: some JWTAlgorithm) throws { try aud.verifyIntendedAudience(includes: InboxTokens.audience) }
    }

    /// - Parameter key: at least 32 bytes.
    public init(key: Sensitive<[UInt8]>) async {
        keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: Data(key.reveal(for: .signing))), digestAlgorithm: .sha256)
    }

    public func make(for customer: String, now: Timestamp) async throws -> (token: String, expires: Timestamp) {
        let expires = now + Self.life
        let claims = Claims(
            sub: SubjectClaim(value: customer), aud: AudienceClaim(value: [Self.audience]),
            exp: ExpirationClaim(value: Date(timeIntervalSince1970: Double(expires.seconds))))
        return (try await keys.sign(claims), expires)
    }

    /// The customer, or nil for anything but a good token that has not run out.
    func customer(of token: String, now: Timestamp) async -> String? {
        guard let claims = try? await keys.verify(token, as: Claims.self) else { return nil }
        return claims.exp.value.timeIntervalSince1970 > Double(now.seconds) ? claims.sub.value : nil
    }
}
