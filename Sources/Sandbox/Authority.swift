import Crypto
import FoundationEssentials
import NIOSSL
import SwiftASN1
import X509

/// A certificate authority that lives as long as the sandbox, and the one certificate it signs: for `localhost`, `127.0.0.1` and `::1`.
/// Clients verify for real, with the authority's certificate as their only root.
struct Authority {
    /// PEM, for libcurl's `CURLOPT_CAINFO`.
    let certificate: String
    let tls: TLSConfiguration

    init() throws {
        let rootKey = P256.Signing.PrivateKey()
        let leafKey = P256.Signing.PrivateKey()
        let rootName = try DistinguishedName { CommonName("Clarion sandbox authority") }
        let root = try Self.sign(
            rootKey.publicKey, subject: rootName, issuer: rootName, with: rootKey,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: Certificate.PublicKey(rootKey.publicKey))
            })
        let loopback6 = [UInt8](repeating: 0, count: 15) + [1]
        let leaf = try Self.sign(
            leafKey.publicKey, subject: DistinguishedName { CommonName("localhost") }, issuer: rootName, with: rootKey,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([
                    .dnsName("localhost"), .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
                    .ipAddress(ASN1OctetString(contentBytes: loopback6[...])),
                ])
            })
        certificate = try root.serializeAsPEM().pemString + "\n"
        let chain = try NIOSSLCertificate(bytes: Array(leaf.serializeAsPEM().pemString.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(leafKey.pemRepresentation.utf8), format: .pem)
        var tls = TLSConfiguration.makeServerConfiguration(certificateChain: [.certificate(chain)], privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        self.tls = tls
    }

    /// Validity is by the machine's clock: that is what TLS libraries compare with, whatever clock the sandbox runs on.
    private static func sign(
        _ key: P256.Signing.PublicKey, subject: DistinguishedName, issuer: DistinguishedName, with signer: P256.Signing.PrivateKey,
        extensions: Certificate.Extensions
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(key),
            notValidBefore: Date.now - 86_400, notValidAfter: Date.now + 365 * 86_400, issuer: issuer, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions, issuerPrivateKey: Certificate.PrivateKey(signer))
    }
}
