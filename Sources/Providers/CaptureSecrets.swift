public import Core
import Crypto
import CryptoExtras

// Keys that sign nothing real: in capture mode an account must work before anybody has its secret. Made once a process, never written down.

extension APNs {
    private static let throwAway = Sensitive(P256.Signing.PrivateKey().pemRepresentation)

    public static func captureSecret(for key: String) -> Sensitive<String>? { throwAway }
}

extension FCM {
    private static let throwAway: Sensitive<String>? = {
        // Only a machine without random numbers fails here; the account then says that its key cannot be read.
        guard case .success(let key) = Result(catching: { try _RSA.Signing.PrivateKey(keySize: .bits2048) }) else { return nil }
        let account = JSON.object([
            ("type", "service_account"), ("project_id", "capture"), ("private_key_id", "capture"),
            ("private_key", .string(key.pemRepresentation)),
            ("client_email", "clarion@capture.example"), ("token_uri", "https://oauth2.googleapis.com/token"),
        ])
        return Sensitive(String(decoding: account.bytes, as: UTF8.self))
    }()

    public static func captureSecret(for key: String) -> Sensitive<String>? { throwAway }
}

extension ReceiptDoor {
    fileprivate static let throwAway = Sensitive(SymmetricKey(size: .bits128).withUnsafeBytes { Hex.text(Array($0)) })
}

extension Kannel {
    public static func captureSecret(for key: String) -> Sensitive<String>? { key == ReceiptDoor.key.name ? ReceiptDoor.throwAway : nil }
}

extension HTTPGateway {
    public static func captureSecret(for key: String) -> Sensitive<String>? { key == ReceiptDoor.key.name ? ReceiptDoor.throwAway : nil }
}
