public import Core
import Store
import Templates

/// The texts' way into force: submitted by one, approved by another, published for a share of the customers or for all, taken back. Each step is in
/// the log with who and why.
extension Desk {
    /// Keeps the files and asks for a decision. A revision that was rejected may be submitted again.
    public func submit(_ files: [TemplateFile], who: String, reason: String) async throws -> Answer {
        let texts: TemplateSet
        do {
            texts = try Texts.compile(files)
        } catch {
            return .refused("the texts have \(error.all.count) mistakes: clarion template check")
        }
        let (now, name) = (clock.now(), CardRule.cut(who))
        let act = TemplateRevision.Act(at: now, who: name, reason: CardRule.cut(reason))
        return try await store.write { writer in
            var revision = TemplateRevision(revision: texts.revision, keptAt: now)
            if try !writer.keep(revision, files: files.filter(\.isText)) {
                revision = try writer.templateRevision(texts.revision) ?? revision
            }
            guard revision.state == .kept || revision.state == .rejected else {
                return .refused("\(texts.revision) is \(revision.state.rawValue) already")
            }
            (revision.state, revision.submitted, revision.decided) = (.submitted, act, nil)
            try writer.save(revision)
            try Self.note(texts.revision, "submitted", act, writer)
            return .done("\(texts.revision) is submitted: another person has to approve it")
        }
    }

    /// By somebody else than who submitted it.
    public func decide(_ revision: String, approved: Bool, who: String, reason: String) async throws -> Answer {
        let (now, name) = (clock.now(), CardRule.cut(who))
        let act = TemplateRevision.Act(at: now, who: name, reason: CardRule.cut(reason))
        return try await store.write { writer in
            guard var found = try writer.templateRevision(revision) else { return .notFound }
            guard found.state == .submitted, let submitted = found.submitted else {
                return .refused("\(revision) is \(found.state.rawValue), not submitted")
            }
            guard !Self.isSamePerson(submitted.who, name) || PlantedBug.approvesOwnTexts.isActive else {
                return .refused("\(name) has submitted it: a second person decides")
            }
            (found.state, found.decided) = (approved ? .approved : .rejected, act)
            try writer.save(found)
            try Self.note(revision, found.state.rawValue, act, writer)
            return .done("\(revision) is \(found.state.rawValue)")
        }
    }

    static func isSamePerson(_ a: String, _ b: String) -> Bool {
        func plain(_ name: String) -> String { name.split(whereSeparator: \.isWhitespace).joined(separator: " ").lowercased() }
        return plain(a) == plain(b)
    }

    /// For so many of a hundred customers; 100 puts it in force. One that runs gets another share. Another that runs is replaced.
    ///
    /// - Parameter mustBeApproved: the settings ask for a second person.
    public func publish(
        _ revision: String, percent: Int, mustBeApproved: Bool, who: String, reason: String
    ) async throws -> Answer {
        guard (1...100).contains(percent) else { return .refused("a share is 1 to 100 of a hundred customers") }
        do {
            guard try await prepare(revision, .everything) else { return .notFound }
        } catch let problems as Problems {
            return .refused("this version refuses these texts: \(problems.all[0])")
        }
        let (now, act) = (clock.now(), TemplateRevision.Act(at: clock.now(), who: CardRule.cut(who), reason: CardRule.cut(reason)))
        let answer = try await store.write { writer -> Answer in
            guard let found = try writer.templateRevision(revision) else { return .notFound }
            guard !mustBeApproved || found.state == .approved else {
                return .refused("\(revision) is \(found.state.rawValue): a second person has to approve it first")
            }
            let inForce = try writer.revisionsInForce()
            if inForce.base?.revision == revision { return .refused("\(revision) is in force already") }
            guard percent == 100 || inForce.base != nil else { return .refused("there are no texts for the others: publish it for all") }
            var rollout = Rollout(
                revision: revision, base: inForce.base?.revision, percent: percent, state: .running, startedAt: now, who: act.who,
                reason: act.reason, after: try writer.lastNotice())
            if var running = inForce.trial {
                if running.revision == revision {
                    guard running.percent != percent else { return .refused("\(percent) % of the customers get \(revision) already") }
                    rollout = running
                } else {
                    (running.state, running.changedAt) = (.replaced, now)
                    _ = try writer.save(running)
                }
            }
            (rollout.percent, rollout.changedAt, rollout.who, rollout.reason) = (percent, now, act.who, act.reason)
            rollout.state = percent == 100 ? .complete : .running
            _ = try writer.save(rollout)
            try Self.note(revision, "published", act, percent: percent, writer)
            return .done(percent == 100 ? "\(revision) is in force" : "\(percent) % of the customers get \(revision)")
        }
        try await reload()
        return answer
    }

    /// What runs ends; with nothing running, what is in force makes place for what was before it. What was planned already keeps its words.
    public func rollBack(who: String, reason: String) async throws -> Answer {
        let (now, act) = (clock.now(), TemplateRevision.Act(at: clock.now(), who: CardRule.cut(who), reason: CardRule.cut(reason)))
        let before = try await store.read { reader in
            let inForce = try reader.revisionsInForce()
            guard inForce.trial == nil else { return inForce.base?.revision }
            return try reader.rollouts(limit: 1000).filter { $0.state == .complete }.dropFirst().first?.revision
        }
        guard let before else { return .refused("there are no texts to go back to") }
        // Better what was judged by former rules than what has to go.
        guard try await prepare(before, .everything.unjudged) else { return .refused("the files of \(before) are not kept") }
        let answer = try await store.write { writer -> Answer in
            let inForce = try writer.revisionsInForce()
            guard var ended = inForce.trial ?? inForce.base else { return .refused("nothing was published") }
            (ended.state, ended.changedAt, ended.who, ended.reason) = (.rolledBack, now, act.who, act.reason)
            _ = try writer.save(ended)
            try Self.note(ended.revision, "rolled_back", act, writer)
            let base = try writer.revisionsInForce().base?.revision ?? before
            return .done("\(ended.revision) is taken back: all customers get \(base)")
        }
        try await reload()
        return answer
    }

    /// The texts a worker begins with, from its directory. They are in force at once where nobody has to approve them, unless they were taken back or
    /// are on trial. Returns what a person has to know.
    public func begin(with files: [TemplateFile], revision: String, mustBeApproved: Bool) async throws -> Answer {
        let unreadable = texts?.unreadable
        let (now, act) = (clock.now(), TemplateRevision.Act(at: clock.now(), who: "start", reason: "as they lie in the directory"))
        let answer = try await store.write { writer -> Answer in
            let inForce = try writer.revisionsInForce()
            if unreadable == nil, inForce.base?.revision == revision || inForce.trial?.revision == revision { return .done("") }
            let known = try writer.templateRevision(revision)
            if mustBeApproved, known?.state != .approved {
                guard unreadable == nil, let base = inForce.base else {
                    return .refused("nobody has approved \(revision), the texts of the directory")
                }
                return .done("the directory holds \(revision), which is not in force: \(base.revision) is")
            }
            let last = try writer.rollouts(limit: 1000).first { $0.revision == revision }
            if unreadable == nil, let base = inForce.base, let last, last.state == .stopped || last.state == .rolledBack {
                return .done("the directory holds \(revision), which was taken back: \(base.revision) is in force")
            }
            if mustBeApproved, unreadable == nil, let base = inForce.base {
                return .done("the directory holds \(revision), which is approved and not published: \(base.revision) is in force")
            }
            _ = try writer.keep(TemplateRevision(revision: revision, keptAt: now), files: files.filter(\.isText))
            if var running = inForce.trial {
                (running.state, running.changedAt) = (.replaced, now)
                _ = try writer.save(running)
            }
            _ = try writer.save(
                Rollout(
                    revision: revision, base: inForce.base?.revision, percent: 100, state: .complete, startedAt: now, who: act.who,
                    reason: act.reason, after: try writer.lastNotice()))
            try Self.note(revision, "published", act, percent: 100, writer)
            return .done("")
        }
        try await reload()
        return answer
    }

    /// A customer spoke with support. Nothing is done about it: it is counted, for each wording and revision.
    public func contact(about order: OrderNumber, who: String, reason: String) async throws -> Answer {
        let now = clock.now()
        return try await store.write { writer in
            guard try writer.order(order) != nil else { return .notFound }
            try writer.insert(contact: order, at: now)
            try writer.append(
                LogEntry(
                    .contact, at: now, order: order, body: ["reason": .string(CardRule.cut(reason)), "who": .string(CardRule.cut(who))]))
            return .done("a contact about \(order) is counted")
        }
    }

    static func note(
        _ revision: String, _ did: String, _ act: TemplateRevision.Act, percent: Int? = nil, _ writer: any StoreWriter
    ) throws {
        var body: [(String, JSON)] = [("did", .string(did))]
        if let percent { body.append(("percent", .integer(percent))) }
        body += [("reason", .string(act.reason)), ("revision", .string(revision)), ("who", .string(act.who))]
        try writer.append(LogEntry(.templates, at: act.at, body: .object(body)))
    }

    private func prepare(_ revision: String, _ scope: TemplateSet.Scope) async throws -> Bool {
        guard let files = try await store.read({ try $0.templateFiles(of: revision) }) else { return false }
        let compiled = try Texts.compile(files, scope: scope)
        texts?.remember(compiled)
        return true
    }

    private func reload() async throws { try await texts?.load(from: store, at: clock.now()) }
}
