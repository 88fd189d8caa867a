public import Core
import Crypto
public import Store
import Synchronization
public import Templates

/// The texts of this process: those in force, those that a share of the customers gets, and those that waiting notices were planned with.
public final class Texts: Sendable {
    /// So many that are not in force any more: a notice waits for a night or a hold, and each takes some megabytes. Others are read when they are
    /// asked for.
    private static let kept = 4

    private struct State {
        /// What notices are planned with from now on.
        var base: TemplateSet
        var trial: (texts: TemplateSet, rollout: Rollout)?
        /// Of earlier publications, as they are asked for.
        var earlier: [TemplateSet] = []
        var unreadable: String?
    }
    private let state: Mutex<State>

    /// - Parameter templates: in force as long as the store says nothing else.
    public init(_ templates: TemplateSet) { state = Mutex(State(base: templates)) }

    /// What revisions are made of.
    public static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// Throws every mistake in them.
    public static func compile(_ files: [TemplateFile], scope: TemplateSet.Scope = .everything) throws(Problems) -> TemplateSet {
        try TemplateSet.compile(files: files.pairs, scope: scope, digest: digest)
    }

    /// What a notice for this customer is planned with.
    func choose(for customer: String) -> TemplateSet {
        state.withLock { state in
            if let trial = state.trial, trial.rollout.includes(customer) { return trial.texts }
            return state.base
        }
    }

    /// The texts of a revision; where it is not kept, those in force.
    func of(_ revision: String, kept reader: any StoreReader) throws -> TemplateSet {
        if PlantedBug.sendsOtherTexts.isActive { return base }
        if let known = known(revision) { return known }
        guard let texts = try Self.texts(of: revision, in: reader) else { return state.withLock(\.base) }
        remember(texts)
        return texts
    }

    /// Nil where it is not kept, or is of a program whose texts had another form: whoever uses others says so in the log.
    private static func texts(of revision: String, in reader: any StoreReader) throws -> TemplateSet? {
        guard let files = try reader.templateFiles(of: revision) else { return nil }
        do throws(Problems) { return try compile(files, scope: .everything.unjudged) } catch { return nil }
    }

    private func known(_ revision: String) -> TemplateSet? {
        state.withLock { state in
            if state.base.revision == revision { return state.base }
            if let trial = state.trial, trial.texts.revision == revision { return trial.texts }
            return state.earlier.first { $0.revision == revision }
        }
    }

    /// Known from now on, so that it can be in force with a commit.
    func remember(_ texts: TemplateSet) {
        state.withLock { state in
            state.earlier.removeAll { $0.revision == texts.revision }
            state.earlier.append(texts)
            if state.earlier.count > Self.kept { state.earlier.removeFirst() }
        }
    }

    public var base: TemplateSet { state.withLock(\.base) }

    /// The revision in force that this version cannot read: the texts it was made with are in force here.
    var unreadable: String? { state.withLock(\.unreadable) }

    /// What the store says is in force, from now on.
    public func load(from store: any StoreReading, at now: Timestamp) async throws {
        let (inForce, read) = try await store.read { [self] reader in
            let inForce = try reader.revisionsInForce()
            // What was in force a moment ago may be pinned by what waits. With those in force they are as many as are kept.
            let recent = try reader.rollouts(limit: Self.kept - 2).filter { now - $0.changedAt < .hours(48) }.map(\.revision)
            let wanted = Set([inForce.base?.revision, inForce.trial?.revision].compactMap(\.self) + recent)
            return (inForce, try wanted.filter { known($0) == nil }.compactMap { try Self.texts(of: $0, in: reader) })
        }
        for texts in read { remember(texts) }
        let unreadable = inForce.base.flatMap { known($0.revision) == nil ? $0.revision : nil }
        state.withLock { $0.unreadable = unreadable }
        set(inForce)
    }

    /// Of what is known: a trial that cannot be read is given to nobody.
    private func set(_ inForce: RevisionsInForce) {
        let (base, trial) = (inForce.base.flatMap { known($0.revision) }, inForce.trial.flatMap { known($0.revision) })
        state.withLock { state in
            let old = [state.base, state.trial?.texts].compactMap(\.self)
            if let base { state.base = base }
            state.trial = trial.flatMap { texts in inForce.trial.map { (texts: texts, rollout: $0) } }
            let now = [state.base.revision, state.trial?.texts.revision]
            for texts in old where !now.contains(texts.revision) && !state.earlier.contains(where: { $0.revision == texts.revision }) {
                state.earlier.append(texts)
            }
            if state.earlier.count > Self.kept { state.earlier.removeFirst(state.earlier.count - Self.kept) }
        }
    }
}
