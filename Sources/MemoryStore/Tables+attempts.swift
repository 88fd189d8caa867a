public import Core
import Store

extension MemoryTables {
    func attempts(of delivery: Delivery) -> [Attempt] {
        guard delivery.tries > 0 else { return [] }
        return (1...delivery.tries).compactMap { attemptRows[Names.attempt($0, of: delivery.id)]?.attempt }
    }

    public func attempts(ofDelivery delivery: DeliveryID) throws -> [Attempt] {
        deliveryRows[delivery].map { attempts(of: $0.delivery) } ?? []
    }
    public func attempt(publicID: String) throws -> Attempt? {
        guard let (id, _) = names.read(publicID, "att_"), let attempt = attemptRows[id]?.attempt, attempt.publicID == publicID else {
            return nil
        }
        return attempt
    }
    public func attempt(account: String, messageID: String) throws -> Attempt? {
        messageIDs[NameKey(account: account, name: messageID)].flatMap { attemptRows[$0]?.attempt }
    }
    public func openIntents() throws -> [Attempt] {
        PlantedBug.forgetsOpenIntents.isActive ? [] : openAttempts.elements.compactMap { attemptRows[$0]?.attempt }
    }
    public func attempts(in state: AttemptState, limit: Int) throws -> [Attempt] {
        switch state {
        case .intent: Array(openAttempts.elements.lazy.compactMap { self.attemptRows[$0]?.attempt }.prefix(limit))
        case .ambiguous: Array(ambiguousAttempts.elements.lazy.compactMap { self.attemptRows[$0]?.attempt }.prefix(limit))
        default: Array(attemptRows.all.lazy.map(\.attempt).filter { $0.state == state }.sorted { $0.id < $1.id }.prefix(limit))
        }
    }
    public func bytes(of attempt: AttemptID) throws -> AttemptBytes? {
        guard let row = attemptRows[attempt] else { throw StoreError.integrity("there is no attempt \(attempt)") }
        return row.bytes
    }

    // MARK: T3

    public func attemptName(_ number: Int, ofDelivery delivery: DeliveryID) -> String {
        names.next("att_", Names.attempt(number, of: delivery))
    }
    public func idempotencyKey(delivery: String, account: String) -> String { names.key(delivery, account) }

    public func begin(_ attempt: NewAttempt, log body: LogBody, at now: Timestamp) throws -> AttemptID? {
        let isTaken = change(attempt.delivery, where: { $0.state.isWaiting || PlantedBug.startsTwice.isActive }) {
            ($0.state, $0.reason, $0.nextAt, $0.account, $0.changedAt) = (.inflight, nil, nil, attempt.account, now)
            $0.tries += 1
        }
        guard isTaken else { return nil }
        return try file(attempt, attempt.bytes, log: body, at: now)
    }

    public func start(_ attempt: NewAttempt, log body: LogBody, at now: Timestamp) throws -> AttemptID {
        let id = Names.attempt(attempt.number, of: attempt.delivery)
        return try file(attempt, bytesToStart.removeValue(forKey: id), log: body, at: now)
    }

    private func file(_ attempt: NewAttempt, _ bytes: AttemptBytes?, log body: LogBody, at now: Timestamp) throws -> AttemptID {
        let id = Names.attempt(attempt.number, of: attempt.delivery)
        guard names.read(attempt.publicID, "att_")?.id == id else {
            throw StoreError.integrity("\(attempt.publicID) names another attempt")
        }
        guard attemptRows[id] == nil else { throw StoreError.integrity("there is an attempt \(attempt.number) already") }
        var row = Attempt(
            id: id, publicID: attempt.publicID, delivery: attempt.delivery, number: attempt.number, state: .intent,
            account: attempt.account,
            idempotencyKey: attempt.idempotencyKey, digest: attempt.digest, startedAt: attempt.startedAt, deadline: attempt.deadline,
            bootID: attempt.bootID, recorderSlot: attempt.recorderSlot)
        row.parts = attempt.parts
        attemptRows[id] = AttemptRow(attempt: row, bytes: bytes)
        openAttempts.insert(id)
        note(.attempt(id, from: nil, to: .intent))
        noteIntent(id)
        try append(entry(.intent, of: id, at: now, order: attempt.order), saying: body)
        return id
    }

    private func noteIntent(_ id: AttemptID) {
        guard watch != nil, let notice = notices[Names.notice(of: Names.delivery(of: id))]??.notice else { return }
        let episode = episodes[notice.episode]?.episode
        note(
            .intent(
                id, stage: notice.stage, isOfThisVersion: episode.map { $0.version == notice.episodeVersion } ?? true,
                episode: episode?.status))
    }

    // MARK: T4

    public func finish(
        _ attempt: AttemptID, as result: AttemptResult, delivery next: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?,
        log body: LogBody,
        order: OrderNumber, at now: Timestamp
    ) throws -> Bool {
        guard var row = attemptRows[attempt] else { return false }
        let before = row.attempt.state
        guard before == .intent || before == .ambiguous || PlantedBug.finishesTwice.isActive else { return false }
        (row.attempt.state, row.attempt.outcome, row.attempt.detail) = (result.state, result.outcome, result.detail)
        row.attempt.finishedAt = now
        row.attempt.providerID = before == .ambiguous ? result.providerID ?? row.attempt.providerID : result.providerID
        set(row, from: before)
        _ = change(Names.delivery(of: attempt)) {
            ($0.state, $0.reason, $0.nextAt, $0.changedAt) = (next, reason, Self.due(next, nextAt, at: now), now)
            $0.providerID = result.providerID ?? $0.providerID
        }
        try append(entry(.outcome, of: attempt, at: now, order: order), saying: body)
        return true
    }

    public func closeAmbiguous(ofDelivery delivery: DeliveryID) throws -> [Int] {
        var numbers: [Int] = []
        for attempt in try attempts(ofDelivery: delivery) where attempt.state == .ambiguous {
            guard var row = attemptRows[attempt.id] else { continue }
            row.attempt.state = .settled
            set(row, from: .ambiguous)
            numbers.append(attempt.number)
        }
        return numbers
    }

    private func set(_ row: AttemptRow, from before: AttemptState) {
        let (id, now) = (row.attempt.id, row.attempt.state)
        attemptRows[id] = row
        if before == .intent { openAttempts.remove(id) }
        if before == .ambiguous, now != .ambiguous { ambiguousAttempts.remove(id) }
        if now == .ambiguous, before != .ambiguous { ambiguousAttempts.insert(id) }
        note(.attempt(id, from: before, to: now))
    }

    private func entry(_ act: LogEntry.Act, of attempt: AttemptID, at now: Timestamp, order: OrderNumber) -> LogEntry {
        let delivery = Names.delivery(of: attempt)
        var entry = LogEntry(act, at: now, order: order, notice: Names.notice(of: delivery), delivery: delivery, body: .null)
        entry.attempt = attempt
        return entry
    }

    // MARK: Receipts

    public func receipts(ofDelivery delivery: DeliveryID) throws -> [StoredReceipt] {
        receiptsByDelivery[delivery].compactMap { receiptRows[$0] }.sorted {
            ($0.receivedAt, $0.status.rawValue, $0.code) < ($1.receivedAt, $1.status.rawValue, $1.code)
        }
    }
    public func unmatchedReceipts(account: String, reference: String) throws -> [StoredReceipt] {
        receiptsByName[NameKey(account: account, name: reference)].compactMap { receiptRows[$0] }.filter { $0.delivery == nil }
            .sorted { $0.receivedAt < $1.receivedAt }
    }
    public func unmatchedReferences(accounts: [String], limit: Int) throws -> [(account: String, reference: String)] {
        accounts.flatMap { account in
            unmatchedNames.elements.filter { $0.account == account }.map { (account: account, reference: $0.name) }
        }.prefix(limit).map { $0 }
    }
    public func receiptCounts() throws -> [ReceiptCount] {
        var counts: [ReceiptCount] = []
        for receipt in receiptRows.all {
            let isMatched = receipt.delivery != nil
            let place = counts.firstIndex { $0.account == receipt.account && $0.status == receipt.status && $0.isMatched == isMatched }
            if let place {
                counts[place].count += 1
            } else {
                counts.append(ReceiptCount(account: receipt.account, status: receipt.status, isMatched: isMatched, count: 1))
            }
        }
        return counts.sorted {
            ($0.account, $0.status.rawValue, $0.isMatched ? 1 : 0) < ($1.account, $1.status.rawValue, $1.isMatched ? 1 : 0)
        }
    }

    public func insert(_ receipt: StoredReceipt) throws -> Bool {
        let key = ReceiptKey(account: receipt.account, reference: receipt.reference, status: receipt.status, code: receipt.code)
        guard receiptRows[key] == nil else { return false }
        receiptRows[key] = receipt
        let name = NameKey(account: receipt.account, name: receipt.reference)
        receiptsByName.append(key, to: name)
        if let delivery = receipt.delivery {
            receiptsByDelivery.append(key, to: delivery)
        } else if !unmatchedNames.elements.contains(name) {
            unmatchedNames.insert(name)
        }
        return true
    }
    public func match(receiptsOf reference: String, account: String, to delivery: DeliveryID) throws -> Int {
        let name = NameKey(account: account, name: reference)
        var count = 0
        for key in receiptsByName[name] {
            guard var receipt = receiptRows[key], receipt.delivery == nil else { continue }
            receipt.delivery = delivery
            receiptRows[key] = receipt
            receiptsByDelivery.append(key, to: delivery)
            count += 1
        }
        if count > 0 { unmatchedNames.remove(name) }
        return count
    }
    public func keep(messageID: String, account: String, attempt: AttemptID) throws {
        let key = NameKey(account: account, name: messageID)
        if messageIDs[key] == nil { messageIDs[key] = attempt }
    }
}
