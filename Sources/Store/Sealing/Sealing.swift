public import Core
import Crypto

/// The two keys of a store, 32 bytes each, from outside the database: without them its file tells states and order numbers, no person.
public struct StoreKeys: Sendable {
    /// Wraps the data keys.
    public var master: Sensitive<[UInt8]>
    /// Makes the keyed hashes that rows are looked up by, and idempotency keys.
    public var lookup: Sensitive<[UInt8]>
    public init(master: Sensitive<[UInt8]>, lookup: Sensitive<[UInt8]>) { (self.master, self.lookup) = (master, lookup) }
}

/// AES-256-GCM with a random 96-bit nonce (S42). `context` is bound to the box, so a box that is moved to another row does not open.
enum Seal {
    /// Nonce ‖ ciphertext ‖ tag.
    static func close(_ bytes: some Sequence<UInt8>, key: SymmetricKey, context: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(Array(bytes), using: key, authenticating: Array(context.utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    static func open(_ box: [UInt8], key: SymmetricKey, context: String) throws -> [UInt8] {
        do {
            return Array(try AES.GCM.open(AES.GCM.SealedBox(combined: box), using: key, authenticating: Array(context.utf8)))
        } catch {
            throw StoreError.integrity("a sealed value does not open: \(context)")
        }
    }
}

/// What a hash is for: one value hashed for two purposes gives unrelated results.
enum LookupPurpose: String {
    case customer, address, counter, content, attempt, head, check
    case idempotency
}

struct LookupKey: Sendable {
    private let key: SymmetricKey
    init(_ bytes: [UInt8]) { key = SymmetricKey(data: bytes) }

    /// The first `count` bytes of HMAC-SHA256 over the purpose, a zero byte and `bytes`.
    func hash(_ bytes: some Sequence<UInt8>, for purpose: LookupPurpose, count: Int = 16) -> [UInt8] {
        var message = Array(purpose.rawValue.utf8)
        message.append(0)
        message.append(contentsOf: bytes)
        return Array(HMAC<SHA256>.authenticationCode(for: message, using: key).prefix(count))
    }
}

enum Text {
    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// 128 bits as 26 characters of Crockford base32, most significant first: no I, L, O, U.
    static func crockford(_ bytes: [UInt8]) -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        var value: UInt128 = 0
        for byte in bytes.prefix(16) { value = value << 8 | UInt128(byte) }
        var out = [UInt8](repeating: 0, count: 26)
        for index in stride(from: 25, through: 0, by: -1) {
            out[index] = alphabet[Int(value & 31)]
            value >>= 5
        }
        return String(decoding: out, as: UTF8.self)
    }
}
