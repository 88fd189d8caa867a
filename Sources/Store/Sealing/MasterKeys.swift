import Core
import Crypto

/// What wraps the data keys: the first of the keys wraps, the others still open what was wrapped with them.
struct MasterKeys: Sendable {
    struct Key: Sendable {
        /// Eight hex digits that tell keys apart and say nothing of them.
        let id: String
        let key: SymmetricKey

        init(_ bytes: Sensitive<[UInt8]>) throws {
            let bytes = bytes.reveal(for: .sealing)
            guard bytes.count == 32 else { throw StoreError.unusable("the store's keys must have 32 bytes each") }
            key = SymmetricKey(data: bytes)
            id = Hex.text(Array(HMAC<SHA256>.authenticationCode(for: Array("master key".utf8), using: key).prefix(4)))
        }
    }
    /// The newest first.
    private let keys: [Key]
    var current: Key { keys[0] }

    init(_ keys: StoreKeys) throws { self.keys = try ([keys.master] + keys.formerMasters).map(Key.init) }

    /// - Parameter id: of the key it was wrapped with; empty: from before keys had ids, so with the oldest.
    func unwrap(_ box: [UInt8], wrappedWith id: String, context: Context) throws -> [UInt8] {
        guard let key = id.isEmpty ? keys.last : keys.first(where: { $0.id == id }) else {
            throw StoreError.integrity("\(context) is wrapped with master key \(id), which is not among those of the key file")
        }
        return try Seal.open(box, key: key.key, context: context)
    }
}
