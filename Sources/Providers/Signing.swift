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
    /// The first `bytes` bytes of SHA-256 over the purpose and the id, in lower-case hex.
    static func hex(_ purpose: StaticString, _ id: String, bytes: Int = 16) -> String {
        digest(purpose, id).withUnsafeBytes { digest in
            String(unsafeUninitializedCapacity: bytes * 2) { out in
                for n in 0..<bytes { write(digest[n], to: out, at: 2 * n) }
                return bytes * 2
            }
        }
    }

    /// A version 8 UUID (RFC 9562 5.8) in lower case.
    static func uuid(_ purpose: StaticString, _ id: String) -> String {
        digest(purpose, id).withUnsafeBytes { digest in
            String(unsafeUninitializedCapacity: 36) { out in
                var at = 0
                for n in 0..<16 {
                    if n == 4 || n == 6 || n == 8 || n == 10 {
                        out[at] = 0x2D
                        at += 1
                    }
                    write(n == 6 ? digest[n] & 0x0F | 0x80 : n == 8 ? digest[n] & 0x3F | 0x80 : digest[n], to: out, at: at)
                    at += 2
                }
                return at
            }
        }
    }

    private static func digest(_ purpose: StaticString, _ id: String) -> SHA256.Digest {
        var hash = SHA256()
        purpose.withUTF8Buffer { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        var id = ":" + id
        id.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return hash.finalize()
    }

    private static func write(_ byte: UInt8, to out: UnsafeMutableBufferPointer<UInt8>, at place: Int) {
        out[place] = digit(byte >> 4)
        out[place + 1] = digit(byte & 15)
    }
    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
