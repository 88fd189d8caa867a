public import Core
import Store

extension MemoryTables {
    public func notice(_ id: NoticeID) throws -> Notice? { (notices[id] ?? nil)?.notice }
    public func notices(ofOrder order: OrderNumber) throws -> [Notice] { try noticesByOrder[order].compactMap { try notice($0) } }

    public func dedupeMarks(anomaly: String, audience: Audience) throws -> [DedupeMark] {
        let ids = audience == .staff ? noticesForStaff[anomaly] : episodesByAnomaly[anomaly].flatMap { noticesByEpisode[$0] }
        var found: [(at: Timestamp, id: DeliveryID, mark: DedupeMark)] = []
        for id in ids {
            guard let row = notices[id] ?? nil, row.notice.audience == audience else { continue }
            for channel in row.channels {
                guard let delivery = deliveryRows[Names.delivery(of: id, on: channel)]?.delivery, delivery.state != .blocked else {
                    continue
                }
                let notice = row.notice
                let mark = DedupeMark(
                    order: notice.order, anomaly: notice.anomaly, audience: audience, recipient: notice.customer, channel: channel,
                    status: delivery.state.mark, stage: notice.stage, told: notice.told, priority: delivery.priority,
                    toldAt: delivery.plannedAt)
                let place = found.firstIndex {
                    $0.mark.order == mark.order && $0.mark.recipient == mark.recipient && $0.mark.channel == mark.channel
                }
                guard let place else {
                    found.append((delivery.plannedAt, delivery.id, mark))
                    continue
                }
                if (found[place].at, found[place].id) < (delivery.plannedAt, delivery.id) {
                    found[place] = (delivery.plannedAt, delivery.id, mark)
                }
            }
        }
        guard found.count > 1 else { return found.map(\.mark) }
        return found.map(\.mark).sorted {
            ($0.order.description, $0.recipient, $0.channel) < ($1.order.description, $1.recipient, $1.channel)
        }
    }

    public func eachDelivery(since: Timestamp?, until: Timestamp?, _ each: (DeliveryStat) throws -> Void) throws {
        let rows = notices.ids.compactMap { notices[$0] ?? nil }.sorted {
            ($0.notice.plannedAt, $0.notice.id) < ($1.notice.plannedAt, $1.notice.id)
        }
        for row in rows {
            let stat = stat(row.notice)
            for delivery in try deliveries(ofNotice: row.notice.id) {
                guard since.map({ delivery.plannedAt >= $0 }) ?? true, until.map({ delivery.plannedAt < $0 }) ?? true else { continue }
                try each(self.stat(delivery, of: stat))
            }
        }
    }

    private func stat(_ notice: Notice) -> NoticeStat {
        let episode = episodes[notice.episode]?.episode
        return NoticeStat(
            id: notice.id, isForStaff: notice.episode == 0, kind: notice.kind, stage: notice.stage, locale: notice.locale,
            reason: notice.reason, bank: episode?.bank ?? "", rail: episode?.rail ?? "", detectedAt: episode?.detectedAt ?? notice.plannedAt
        )
    }

    private func stat(_ delivery: Delivery, of notice: NoticeStat) -> DeliveryStat {
        let accepted = attempts(of: delivery).filter { $0.state == .accepted }
        let parts = accepted.compactMap(\.parts)
        let written = delivery.channel == .inApp && delivery.state == .delivered ? delivery.plannedAt : nil
        return DeliveryStat(
            notice: notice, channel: delivery.channel, priority: delivery.priority, state: delivery.state, reason: delivery.reason,
            isRead: deliveryRows[delivery.id]?.readAt != nil, account: delivery.account,
            takenAt: written ?? accepted.compactMap(\.finishedAt).min(), parts: parts.isEmpty ? nil : parts.reduce(0, +))
    }

    // MARK: T2

    public func name(_ notice: inout Notice, _ deliveries: inout [Delivery]) throws {
        notice.id = notices.append(nil)
        for index in deliveries.indices { name(&deliveries[index], of: notice.id) }
    }

    private func name(_ delivery: inout Delivery, of notice: NoticeID) {
        (delivery.id, delivery.notice) = (Names.delivery(of: notice, on: delivery.channel), notice)
        delivery.publicID = names.next("dlv_", delivery.id)
        delivery.nextAt = Self.due(delivery.state, delivery.nextAt, at: delivery.plannedAt)
    }

    public func insert(
        _ notice: Notice, deliveries: [Delivery], inApp: (title: String, body: String)?, sent: [(delivery: DeliveryID, bytes: AttemptBytes)]
    ) throws {
        meet(notice.customer)
        let row = NoticeRow(notice: notice, channels: [], inApp: inApp)
        _ = notices.change(notice.id) { old in
            old = row
            return true
        }
        if notice.episode > 0 {
            noticesByEpisode.append(notice.id, to: notice.episode)
        } else {
            noticesForStaff.append(notice.id, to: notice.anomaly)
        }
        noticesByCustomer.append(notice.id, to: notice.customer)
        noticesByOrder.append(notice.id, to: notice.order)
        note(.notice(notice.id))
        for delivery in deliveries where try !file(delivery, of: notice) {
            throw StoreError.integrity("a notice with two deliveries on \(delivery.channel.rawValue)")
        }
        // Until `start` says so, nothing of it is an attempt.
        for (delivery, bytes) in sent { bytesToStart[Names.attempt(1, of: delivery)] = bytes }
    }

    public func insert(_ delivery: Delivery) throws -> Delivery? {
        guard let notice = try notice(delivery.notice) else { throw StoreError.integrity("there is no notice \(delivery.notice)") }
        var delivery = delivery
        name(&delivery, of: delivery.notice)
        return try file(delivery, of: notice) ? delivery : nil
    }

    /// False when the notice has one on this channel already.
    private func file(_ delivery: Delivery, of notice: Notice) throws -> Bool {
        let address = delivery.address.reveal(for: .comparing)
        guard address == .inbox || address.fits(delivery.channel) else {
            throw StoreError.integrity("a delivery on \(delivery.channel.rawValue) has no address of its channel")
        }
        guard deliveryRows[delivery.id] == nil else { return false }
        var delivery = delivery
        (delivery.order, delivery.episode, delivery.customer) = (notice.order, notice.episode, notice.customer)
        deliveryRows[delivery.id] = DeliveryRow(delivery: delivery)
        _ = notices.change(notice.id) { row in
            row?.channels.append(delivery.channel)
            return true
        }
        index(delivery)
        note(.delivery(delivery.id, from: nil, to: delivery.state))
        return true
    }

    // MARK: In the app

    public func inbox(customer: String, unreadOnly: Bool, before: Int64?, limit: Int) throws -> [InboxItem] {
        var items: [InboxItem] = []
        for id in noticesByCustomer[customer].sorted(by: >) {
            guard items.count < limit else { break }
            guard let item = item(id), item.id < before ?? .max, !unreadOnly || item.readAt == nil else { continue }
            items.append(item)
        }
        return items
    }
    public func newestInboxItems(limit: Int) throws -> [InboxItem] {
        Array((0..<notices.count).reversed().lazy.compactMap { self.item(NoticeID($0 + 1)) }.prefix(limit))
    }
    public func inboxItem(publicID: String, customer: String) throws -> InboxItem? {
        guard let (id, _) = names.read(publicID, "msg_"), let item = item(Names.notice(of: id)), item.publicID == publicID,
            item.customer == customer
        else { return nil }
        return item
    }
    public func inboxCounts(customer: String) throws -> (unseen: Int, unread: Int) {
        let unread = try inbox(customer: customer, unreadOnly: true, before: nil, limit: .max)
        return (unread.count { $0.seenAt == nil }, unread.count)
    }

    private func item(_ id: NoticeID) -> InboxItem? {
        let place = Names.delivery(of: id, on: .inApp)
        guard let row = notices[id] ?? nil, let filed = deliveryRows[place], filed.delivery.state == .delivered,
            !row.gone.contains(.inbox)
        else { return nil }
        let notice = row.notice
        let name = names.name("msg_", place, salt: mixed(UInt64(bitPattern: place)))
        return InboxItem(
            id: place, publicID: name, delivery: place, customer: notice.customer, order: notice.order, kind: notice.kind,
            stage: notice.stage, locale: notice.locale, title: row.inApp?.title ?? "", body: row.inApp?.body ?? "",
            createdAt: filed.delivery.plannedAt, seenAt: filed.seenAt, readAt: filed.readAt)
    }

    public func mark(inboxItem publicID: String, customer: String, seen: Timestamp?, read: Timestamp?) throws -> Bool {
        guard let item = try inboxItem(publicID: publicID, customer: customer), var row = deliveryRows[item.id] else { return false }
        let before = (row.seenAt, row.readAt)
        (row.seenAt, row.readAt) = (row.seenAt ?? seen ?? read, row.readAt ?? read)
        guard before != (row.seenAt, row.readAt) else { return false }
        deliveryRows[item.id] = row
        return true
    }
}

extension Address {
    fileprivate func fits(_ channel: Channel) -> Bool {
        switch (self, channel) {
        case (.phone, .sms), (.phone, .voice), (.mail, .mail), (.device, .push), (.inbox, .inApp): true
        default: false
        }
    }
}
