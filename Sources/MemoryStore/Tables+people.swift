public import Core
import Store

extension MemoryTables {
    public func deadLetters(onlyOpen: Bool, limit: Int) throws -> [DeadLetter] {
        Array(
            letters.all.reversed().lazy.filter { (!onlyOpen || $0.state == .open) && self.droppedLetters[$0.id] == nil }.prefix(limit))
    }
    public func deadLetter(_ id: Int64) throws -> DeadLetter? { droppedLetters[id] == nil ? letters[id] : nil }
    public func insert(_ letter: DeadLetter) throws -> Int64 {
        var letter = letter
        letter.id = Int64(letters.count + 1)
        if letter.stage == .intake { tallies[.rejected] = (tallies[.rejected] ?? 0) + 1 }
        return letters.append(letter)
    }
    public func close(deadLetter id: Int64, as state: DeadLetter.State, at now: Timestamp) throws -> Bool {
        letters.change(id) { letter in
            guard letter.state == .open else { return false }
            letter.state = state
            return true
        }
    }

    public func reopen(deadLetter id: Int64) throws -> Bool {
        letters.change(id) { letter in
            guard letter.state == .discarded else { return false }
            letter.state = .open
            return true
        }
    }

    public func reviews(onlyOpen: Bool, limit: Int) throws -> [ReviewItem] {
        Array(reviewRows.all.reversed().lazy.filter { !onlyOpen || $0.closedAt == nil }.prefix(limit))
    }
    public func review(_ id: Int64) throws -> ReviewItem? { reviewRows[id] }
    public func openQuestions(ofDelivery delivery: Delivery) throws -> [ReviewItem] {
        questions[delivery.order].compactMap { reviewRows[$0] }.filter { $0.closedAt == nil && $0.detail.hasPrefix(delivery.publicID) }
    }
    public func openTasks(ofEpisode episode: EpisodeID) throws -> [ReviewItem] {
        tasks[episode].compactMap { reviewRows[$0] }.filter { $0.closedAt == nil }
    }
    public func insert(_ item: ReviewItem) throws -> Int64 {
        var item = item
        item.id = Int64(reviewRows.count + 1)
        if item.cause == .escalation, let episode = item.episode { tasks.append(item.id, to: episode) }
        if item.cause == .ambiguous, let order = item.order { questions.append(item.id, to: order) }
        return reviewRows.append(item)
    }
    public func close(review id: Int64, note: String, at now: Timestamp) throws -> Bool {
        reviewRows.change(id) { item in
            guard item.closedAt == nil else { return false }
            (item.closedAt, item.note) = (now, note)
            return true
        }
    }

    public func accountStandings() throws -> [AccountStanding] { standings.all.sorted { $0.account < $1.account } }
    public func save(_ standing: AccountStanding) throws { standings[standing.account] = standing }

    public func meta(_ key: String) throws -> String? { metas[key] }
    public func setMeta(_ key: String, _ value: String) throws { metas[key] = value }
    /// It is never brought back from anywhere.
    public func releaseFence() throws -> Bool {
        guard metas[Fence.key] != nil else { return false }
        metas[Fence.key] = nil
        return true
    }
}
