public import Core
import Store

extension MemoryTables {
    public func keeping() throws -> KeepingState {
        KeepingState(
            dropped: Dictionary(uniqueKeysWithValues: RetentionClass.allCases.map { ($0, droppedCounts[$0] ?? 0) }), erasing: 0,
            masterKey: "",
            isWrapping: false)
    }

    /// Nothing is sealed here: what is destroyed is emptied at once.
    public func erase(customer: String, at now: Timestamp) throws -> String? {
        guard !customer.isEmpty, let name = try pseudonym(ofCustomer: customer), name != customer else { return nil }
        pseudonyms[name] = pseudonyms[customer]
        (pseudonyms[customer], records[customer]) = (nil, nil)
        for key in marksByCustomer[customer] { marks[key] = nil }
        for key in memberRows.keys where key.customer == customer { memberRows[key] = nil }
        for seq in events.ids where events[seq]?.customer == customer { empty(seq, name) }
        for key in orders.keys where orders[key]?.customer == customer { orders[key]?.customer = name }
        for id in noticesByCustomer[customer] {
            for part in RetentionClass.ofNotices { drop(part, of: id) }
            change(notice: id) { ($0.notice.customer, $0.notice.facts) = (name, Facts()) }
            for channel in notices[id]??.channels ?? [] { deliveryRows[Names.delivery(of: id, on: channel)]?.delivery.customer = name }
        }
        for id in episodesByCustomer[customer] {
            _ = episodes.change(id) { row in
                (row.episode.customer, row.episode.facts) = (name, Facts())
                return true
            }
        }
        noticesByCustomer.move(customer, to: name)
        episodesByCustomer.move(customer, to: name)
        return name
    }
    public func sweepErased(limit: Int) throws -> KeepingBatch { KeepingBatch(changed: 0, isAll: true) }
    public func rewrap(limit: Int) throws -> KeepingBatch { KeepingBatch(changed: 0, isAll: true) }

    public func retain(_ kind: RetentionClass, before limit: Timestamp, rows: Int) throws -> KeepingBatch {
        let changed: Int
        switch kind {
        case .events:
            let old = events.ids.prefix { seq in
                events[seq].map { $0.stored.receivedAt < limit && $0.stored.disposition != .received && $0.stored.disposition != .pending }
                    ?? false
            }
            let kept = old.filter { seq in
                events[seq].map { !$0.stored.body.isEmpty && !hasOpenEpisode($0.stored.order) } ?? false
            }.prefix(rows)
            for seq in kept { empty(seq, nil) }
            changed = kept.count
        case .contents, .contacts, .inbox:
            let old = notices.ids.filter { id in
                guard let row = notices[id] ?? nil, row.notice.plannedAt < limit, !row.gone.contains(kind) else { return false }
                if PlantedBug.dropsWhatWaits.isActive { return true }
                return episodes[row.notice.episode]?.episode.isOpen != true
                    && !row.channels.contains {
                        deliveryRows[Names.delivery(of: id, on: $0)]?.delivery.state.isUnderWay ?? false
                    }
            }.prefix(rows)
            for id in old { drop(kind, of: id) }
            changed = old.count
        case .deadLetters:
            let old = letters.ids.dropLast().filter { id in
                letters[id].map { $0.state != .open && $0.at < limit } ?? false && droppedLetters[id] == nil
            }.prefix(rows)
            for id in old { droppedLetters[id] = true }
            changed = old.count
        }
        if changed > 0 { droppedCounts[kind] = (droppedCounts[kind] ?? 0) + changed }
        return KeepingBatch(changed: changed, isAll: changed < rows)
    }

    private func hasOpenEpisode(_ order: OrderNumber?) -> Bool {
        order.map { episodesByOrder[$0].contains { episodes[$0]?.episode.isOpen ?? false } } ?? false
    }

    private func empty(_ event: EventSeq, _ name: String?) {
        _ = events.change(event) { row in
            row.stored.body = []
            if let name { row.customer = name }
            return true
        }
    }

    private func drop(_ kind: RetentionClass, of id: NoticeID) {
        change(notice: id) { $0.gone.insert(kind) }
        for channel in notices[id]??.channels ?? [] {
            let delivery = Names.delivery(of: id, on: channel)
            if kind == .contacts {
                deliveryRows[delivery]?.delivery.address = Sensitive(.inbox)
                deliveryRows[delivery]?.delivery.maskedAddress = MaskedAddress(Sensitive(.inbox))
            }
            guard kind == .contents, let tries = deliveryRows[delivery]?.delivery.tries, tries > 0 else { continue }
            for number in 1...tries { attemptRows[Names.attempt(number, of: delivery)]?.bytes = nil }
        }
    }

    private func change(notice id: NoticeID, _ body: (inout NoticeRow) -> Void) {
        _ = notices.change(id) { row in
            guard var changed = row else { return false }
            body(&changed)
            row = changed
            return true
        }
    }
}

extension RetentionClass {
    fileprivate static let ofNotices: [RetentionClass] = [.contents, .contacts, .inbox]
}

extension Episode {
    fileprivate var isOpen: Bool { status == .holding || status == .open }
}

extension DeliveryState {
    fileprivate var isUnderWay: Bool { isWaiting || self == .inflight || self == .ambiguous }
}
