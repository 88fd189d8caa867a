public import Core
import Crypto

/// The keys of a store, 32 bytes each, from outside the database: without them its file tells states and order numbers, no person.
public struct StoreKeys: Sendable {
    /// Wraps the data keys.
    public var master: Sensitive<[UInt8]>
    /// Those before it: they open what is not wrapped anew yet.
    public var formerMasters: [Sensitive<[UInt8]>]
    /// Makes the keyed hashes that rows are looked up by, and idempotency keys.
    public var lookup: Sensitive<[UInt8]>
    /// Seeds of the keys that sign the checkpoints of the log, the one of now first. None: nothing is signed.
    public var audit: [Sensitive<[UInt8]>]
    public init(
        master: Sensitive<[UInt8]>, formerMasters: [Sensitive<[UInt8]>] = [], lookup: Sensitive<[UInt8]>, audit: [Sensitive<[UInt8]>] = []
    ) {
        (self.master, self.formerMasters, self.lookup, self.audit) = (master, formerMasters, lookup, audit)
    }
}

/// AES-256-GCM with a random 96-bit nonce (S42). `context` is bound to the box, so a box that is moved to another row does not open.
enum Seal {
    /// The kernel's own: a nonce that comes twice, as a seeded source would give it in a replay, betrays what is in both boxes.
    private static let random = SystemRandom()

    static func newKey() -> SymmetricKey { SymmetricKey(data: random.bytes(32)) }

    /// Nonce ‖ ciphertext ‖ tag.
    private static func bound(_ context: Context) -> [UInt8] { PlantedBug.sealsAnywhere.isActive ? [] : context.bytes }

    static func close(_ bytes: [UInt8], key: SymmetricKey, context: Context) throws -> [UInt8] {
        let nonce = try AES.GCM.Nonce(data: random.bytes(12))
        let box = try AES.GCM.seal(bytes, using: key, nonce: nonce, authenticating: Self.bound(context))
        guard let combined = box.combined else { throw StoreError.integrity("a nonce of another length") }
        return [UInt8](combined)
    }

    static func open(_ box: [UInt8], key: SymmetricKey, context: Context) throws -> [UInt8] {
        do {
            return [UInt8](try AES.GCM.open(AES.GCM.SealedBox(combined: box), using: key, authenticating: Self.bound(context)))
        } catch {
            throw StoreError.integrity("a sealed value does not open: \(context)")
        }
    }
}

/// Where a sealed value belongs: `table/row/column`.
struct Context: CustomStringConvertible {
    fileprivate let bytes: [UInt8]
    init(_ table: StaticString, _ row: Int64, _ column: String) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(40 + column.utf8.count)
        table.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(0x2F)
        bytes.appendDecimal(row)
        bytes.append(0x2F)
        bytes.append(contentsOf: column.utf8)
        self.bytes = bytes
    }
    var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// What a hash is for: one value hashed for two purposes gives unrelated results.
enum LookupPurpose: Int, CaseIterable {
    case customer, address, content, head, check, names, idempotency, blind
}

/// HMAC-SHA256 (RFC 2104).
struct LookupKey: Sendable {
    /// By purpose, with the padded key, the purpose's name and a zero byte taken in: that would cost more than the hash.
    private let begun: [(inner: SHA256, outer: SHA256)]

    init(_ bytes: [UInt8]) {
        let key = bytes.count > 64 ? SHA256.hash(data: bytes).withUnsafeBytes { Array($0) } : bytes
        let block = key + [UInt8](repeating: 0, count: 64 - key.count)
        begun = LookupPurpose.allCases.map { purpose in
            var (inner, outer) = (SHA256(), SHA256())
            inner.update(data: block.map { $0 ^ 0x36 } + Array("\(purpose)".utf8) + [0])
            outer.update(data: block.map { $0 ^ 0x5C })
            return (inner, outer)
        }
    }

    /// The first `count` bytes of HMAC-SHA256 over the purpose, a zero byte and `bytes`.
    func hash(_ bytes: some Collection<UInt8>, for purpose: LookupPurpose, count: Int = 16) -> [UInt8] {
        var (inner, outer) = begun[purpose.rawValue]
        if bytes.withContiguousStorageIfAvailable({ inner.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
            inner.update(data: Array(bytes))
        }
        inner.finalize().withUnsafeBytes { outer.update(bufferPointer: $0) }
        return outer.finalize().withUnsafeBytes { Array($0.prefix(count)) }
    }
}

enum Text {
    /// 128 bits as 26 characters of Crockford base32 behind a prefix, most significant first: no I, L, O, U.
    static func crockford(_ prefix: StaticString, high: UInt64, low: UInt64) -> String {
        let stem = prefix.utf8CodeUnitCount
        return String(unsafeUninitializedCapacity: stem + 26) { out in
            prefix.withUTF8Buffer { _ = out.update(fromContentsOf: $0) }
            var value = UInt128(high) << 64 | UInt128(low)
            alphabet.withUTF8Buffer { letters in
                for index in stride(from: stem + 25, through: stem, by: -1) {
                    out[index] = letters[Int(truncatingIfNeeded: value & 31)]
                    value >>= 5
                }
            }
            return stem + 26
        }
    }
    private static let alphabet: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    /// The bits behind the prefix; nil for what `crockford` does not write.
    static func uncrockford(_ text: String, _ prefix: StaticString) -> (high: UInt64, low: UInt64)? {
        let bytes = Array(text.utf8)
        let stem = prefix.utf8CodeUnitCount
        guard bytes.count == stem + 26, prefix.withUTF8Buffer({ bytes.starts(with: $0) }) else { return nil }
        var value: UInt128 = 0
        for byte in bytes[stem...] {
            guard let place = alphabet.withUTF8Buffer({ $0.firstIndex(of: byte) }) else { return nil }
            guard value >> 123 == 0 else { return nil }
            value = value << 5 | UInt128(place)
        }
        return (UInt64(truncatingIfNeeded: value >> 64), UInt64(truncatingIfNeeded: value))
    }
}
