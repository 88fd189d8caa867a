public import Core
import Store

extension MemoryTables {
    /// From now on something is stored for them.
    func meet(_ customer: String?) {
        guard let customer, pseudonyms[customer] == nil else { return }
        pseudonyms[customer] = pseudonyms.count + 1
    }

    public func pseudonym(ofCustomer customer: String) throws -> String? {
        pseudonyms[customer].map { names.name("cus_", Int64($0), salt: 0) }
    }

    public func orders(ofCustomer customer: String) throws -> [OrderNumber] {
        let told = events.all.filter { $0.customer == customer }.compactMap(\.stored.order)
        let names = Set(told + orders.keys.filter { orders[$0]?.customer == customer })
        return names.sorted { $0.description < $1.description }
    }
    public func customer(_ id: String) throws -> CustomerRecord? { records[id] }
    public func save(_ customer: CustomerRecord) throws {
        meet(customer.id)
        records[customer.id] = customer
    }

    // MARK: Addresses

    public func addressMark(of address: Sensitive<Address>, customer: String, channel: Channel) throws -> AddressMark? {
        marks[key(address, customer, channel)]
    }
    public func addressMarks(ofCustomer customer: String) throws -> [AddressMark] {
        marksByCustomer[customer].compactMap { marks[$0] }.filter { $0.reason != nil }.sorted { ($0.channel, $0.at) < ($1.channel, $1.at) }
    }
    private func key(_ address: Sensitive<Address>, _ customer: String, _ channel: Channel) -> MarkKey {
        MarkKey(customer: customer, channel: channel, address: address.reveal(for: .comparing).identity)
    }

    public func save(_ mark: AddressMark, of address: Sensitive<Address>, customer: String) throws {
        meet(customer)
        let key = key(address, customer, mark.channel)
        if marks[key] == nil { marksByCustomer.append(key, to: customer) }
        marks[key] = mark
    }

    public func verifyAddresses(ofCustomer customer: String, channel: Channel, at now: Timestamp) throws -> Int {
        var count = 0
        for key in marksByCustomer[customer] where key.channel == channel {
            guard var mark = marks[key], mark.reason != nil else { continue }
            (mark.reason, mark.at) = (nil, now)
            marks[key] = mark
            count += 1
        }
        return count
    }

    // MARK: What they were sent

    public func usage(ofCustomer customer: String, since: Timestamp) throws -> [Usage] {
        usage(of: noticesByCustomer[customer].reversed(), since: since)
    }
    public func usage(ofAnomaly anomaly: String) throws -> [Usage] {
        usage(of: episodesByAnomaly[anomaly].flatMap { noticesByEpisode[$0] }, since: nil)
    }

    /// What never left uses nothing up. A later step of a notice is planned with the notice's own id, at most 72 hours later.
    private func usage(of ids: [NoticeID], since: Timestamp?) -> [Usage] {
        var counts: [Usage] = []
        for id in ids {
            guard let row = notices[id] ?? nil, row.notice.audience == .customer else { continue }
            if let since, row.notice.plannedAt < since - .hours(72) { continue }
            for channel in row.channels where channel != .inApp {
                guard let delivery = deliveryRows[Names.delivery(of: id, on: channel)]?.delivery, delivery.isUse,
                    since.map({ delivery.plannedAt >= $0 }) ?? true
                else { continue }
                if let place = counts.firstIndex(where: { $0.channel == channel && $0.isCounted == row.notice.isCounted }) {
                    counts[place].count += 1
                } else {
                    counts.append(Usage(channel: channel, isCounted: row.notice.isCounted, count: 1))
                }
            }
        }
        return counts
    }

    public func counter(_ key: String, bucket: String) throws -> Int { counters[CounterKey(key: key, bucket: bucket)] ?? 0 }
    public func raise(counter key: String, bucket: String, by n: Int) throws {
        let key = CounterKey(key: key, bucket: bucket)
        counters[key] = (counters[key] ?? 0) + n
    }
}

extension Delivery {
    fileprivate var isUse: Bool {
        guard state != .blocked else { return false }
        return tries > 0 || !(state == .cancelled || state == .expired || state == .dead)
    }
}
