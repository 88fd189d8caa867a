import Core
import Crypto

/// What a transaction reads with: one connection and the key ring. Lives on one thread, for one closure after the other.
class SQLiteReads: StoreReader {
    let db: Connection
    let ring: KeyRing

    init(_ connection: Connection, _ ring: KeyRing) { (db, self.ring) = (connection, ring) }

    /// The writer brings the chain's head up to date before the chain is walked.
    func beforeVerifying() throws {}

    /// Whether nothing was ever stored about this party but its key: then nothing need be looked for.
    func isStranger(_ party: Int64) -> Bool { false }

    /// What the running closure has raised a counter by and not written yet.
    func raisedBy(_ counter: CounterKey) -> Int { 0 }

    /// The writer knows them by heart: every attempt asks.
    func holdsNotEnded() throws -> [Hold] { try storedHolds(SQL.holdsNotEnded) }

    /// The writer knows the last hours by heart.
    func episodeCount(bank: String, rail: String, kind: Kind?, since: Timestamp, until: Timestamp) throws -> Int {
        Int(try db.first(SQL.countEpisodes, { $0(bank, rail, since, until, kind) }) { $0.int(0) } ?? 0)
    }
}

extension SQLiteReads {
    func meta(_ key: String) throws -> String? { try db.first(SQL.meta, { $0(key) }) { $0.text(0) } }

    func pseudonym(ofCustomer customer: String) throws -> String? { try ring.party(of: customer, in: db)?.pseudonym }

    /// - Returns: the customer's own id.
    func customer(_ id: Int64) throws -> String { try ring.party(id, in: db).customer }

    /// Nil of who was erased.
    func open(_ box: [UInt8], of party: Int64, _ context: Context) throws -> [UInt8]? { try ring.party(party, in: db).open(box, context) }

    func openJSON(_ box: [UInt8], of party: Int64, _ context: Context) throws -> JSON? {
        do {
            return try open(box, of: party, context).map { try JSON(parsing: $0) }
        } catch let problem as JSONProblem {
            throw StoreError.integrity("\(context) is no JSON at byte \(problem.offset)")
        }
    }
}

/// What a transaction writes with. One for the life of the writer's thread.
final class SQLiteWrites: SQLiteReads, StoreWriter {
    let random: any RandomSource
    let fenceFile: FenceFile
    /// The chain's last row, nil until it is read from the file again.
    var head: ChainHead?
    var isHeadStamped = true
    /// How far the log is signed, nil until it is read from the file again.
    var signedSoFarKnown: SignedSoFar?
    /// What is not signed yet has a hole; found by this process.
    var hasHole = false
    /// The group has a checkpoint; who exports it is told after the commit.
    var hasSigned = false
    var tellSigned: () -> Void = {}
    /// What is known without asking the file, until a rollback makes it void.
    var known = Known()
    /// Counters raised by the closure that runs.
    var raised: [CounterKey: Int] = [:]
    /// Parties made by the closure that runs, and by the group: a rollback makes them void.
    private var madeInClosure: [Party] = []
    private var madeInGroup: [Party] = []
    /// Parties whose keys were destroyed by the closure that runs, and by the group: a rollback brings them back.
    private var erasedInClosure: [Party] = []
    private var erasedInGroup: [Party] = []
    /// What was overwritten is to leave the write-ahead log as well.
    var wantsEmptyLog = false
    /// The one that was asked for last.
    private var last: Party?

    struct Known {
        /// The id that the next row gets.
        var nextEpisode, nextNotice: Int64?
        /// Blocks of the search index, the last of them claimed at least.
        var indexedBlocks: Int64?
        var sources: [String: Int64] = [:]
        /// Parties of whom there is an event and no more. Most payouts that go wrong are a customer's first.
        var strangers: Set<Int64> = []
        var episodes: RecentEpisodes?
        /// Those that nobody has ended.
        var holds: [Hold]?
    }

    init(_ connection: Connection, _ ring: KeyRing, _ random: any RandomSource, _ fenceFile: FenceFile) {
        (self.random, self.fenceFile) = (random, fenceFile)
        super.init(connection, ring)
    }

    override func isStranger(_ party: Int64) -> Bool { known.strangers.contains(party) }
    /// There is more about a party from now on than its key and events.
    func meet(_ party: Int64) { known.strangers.remove(party) }

    override func raisedBy(_ counter: CounterKey) -> Int { raised[counter] ?? 0 }

    override func beforeVerifying() throws { try stampHead() }

    override func holdsNotEnded() throws -> [Hold] {
        if let holds = known.holds { return holds }
        let holds = try super.holdsNotEnded()
        known.holds = holds
        return holds
    }

    override func episodeCount(bank: String, rail: String, kind: Kind?, since: Timestamp, until: Timestamp) throws -> Int {
        if known.episodes == nil { known.episodes = try RecentEpisodes(since: since - .hours(1), in: db) }
        return try known.episodes?.count(bank: bank, rail: rail, kind: kind, since: since, until: until)
            ?? super.episodeCount(bank: bank, rail: rail, kind: kind, since: since, until: until)
    }

    // MARK: Around closures

    /// The end of a closure that has not thrown.
    func endClosure() throws { if !raised.isEmpty { try writeCounters() } }
    func closureKept() {
        guard !madeInClosure.isEmpty || !erasedInClosure.isEmpty else { return }
        madeInGroup += madeInClosure
        erasedInGroup += erasedInClosure
        (madeInClosure, erasedInClosure) = ([], [])
    }
    func closureUndone() {
        ring.forget(madeInClosure)
        ring.bringBack(erasedInClosure)
        (madeInClosure, erasedInClosure) = ([], [])
        raised = [:]
        (head, signedSoFarKnown, hasHole, known, last) = (nil, nil, false, Known(), nil)
    }
    func groupCommitted() {
        if hasSigned {
            hasSigned = false
            tellSigned()
        }
        madeInGroup.removeAll(keepingCapacity: true)
        if !erasedInGroup.isEmpty {
            erasedInGroup = []
            wantsEmptyLog = true
        }
        db.forgetValues()
    }
    func groupUndone() {
        ring.forget(madeInClosure + madeInGroup)
        ring.bringBack(erasedInClosure + erasedInGroup)
        (madeInClosure, madeInGroup, raised) = ([], [], [:])
        (erasedInClosure, erasedInGroup) = ([], [])
        (head, signedSoFarKnown, hasHole, known, last) = (nil, nil, false, Known(), nil)
        hasSigned = false
        isHeadStamped = true
    }

    // MARK: Sealing and naming

    /// The party of a customer, made when there is none. Nil and the empty id are the system.
    func makeParty(_ customer: String?) throws -> Party {
        let customer = customer ?? ""
        // All rows of one event are of one customer.
        if let last, last.customer == customer { return last }
        let (party, isNew) = try ring.party(making: customer, salt: newSalt, in: db)
        if isNew {
            madeInClosure.append(party)
            if known.strangers.count >= 65_536 { known.strangers.removeAll(keepingCapacity: true) }
            known.strangers.insert(party.id)
        }
        last = party
        return party
    }

    /// Their key is destroyed in the closure that runs.
    func forgetErased(_ party: Party) {
        ring.forgetErased(party)
        erasedInClosure.append(party)
        known.strangers.remove(party.id)
        last = nil
    }

    func newSalt() -> Int64 { random.bytes(8).reduce(0) { $0 << 8 | Int64($1) } }

    func idempotencyKey(delivery: String, account: String) -> String {
        var place = Array(delivery.utf8)
        place.append(0)
        place.append(contentsOf: account.utf8)
        return Hex.text(ring.lookup.hash(place, for: .idempotency))
    }

    func setMeta(_ key: String, _ value: String) throws { try db.run(SQL.setMeta) { $0(key, value) } }

    /// The id that the next row of a table gets. A row is sealed with its id as context, so the id must be known before.
    func nextEpisodeID() throws -> EpisodeID { try Self.take(&known.nextEpisode, SQL.nextEpisode, db) }
    func nextNoticeID() throws -> NoticeID { try Self.take(&known.nextNotice, SQL.nextNotice, db) }
    /// The same, left for the next.
    func peekNoticeID() throws -> NoticeID {
        let id = try nextNoticeID()
        known.nextNotice = id
        return id
    }
    private static func take(_ known: inout Int64?, _ query: Query, _ db: Connection) throws -> Int64 {
        let id = try known ?? db.first(query) { $0.int(0) } ?? 1
        known = id + 1
        return id
    }
}

extension SQL {
    static let meta = Query("SELECT value FROM meta WHERE key = ?")
    static let setMeta = Query("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
}
