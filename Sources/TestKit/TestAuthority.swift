import Crypto
import FoundationEssentials
import NIOSSL
import SwiftASN1
import X509

/// A certificate authority for one test, and its one certificate.
public struct TestAuthority: Sendable {
    /// PEM file with the authority's certificate, for `TransportAccount.caFile`.
    public let caFile: String
    /// PEM files with the certificate and its key, for a server that is another program.
    public let certificateFile, keyFile: String
    let tls: TLSConfiguration

    /// - Parameter host: the one name the certificate is good for.
    public init(host: String = "localhost") throws {
        let (rootKey, leafKey) = (P256.Signing.PrivateKey(), P256.Signing.PrivateKey())
        let rootName = try DistinguishedName { CommonName("Clarion test authority \(UInt64.random(in: 0 ... .max))") }
        let root = try Self.sign(
            rootKey.publicKey, subject: rootName, issuer: rootName, with: rootKey,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true))
            })
        let leaf = try Self.sign(
            leafKey.publicKey, subject: DistinguishedName { CommonName(host) }, issuer: rootName, with: rootKey,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                SubjectAlternativeNames([.dnsName(host)])
            })
        let chain = try NIOSSLCertificate(bytes: Array(leaf.serializeAsPEM().pemString.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(leafKey.pemRepresentation.utf8), format: .pem)
        tls = TLSConfiguration.makeServerConfiguration(certificateChain: [.certificate(chain)], privateKey: .privateKey(key))
        (caFile, certificateFile, keyFile) = (temporaryPath("ca.pem"), temporaryPath("certificate.pem"), temporaryPath("key.pem"))
        try Data((leaf.serializeAsPEM().pemString + "\n").utf8).write(to: URL(filePath: certificateFile))
        try Data((leafKey.pemRepresentation + "\n").utf8).write(to: URL(filePath: keyFile))
        try Data((root.serializeAsPEM().pemString + "\n").utf8).write(to: URL(filePath: caFile))
    }

    private static func sign(
        _ key: P256.Signing.PublicKey, subject: DistinguishedName, issuer: DistinguishedName, with signer: P256.Signing.PrivateKey,
        extensions: Certificate.Extensions
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(key),
            notValidBefore: Date.now - 86_400, notValidAfter: Date.now + 86_400, issuer: issuer, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions, issuerPrivateKey: Certificate.PrivateKey(signer))
    }
}

/// A path nobody else uses, short enough for a Unix-domain socket.
public func temporaryPath(_ name: String) -> String {
    FileManager.default.temporaryDirectory.appending(path: "clarion-\(UInt64.random(in: 0 ... .max))-\(name)").path
}
