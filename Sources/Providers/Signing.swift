import Core
import Crypto
import CryptoExtras

/// Compact JSON Web Signatures (RFC 7515 7.1). Members are written in the order given, so the same key, header and claims of an
/// `RS256` token make the same bytes; `ES256` has a random nonce.
enum SignedToken {
    /// ECDSA over P-256 with SHA-256; the signature is `r || s`, 64 bytes (RFC 7518 3.4).
    static func es256(header: JSON, claims: JSON, key: Sensitive<P256.Signing.PrivateKey>) throws(CallProblem) -> String {
        let input = signingInput(header, claims)
        do {
            let signature = try key.reveal(for: .signing).signature(for: SHA256.hash(data: Array(input.utf8)))
            return input + "." + Base64.encodeURL(Array(signature.rawRepresentation))
        } catch {
            throw CallProblem(.providerRefused, "the account's key cannot sign")
        }
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 3.3). The padding is called insecure by its package because PSS is preferred for new
    /// designs; the service takes no other.
    static func rs256(header: JSON, claims: JSON, key: Sensitive<_RSA.Signing.PrivateKey>) throws(CallProblem) -> String {
        let input = signingInput(header, claims)
        do {
            let signature = try key.reveal(for: .signing).signature(for: SHA256.hash(data: Array(input.utf8)), padding: .insecurePKCS1v1_5)
            return input + "." + Base64.encodeURL(Array(signature.rawRepresentation))
        } catch {
            throw CallProblem(.providerRefused, "the account's key cannot sign")
        }
    }

    private static func signingInput(_ header: JSON, _ claims: JSON) -> String {
        Base64.encodeURL(header.bytes) + "." + Base64.encodeURL(claims.bytes)
    }

    static func p256(pem: String) -> Sensitive<P256.Signing.PrivateKey>? {
        do { return Sensitive(try P256.Signing.PrivateKey(pemRepresentation: pem)) } catch { return nil }
    }

    /// At least 2048 bits.
    static func rsa(pem: String) -> Sensitive<_RSA.Signing.PrivateKey>? {
        do { return Sensitive(try _RSA.Signing.PrivateKey(pemRepresentation: pem)) } catch { return nil }
    }
}

/// Names made from a delivery's id: the same id, the same name, and nothing else to be learned from it.
enum DerivedName {
    private static let hex = Array("0123456789abcdef".utf8)

    /// The first `bytes` bytes of SHA-256 over the purpose and the id, in lower-case hex.
    static func hex(_ purpose: String, _ id: String, bytes: Int = 16) -> String {
        text(digest(purpose, id, bytes))
    }

    /// A version 8 UUID (RFC 9562 5.8) in lower case.
    static func uuid(_ purpose: String, _ id: String) -> String {
        var bytes = digest(purpose, id, 16)
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        var out: [UInt8] = []
        out.reserveCapacity(36)
        for (n, byte) in bytes.enumerated() {
            if n == 4 || n == 6 || n == 8 || n == 10 { out.append(0x2D) }
            append(byte, to: &out)
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func digest(_ purpose: String, _ id: String, _ count: Int) -> [UInt8] {
        var input = Array(purpose.utf8)
        input.append(0x3A)
        input.append(contentsOf: id.utf8)
        return Array(SHA256.hash(data: input).prefix(count))
    }
    private static func text(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 2)
        for byte in bytes { append(byte, to: &out) }
        return String(decoding: out, as: UTF8.self)
    }
    private static func append(_ byte: UInt8, to out: inout [UInt8]) {
        out.append(hex[Int(byte >> 4)])
        out.append(hex[Int(byte & 15)])
    }
}
