public import Core
import Crypto
import Foundation
import JWTKit

/// Short-lived tokens with which an app opens one customer's inbox: a JWT, HS256, audience `clarion-inbox`.
public struct InboxTokens: Sendable {
    private let keys: JWTKeyCollection
    /// Fifteen minutes: an app asks its own back end for a new one.
    public static let life: Duration = .minutes(15)
    static let audience = "clarion-inbox"

    /// Whose inbox a token opens, and until when.
    struct Holder: Sendable, Equatable {
        var customer: String
        var expires: Timestamp
    }

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
        let expires = Timestamp(milliseconds: (now + Self.life).seconds * 1000)
        let claims = Claims(
            sub: SubjectClaim(value: customer), aud: AudienceClaim(value: [Self.audience]),
            exp: ExpirationClaim(value: Date(timeIntervalSince1970: Double(expires.seconds))))
        return (try await keys.sign(claims), expires)
    }

    /// Nil for anything but a good token that has not run out. The one key and its one algorithm are ours: what the token's head says of
    /// either is not believed.
    func holder(of token: String, now: Timestamp) async -> Holder? {
        guard token.utf8.count <= 2048 else { return nil }
        let claims: Claims
        do { claims = try await keys.verify(token, as: Claims.self) } catch { return nil }
        // A time beyond the year 9999 is not one of ours.
        let seconds = claims.exp.value.timeIntervalSince1970
        guard seconds < 253_402_300_800, Identifier.isValid(claims.sub.value, limit: 64) else { return nil }
        let expires = Timestamp(milliseconds: Int64(seconds) * 1000)
        return expires > now ? Holder(customer: claims.sub.value, expires: expires) : nil
    }
}
