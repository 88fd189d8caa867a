public import Core
import Store

struct RevisionRow {
    var revision: TemplateRevision
    var files: [TemplateFile]
}

extension MemoryTables {
    public func templateRevisions(limit: Int) throws -> [TemplateRevision] {
        revisionRows.all.suffix(limit).reversed().map(\.revision)
    }
    public func templateRevision(_ revision: String) throws -> TemplateRevision? { row(of: revision)?.revision }
    public func templateFiles(of revision: String) throws -> [TemplateFile]? { row(of: revision)?.files }
    private func row(of revision: String) -> RevisionRow? { revisionRows.all.first { $0.revision.revision == revision } }

    public func rollouts(limit: Int) throws -> [Rollout] { rolloutRows.all.suffix(limit).reversed() }
    public func revisionsInForce() throws -> RevisionsInForce {
        func newest(_ state: Rollout.State) -> Rollout? { rolloutRows.all.last { $0.state == state } }
        return RevisionsInForce(base: newest(.complete), trial: newest(.running))
    }

    public func told(revision: String, after notice: NoticeID, since: Timestamp, limit: Int) throws -> [ToldOutcome] {
        let unmade: Set<ReasonCode> = [.fieldMissing, .templateMissing, .renderError, .tooLong]
        let rows = notices.ids.reversed().lazy.filter { $0 > notice }.compactMap { id in (self.notices[id] ?? nil).map { (id, $0) } }
            .filter { $1.notice.templateRevision == revision && $1.notice.audience == .customer && $1.notice.plannedAt >= since }
        return rows.prefix(limit).map { id, row in
            let deliveries = row.channels.compactMap { self.deliveryRows[Names.delivery(of: id, on: $0)]?.delivery }
            return ToldOutcome(
                order: row.notice.order, plannedAt: row.notice.plannedAt, wording: row.notice.wording,
                isFailed: deliveries.contains { $0.state == .dead || $0.state == .undelivered },
                isBroken: deliveries.contains { $0.state == .dead && $0.reason.map(unmade.contains) ?? false })
        }
    }
    public func voices(since: Timestamp) throws -> [Voice] {
        let complaints = reviewRows.all.filter { $0.cause == .complaint && $0.openedAt >= since }
        return complaints.compactMap { item in item.order.map { Voice(.complaint, order: $0, at: item.openedAt) } }
            + contactRows.all.filter { $0.at >= since }
    }
    public func lastNotice() throws -> NoticeID { NoticeID(notices.count) }

    public func keep(_ revision: TemplateRevision, files: [TemplateFile]) throws -> Bool {
        guard row(of: revision.revision) == nil else { return false }
        _ = revisionRows.append(RevisionRow(revision: revision, files: files.sorted { $0.path < $1.path }))
        return true
    }
    public func save(_ revision: TemplateRevision) throws {
        guard let index = revisionRows.all.firstIndex(where: { $0.revision.revision == revision.revision }) else { return }
        _ = revisionRows.change(Int64(index + 1)) { row in
            row.revision = revision
            return true
        }
    }
    public func save(_ rollout: Rollout) throws -> Int64 {
        guard rollout.id == 0 else {
            _ = rolloutRows.change(rollout.id) { row in
                row = rollout
                return true
            }
            return rollout.id
        }
        var rollout = rollout
        rollout.id = Int64(rolloutRows.count + 1)
        return rolloutRows.append(rollout)
    }
    public func insert(contact order: OrderNumber, at now: Timestamp) throws {
        _ = contactRows.append(Voice(.contact, order: order, at: now))
    }
}
