import Core
import Crypto

/// What a transaction reads with: one connection and the key ring. Lives on one thread, for one closure after the other.
class SQLiteReads: StoreReader {
    let db: Connection
    let ring: KeyRing

    init(_ connection: Connection, _ ring: KeyRing) { (db, self.ring) = (connection, ring) }

    /// The writer brings the chain's head up to date before the chain is walked.
    func beforeVerifying() throws {}
}

extension SQLiteReads {
    func meta(_ key: String) throws -> String? { try db.first(SQL.meta, key) { $0.text(0) } }

    func pseudonym(ofCustomer customer: String) throws -> String? { try ring.party(of: customer, in: db)?.pseudonym }

    func unseal(_ sealed: SealedBytes) throws -> [UInt8] {
        try Seal.open(sealed.box, key: try ring.party(pseudonym: sealed.key, in: db).key, context: Self.callerContext(sealed.context))
    }

    /// Contexts of callers and of the store's own columns never meet.
    static func callerContext(_ context: String) -> String { "caller/" + context }

    /// - Returns: the customer's own id.
    func customer(_ id: Int64) throws -> String { try ring.party(id, in: db).customer }

    func open(_ box: [UInt8], of party: Int64, _ context: String) throws -> [UInt8] {
        try Seal.open(box, key: try ring.party(party, in: db).key, context: context)
    }

    func openJSON(_ box: [UInt8], of party: Int64, _ context: String) throws -> JSON {
        do {
            return try JSON(parsing: try open(box, of: party, context))
        } catch let problem as JSONProblem {
            throw StoreError.integrity("\(context) is no JSON at byte \(problem.offset)")
        }
    }

    func openFacts(_ box: [UInt8], of party: Int64, _ context: String) throws -> Facts {
        guard let facts = Facts(json: try openJSON(box, of: party, context)) else {
            throw StoreError.integrity("\(context) holds no facts")
        }
        return facts
    }
}

/// What a transaction writes with. One for the life of the writer's thread.
final class SQLiteWrites: SQLiteReads, StoreWriter {
    let random: any RandomSource
    /// The chain's last row, nil until it is read from the file again.
    var head: ChainHead?
    var isHeadStamped = true
    /// Parties made by the closure that runs, and by the group: a rollback makes them void.
    private var madeInClosure: [Party] = []
    private var madeInGroup: [Party] = []

    init(_ connection: Connection, _ ring: KeyRing, _ random: any RandomSource) {
        self.random = random
        super.init(connection, ring)
    }

    override func beforeVerifying() throws { try stampHead() }

    // MARK: Around closures

    func closureKept() {
        madeInGroup += madeInClosure
        madeInClosure = []
    }
    func closureUndone() {
        ring.forget(madeInClosure)
        madeInClosure = []
        head = nil
    }
    func groupCommitted() { madeInGroup = [] }
    func groupUndone() {
        ring.forget(madeInClosure + madeInGroup)
        (madeInClosure, madeInGroup) = ([], [])
        head = nil
        isHeadStamped = true
    }

    // MARK: Sealing

    /// The party of a customer, made when there is none. Nil and the empty id are the system.
    func makeParty(_ customer: String?) throws -> Party {
        if let known = try ring.party(of: customer ?? "", in: db) { return known }
        let party = try ring.make(customer ?? "", pseudonym: newPublicID("cus"), in: db)
        madeInClosure.append(party)
        return party
    }

    func seal(_ bytes: [UInt8], customer: String?, context: String) throws -> SealedBytes {
        let party = try makeParty(customer)
        return SealedBytes(
            key: party.pseudonym, context: context, box: try Seal.close(bytes, key: party.key, context: Self.callerContext(context)))
    }

    func newPublicID(_ prefix: String) -> String {
        let stem = prefix.hasSuffix("_") ? prefix : prefix + "_"
        return stem + Text.crockford(random.bytes(16))
    }

    func idempotencyKey(delivery: String, account: String) -> String {
        Text.hex(ring.lookup.hash("\(delivery)\u{0}\(account)".utf8, for: .idempotency))
    }

    func setMeta(_ key: String, _ value: String) throws { try db.run(SQL.setMeta, key, value) }

    /// The id that the next row of a table gets. A row is sealed with its id as context, so the id must be known before.
    func nextID(_ query: Query) throws -> Int64 { try db.first(query) { $0.int(0) } ?? 1 }
}

extension SQL {
    static let meta = Query("SELECT value FROM meta WHERE key = ?")
    static let setMeta = Query("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
}
