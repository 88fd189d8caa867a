import Core
import Crypto

/// What came to an account's receipt address, as it came.
public struct ReceiptRequest: Sendable {
    public var method: String
    /// What follows the account's name in the path, decoded; empty when nothing does.
    public var secret: String
    /// Behind the `?`, still encoded.
    public var query: String
    /// Names in lower case.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// The address it came from, without port; nil where nobody knows.
    public var peer: String?
    public init(
        method: String, secret: String = "", query: String = "", headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        peer: String? = nil
    ) {
        (self.method, self.secret, self.query, self.headers, self.body, self.peer) = (method, secret, query, headers, body, peer)
    }

    /// Receipts in one request, and bytes of it.
    public static let countLimit = 1000, sizeLimit = 256 << 10
}

/// How a provider's receipts speak of a message.
public enum ReceiptNaming: Sendable, Equatable {
    /// By the name we gave it, in the address of the receipt or in one of its fields.
    case reference
    /// By the provider's own id: it has to be kept with the acceptance.
    case messageID
}

/// Why nothing of a request is believed.
public enum ReceiptRefusal: Error, Sendable, Equatable {
    /// The signature or secret is not the account's.
    case forged
    /// It is the provider's, and cannot be read.
    case unreadable(String)
}

/// The receipt address of a provider that signs nothing: who knows its secret is the provider.
///
/// A call carries, instead of the account's secret, a keyed hash of the message's name: who sees one address can speak of one message. Where
/// a gateway is told its address once and for all, the secret itself stands there.
struct ReceiptDoor: Sendable {
    static let key = SettingKey(
        "receipt_secret_file", .secretFile,
        "file with the secret in the address of receipts, 20 letters and digits or more; of several lines the first is used, all are taken")

    private let base: String
    private let secrets: [Sensitive<String>]

    init?(base: String?, secrets: [Sensitive<String>]) {
        guard let base, !secrets.isEmpty else { return nil }
        (self.base, self.secrets) = (base, secrets)
    }

    /// Where the receipts of one message go.
    func url(for reference: String) -> String { "\(base)/\(Self.code(reference, secrets[0]))?n=\(reference)" }

    private static func code(_ reference: String, _ secret: Sensitive<String>) -> String {
        let key = SymmetricKey(data: Array(secret.reveal(for: .signing).utf8))
        return Base64.encodeURL(Array(HMAC<SHA256>.authenticationCode(for: Array(reference.utf8), using: key).prefix(16)))
    }

    /// The name in the address, which may be missing; and the fields of its query. Every secret is compared, whichever fits.
    func admit(_ request: ReceiptRequest) throws(ReceiptRefusal) -> (reference: String?, query: [(String, String)]) {
        let query = FormDecoding.pairs(request.query.utf8) ?? []
        let reference = query.first { $0.0 == "n" }?.1
        var isGood = false
        for secret in secrets {
            isGood = isEqual(request.secret, secret.reveal(for: .signing)) || isGood
            if let reference { isGood = isEqual(request.secret, Self.code(reference, secret)) || isGood }
        }
        guard isGood else { throw .forged }
        return (reference, query)
    }
}

extension AccountReader {
    /// Nil when receipts cannot come: no public address, or no secret.
    mutating func receiptDoor() -> ReceiptDoor? {
        guard let text = secret(ReceiptDoor.key.name, isSingleLine: false) else { return nil }
        let lines = text.reveal(for: .signing).split(whereSeparator: \.isNewline).map(String.init)
        // 20 letters are more than 100 bits; and they stand in a URL as they are.
        if !lines.allSatisfy({ $0.utf8.count >= 20 && Identifier.isValid($0, limit: 256) && !$0.contains("/") }) {
            fail(ReceiptDoor.key.name, "expected 20 letters and digits or more in a line", hint: "openssl rand -hex 16")
        }
        return ReceiptDoor(base: account.receiptsURL, secrets: lines.map { Sensitive($0) })
    }
}

/// Whether two texts are the same, in a time that says nothing of where they differ.
func isEqual(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var difference: UInt8 = a.count == b.count && !b.isEmpty ? 0 : 1
    for (n, byte) in a.enumerated() { difference |= byte ^ (b.isEmpty ? 0xFF : b[n % b.count]) }
    return difference == 0
}

extension ReceiptRequest {
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// Lower case, without parameters.
    var contentType: String {
        (header("content-type") ?? "").split(separator: ";").first.map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() } ?? ""
    }

    /// The body as a form; nil when it is none.
    var form: [(String, String)]? {
        guard contentType == "application/x-www-form-urlencoded" else { return body.isEmpty ? [] : nil }
        return FormDecoding.pairs(body)
    }
}

/// `a=1&b=2` read back, as the WHATWG URL standard does.
enum FormDecoding {
    /// Nil for what is not UTF-8 or has a `%` without two hex digits.
    static func pairs(_ bytes: some Collection<UInt8>) -> [(String, String)]? {
        var pairs: [(String, String)] = []
        for part in bytes.split(separator: 0x26) {
            let halves = part.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentDecoding.text(halves[0], plusIsSpace: true),
                let value = halves.count == 2 ? PercentDecoding.text(halves[1], plusIsSpace: true) : ""
            else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }
}
