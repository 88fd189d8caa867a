import Core

// What T2 files, and what becomes of it while it waits.
extension SQL {
    static let insertDelivery = Query(
        """
        INSERT INTO delivery (id, salt, channel, lane, state, reason, mode, address, next_at, expires, tries, account, provider_id,
            cancel_wanted, planned_at, changed_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
        """)
    static let cancelWaiting = Query(
        """
        UPDATE delivery SET state = 'cancelled', reason = ?, next_at = NULL, changed_at = ? WHERE id = ? AND state IN ('ready', 'retry_wait')
        """)
    static let wantCancel = Query(
        """
        UPDATE delivery SET cancel_wanted = 1, changed_at = ? WHERE state = 'inflight' AND id IN (
            SELECT d.id FROM notice n CROSS JOIN delivery d ON d.id BETWEEN n.id << 3 AND n.id << 3 | 7
            WHERE n.episode = ? AND n.episode > 0 AND d.state = 'inflight')
        """)
    static let revive = Query(
        "UPDATE delivery SET state = 'ready', reason = NULL, next_at = ?1, expires = ?2, changed_at = ?1 WHERE id = ?3 AND state = 'dead'")
    static let settle = Query(
        "UPDATE delivery SET state = ?, reason = ?, next_at = ?, changed_at = ? WHERE id = ? AND state IN ('ready', 'retry_wait')")
}

extension SQLiteWrites {
    func name(_ notice: inout Notice, _ deliveries: inout [Delivery]) throws {
        notice.id = try nextNoticeID()
        for index in deliveries.indices { name(&deliveries[index], of: notice.id) }
    }

    private func name(_ delivery: inout Delivery, of notice: NoticeID) {
        let id = RowID.delivery(of: notice, on: delivery.channel)
        (delivery.id, delivery.notice, delivery.publicID) = (id, notice, ring.names.name("dlv_", id, salt: newSalt()))
        delivery.nextAt = due(delivery.state, delivery.nextAt, at: delivery.plannedAt)
    }

    func insert(
        _ notice: Notice, deliveries: [Delivery], inApp: (title: String, body: String)?, sent: [(delivery: DeliveryID, bytes: AttemptBytes)]
    ) throws {
        let party = try makeParty(notice.customer)
        meet(party.id)
        var box = NoticeBox(facts: notice.facts)
        (box.inApp, box.sent) = (inApp, sent)
        // By index: a delivery has many parts to be counted when it is copied.
        for index in deliveries.indices {
            let address = deliveries[index].address.reveal(for: .sealing)
            if address != .inbox { box.addresses.append((deliveries[index].channel, try text(of: address, deliveries[index].channel))) }
        }
        let sealed = try party.close(box.bytes, Self.noticeContext(notice.id))
        try db.run(SQL.insertNotice) {
            $0(notice.id, notice.episode, notice.episodeVersion, notice.order, notice.anomaly, notice.audience)
            $0(party.id, notice.kind, notice.stage, notice.variant, notice.priority, notice.reason)
            $0(notice.locale, notice.timeZone, notice.privatePreview, notice.templateRevision, notice.plannedAt, notice.event)
            $0(notice.told.funds, notice.told.step, notice.told.etaBucket, notice.told.repeats, notice.isCounted, sealed)
            $0(notice.wording)
        }
        for index in deliveries.indices where try !insert(deliveries[index], address: nil) {
            throw StoreError.integrity("a notice with two deliveries on \(deliveries[index].channel.rawValue)")
        }
    }

    func insert(_ delivery: Delivery) throws -> Delivery? {
        guard let party = try db.first(SQL.partyOfNotice, { $0(delivery.notice) }, read: { try self.ring.party($0.int(0), in: self.db) })
        else { throw StoreError.integrity("there is no notice \(delivery.notice)") }
        var delivery = delivery
        name(&delivery, of: delivery.notice)
        let (address, context) = (delivery.address.reveal(for: .sealing), Self.addressContext(delivery.id))
        var box: [UInt8]?
        // Blocked for want of an address.
        if address != .inbox { box = try party.close(Array(text(of: address, delivery.channel).utf8), context) }
        return try insert(delivery, address: box) ? delivery : nil
    }

    private func text(of address: Address, _ channel: Channel) throws -> String {
        guard Address(channel: channel, text: address.text) == address else {
            throw StoreError.integrity("a delivery on \(channel.rawValue) has no address of its channel")
        }
        return address.text
    }

    /// False when the notice has one on this channel already.
    private func insert(_ delivery: Delivery, address: [UInt8]?) throws -> Bool {
        guard let named = ring.names.read(delivery.publicID, "dlv_"), named.id == delivery.id else {
            throw StoreError.integrity("\(delivery.publicID) names another delivery")
        }
        let isNew =
            try db.run(SQL.insertDelivery) {
                $0(delivery.id, named.salt, delivery.channel, delivery.priority.lane, delivery.state, delivery.reason)
                $0(delivery.mode, address, delivery.nextAt, delivery.expires, delivery.tries)
                $0(delivery.account, delivery.providerID, delivery.cancelWanted, delivery.plannedAt, delivery.changedAt)
            } > 0
        if isNew { try changed(delivery.id) }
        return isNew
    }

    /// A waiting delivery without a time would wait for ever: it is due at once.
    func due(_ state: DeliveryState, _ nextAt: Timestamp?, at now: Timestamp) -> Timestamp? {
        nextAt ?? (state == .ready || state == .retryWait ? now : nil)
    }

    func cancelWaiting(ofEpisode episode: EpisodeID, reason: ReasonCode, at now: Timestamp) throws -> [Delivery] {
        var cancelled = try waiting(ofEpisode: episode)
        for index in cancelled.indices {
            try db.run(SQL.cancelWaiting) { $0(reason, now, cancelled[index].id) }
            try changed(cancelled[index].id)
            (cancelled[index].state, cancelled[index].reason, cancelled[index].nextAt, cancelled[index].changedAt) = (
                .cancelled, reason, nil, now
            )
        }
        try db.run(SQL.wantCancel) { $0(now, episode) }
        return cancelled
    }

    func revive(_ delivery: DeliveryID, at now: Timestamp, expires: Timestamp) throws -> Bool {
        guard try db.run(SQL.revive, { $0(now, expires, delivery) }) > 0 else { return false }
        try changed(delivery)
        return true
    }

    func settle(_ delivery: DeliveryID, as state: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?, at now: Timestamp) throws -> Bool
    {
        guard try db.run(SQL.settle, { $0(state, reason, self.due(state, nextAt, at: now), now, delivery) }) > 0 else { return false }
        try changed(delivery)
        return true
    }
}
