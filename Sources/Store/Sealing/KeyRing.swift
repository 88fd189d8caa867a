import Core
import Crypto
import Synchronization

/// Someone with a data key of their own: a customer, or a staff recipient. Tables hold `id`; `pseudonym` stands for them in the log.
struct Party: Sendable {
    /// The system's own key seals what belongs to no customer.
    static let systemID: Int64 = 1

    var id: Int64
    var pseudonym: String
    /// The real id; empty for the system.
    var customer: String
    var key: SymmetricKey
}

/// Data keys, unwrapped on demand and kept in memory within a bound. Shared by the writer and the readers.
final class KeyRing: Sendable {
    private struct Cache {
        var parties: Generations<Int64, Party>
        var ids: Generations<String, Int64>
        var pseudonyms: Generations<String, Int64>
    }
    private let master: SymmetricKey
    let lookup: LookupKey
    private let cache: Mutex<Cache>

    /// - Parameter limit: parties kept in memory, some 300 bytes each.
    init(_ keys: StoreKeys, limit: Int) throws {
        let (master, lookup) = (keys.master.reveal(for: .sealing), keys.lookup.reveal(for: .sealing))
        guard master.count == 32, lookup.count == 32 else { throw StoreError.unusable("the store's keys must have 32 bytes each") }
        self.master = SymmetricKey(data: master)
        self.lookup = LookupKey(lookup)
        cache = Mutex(Cache(parties: Generations(limit), ids: Generations(limit), pseudonyms: Generations(limit)))
    }

    // MARK: Finding

    func party(_ id: Int64, in connection: Connection) throws -> Party {
        if let known = cache.withLock({ $0.parties[id] }) { return known }
        guard let party = try connection.first(SQL.partyByID, id, read: open) else {
            throw StoreError.integrity("customer key \(id) is gone")
        }
        remember(party)
        return party
    }

    /// Nil when nothing was ever stored for the customer.
    func party(of customer: String, in connection: Connection) throws -> Party? {
        if customer.isEmpty { return try party(Party.systemID, in: connection) }
        if let known = cache.withLock({ cache in cache.ids[customer].flatMap { cache.parties[$0] } }) { return known }
        guard let party = try connection.first(SQL.partyByLookup, hash(customer), read: open) else { return nil }
        remember(party)
        return party
    }

    func party(pseudonym: String, in connection: Connection) throws -> Party {
        if let known = cache.withLock({ cache in cache.pseudonyms[pseudonym].flatMap { cache.parties[$0] } }) { return known }
        guard let party = try connection.first(SQL.partyByPseudonym, pseudonym, read: open) else {
            throw StoreError.integrity("the key of a sealed value is gone")
        }
        remember(party)
        return party
    }

    // MARK: Making

    /// A new party with a random data key. It stays in memory: the caller forgets it if its transaction is rolled back.
    func make(_ customer: String, pseudonym: String, in connection: Connection) throws -> Party {
        let key = SymmetricKey(size: .bits256)
        let wrapped = try Seal.close(key.withUnsafeBytes { Array($0) }, key: master, context: Self.wrapContext(pseudonym))
        let name = try Seal.close(customer.utf8, key: key, context: Self.nameContext(pseudonym))
        try connection.run(SQL.insertParty, pseudonym, customer.isEmpty ? nil : hash(customer), name, wrapped)
        let party = Party(id: connection.lastInsertedID, pseudonym: pseudonym, customer: customer, key: key)
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
                cache.pseudonyms[party.pseudonym] = nil
            }
        }
    }

    private func remember(_ party: Party) {
        cache.withLock { cache in
            cache.parties[party.id] = party
            cache.ids[party.customer] = party.id
            cache.pseudonyms[party.pseudonym] = party.id
        }
    }

    private func open(_ row: Row) throws -> Party {
        let pseudonym = row.text(1)
        let key = SymmetricKey(data: try Seal.open(row.blob(3), key: master, context: Self.wrapContext(pseudonym)))
        let name = try Seal.open(row.blob(2), key: key, context: Self.nameContext(pseudonym))
        return Party(id: row.int(0), pseudonym: pseudonym, customer: String(decoding: name, as: UTF8.self), key: key)
    }

    private func hash(_ customer: String) -> [UInt8] { lookup.hash(customer.utf8, for: .customer) }
    private static func wrapContext(_ pseudonym: String) -> String { "customer_key/\(pseudonym)/wrapped" }
    private static func nameContext(_ pseudonym: String) -> String { "customer_key/\(pseudonym)/name" }
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
