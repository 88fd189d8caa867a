import Core
import Crypto
import Proof
import Synchronization

/// Someone with a data key of their own: a customer, or a staff recipient. Tables hold `id`; `pseudonym` stands for them in the log.
struct Party: Sendable {
    /// The system's own key seals what belongs to no customer.
    static let systemID: Int64 = 1

    var id: Int64
    var pseudonym: String
    /// The real id; empty for the system, the pseudonym for who was erased.
    var customer: String
    /// Nil: it was destroyed, and nothing that is sealed with it can be opened again.
    var key: SymmetricKey?
    var isErased: Bool { key == nil }

    /// Of who was erased nothing is kept: an empty box.
    func close(_ bytes: [UInt8], _ context: Context) throws -> [UInt8] {
        guard let key else { return [] }
        return try Seal.close(bytes, key: key, context: context)
    }
    /// Nil when the key is destroyed. An empty box of anybody else is damage.
    func open(_ box: [UInt8], _ context: Context) throws -> [UInt8]? {
        guard let key else { return nil }
        return try Seal.open(box, key: key, context: context)
    }
}

/// Data keys, unwrapped on demand and kept in memory within a bound. Shared by the writer and the readers.
final class KeyRing: Sendable {
    private struct Cache {
        var parties: Generations<Int64, Party>
        var ids: Generations<String, Int64>
        /// By this process: a snapshot from before still has their keys, which must not come back.
        var erased: Set<Int64> = []
        var masters: MasterKeys
        /// The one of now first.
        var audit: [AuditKey]
    }
    let lookup: LookupKey
    let names: PublicNames
    private let cache: Mutex<Cache>

    /// - Parameter limit: parties kept in memory, some 300 bytes each.
    init(_ keys: StoreKeys, limit: Int) throws {
        let lookup = keys.lookup.reveal(for: .sealing)
        guard lookup.count == 32 else { throw StoreError.unusable("the store's keys must have 32 bytes each") }
        self.lookup = LookupKey(lookup)
        names = PublicNames(self.lookup)
        cache = Mutex(
            Cache(parties: Generations(limit), ids: Generations(limit), masters: try MasterKeys(keys), audit: try Self.audit(keys)))
    }

    var masters: MasterKeys { cache.withLock { $0.masters } }
    /// From now on the first of these wraps.
    func adopt(_ keys: StoreKeys) throws {
        let (masters, audit) = (try MasterKeys(keys), try Self.audit(keys))
        cache.withLock { ($0.masters, $0.audit) = (masters, audit) }
    }

    /// What signs the log, the one of now first.
    var auditKeys: [AuditKey] { cache.withLock { $0.audit } }
    var signs: Bool { cache.withLock { !$0.audit.isEmpty } }
    private static func audit(_ keys: StoreKeys) throws -> [AuditKey] {
        try keys.audit.map { seed in
            guard let key = AuditKey(seed: seed) else { throw StoreError.unusable("the audit key must have 32 bytes") }
            return key
        }
    }

    // MARK: Finding

    func party(_ id: Int64, in connection: Connection) throws -> Party {
        if let known = cache.withLock({ $0.parties[id] }) { return known }
        guard let party = try connection.first(SQL.partyByID, { $0(id) }, read: open) else {
            throw StoreError.integrity("customer key \(id) is gone")
        }
        remember(party)
        return party
    }

    /// By their id, or by the pseudonym of who was erased. Nil when nothing was ever stored for the customer.
    func party(of customer: String, in connection: Connection) throws -> Party? {
        if customer.isEmpty { return try party(Party.systemID, in: connection) }
        return try known(customer) ?? stored(customer, hash: hash(customer), in: connection) ?? erased(customer, in: connection)
    }

    private func known(_ customer: String) -> Party? { cache.withLock { cache in cache.ids[customer].flatMap { cache.parties[$0] } } }

    private func stored(_ customer: String, hash: [UInt8], in connection: Connection) throws -> Party? {
        guard let party = try connection.first(SQL.partyByLookup, { $0(hash) }, read: open) else { return nil }
        remember(party)
        return party
    }

    // MARK: Making

    /// The party of a customer; one that is new gets a random data key, and `isNew` says so: the caller forgets it if its transaction is rolled
    /// back. An empty customer is the system.
    func party(making customer: String, salt: () -> Int64, in connection: Connection) throws -> (party: Party, isNew: Bool) {
        if let known = customer.isEmpty ? try party(Party.systemID, in: connection) : known(customer) { return (known, false) }
        if let erased = try erased(customer, in: connection) { return (erased, false) }
        let hash = hash(customer)
        if let stored = try stored(customer, hash: hash, in: connection) { return (stored, false) }
        return (try make(customer, lookup: hash, salt: salt(), in: connection), true)
    }

    /// Rows of who was erased name them by their pseudonym: what is written of these rows later is still theirs.
    private func erased(_ pseudonym: String, in connection: Connection) throws -> Party? {
        guard pseudonym.hasPrefix("cus_"), let (id, _) = names.read(pseudonym, "cus_"),
            let party = try connection.first(SQL.partyByID, { $0(id) }, read: open), party.isErased, party.pseudonym == pseudonym
        else { return nil }
        return party
    }

    /// - Parameter lookup: nil for the system, which nobody looks up.
    func make(_ customer: String, lookup: [UInt8]?, salt: Int64, in connection: Connection) throws -> Party {
        let key = Seal.newKey()
        var whole = key.withUnsafeBytes { Array($0) }
        whole.append(contentsOf: customer.utf8)
        let master = masters.current
        let box = try Seal.close(whole, key: master.key, context: Self.context(salt))
        try connection.run(SQL.insertParty) { $0(salt, lookup, box, master.id) }
        let id = connection.lastInsertedID
        let party = Party(id: id, pseudonym: names.name("cus_", id, salt: salt), customer: customer, key: key)
        remember(party)
        return party
    }

    /// The ids will be given out again, with other keys.
    func forget(_ parties: [Party]) {
        guard !parties.isEmpty else { return }
        cache.withLock { cache in
            for party in parties {
                cache.parties[party.id] = nil
                cache.ids[party.customer] = nil
            }
        }
    }

    /// Their key is destroyed, as far as the writer goes.
    func forgetErased(_ party: Party) {
        forget([party])
        _ = cache.withLock { $0.erased.insert(party.id) }
    }
    /// It was not destroyed after all.
    func bringBack(_ parties: [Party]) {
        guard !parties.isEmpty else { return }
        cache.withLock { cache in for party in parties { cache.erased.remove(party.id) } }
        forget(parties)
    }

    private func remember(_ party: Party) {
        cache.withLock { cache in
            guard party.isErased || !cache.erased.contains(party.id) else { return }
            cache.parties[party.id] = party
            cache.ids[party.customer] = party.id
        }
    }

    private func open(_ row: Row) throws -> Party {
        let (id, salt, box) = (row.int(0), row.int(1), row.blob(2))
        let pseudonym = names.name("cus_", id, salt: salt)
        guard !box.isEmpty else { return Party(id: id, pseudonym: pseudonym, customer: pseudonym, key: nil) }
        let whole = try masters.unwrap(box, wrappedWith: row.text(3), context: Self.context(salt))
        guard whole.count >= 32 else { throw StoreError.integrity("customer key \(id) holds no key") }
        return Party(
            id: id, pseudonym: pseudonym, customer: String(decoding: whole[32...], as: UTF8.self), key: SymmetricKey(data: whole[..<32]))
    }

    /// The box of a data key, wrapped with the master key of now.
    func rewrapped(_ box: [UInt8], wrappedWith id: String, salt: Int64) throws -> (box: [UInt8], master: String) {
        let (masters, context) = (masters, Self.context(salt))
        let whole = try masters.unwrap(box, wrappedWith: id, context: context)
        return (try Seal.close(whole, key: masters.current.key, context: context), masters.current.id)
    }

    private static func context(_ salt: Int64) -> Context { Context("customer_key", salt, "box") }

    private func hash(_ customer: String) -> [UInt8] { lookup.hash(customer.utf8, for: .customer) }
}

/// A bounded cache of two generations: what was not used while the younger one filled is dropped with the older.
struct Generations<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let limit: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    init(_ limit: Int) { self.limit = max(2, limit) }

    subscript(_ key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old[key] else { return nil }
            keep(value, key)
            return value
        }
        set {
            guard let newValue else {
                young[key] = nil
                old[key] = nil
                return
            }
            keep(newValue, key)
        }
    }

    private mutating func keep(_ value: Value, _ key: Key) {
        if young.count >= limit / 2, young[key] == nil {
            old = young
            young = [:]
        }
        young[key] = value
    }
}
