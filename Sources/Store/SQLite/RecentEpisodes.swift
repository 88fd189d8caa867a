import Core

/// The episodes of the last hours by bank, rail, kind and second of their beginning: what storms are counted from. Every event asks, and an
/// index over banks would make each commit touch a page for each of them.
///
/// Counts whole seconds, both ends of a span included.
struct RecentEpisodes {
    private struct Key: Hashable {
        var bank, rail: String
    }
    fileprivate struct Second {
        var at: Int64
        var kind: Kind
        var count: Int
    }
    /// Nothing before this second is here.
    private var floor: Int64
    private var seconds: [Key: [Second]] = [:]
    private var size = 0
    private static let limit = 100_000

    init(since: Timestamp, in db: Connection) throws {
        floor = since.milliseconds / 1000
        try db.forEach(SQL.recentEpisodes, { $0(Timestamp(seconds: self.floor)) }) { row in
            add(bank: row.text(0), rail: row.text(1), kind: try row.word(2), at: row.time(3))
        }
    }

    /// Nil when the span begins before what is known here.
    func count(bank: String, rail: String, kind: Kind?, since: Timestamp, until: Timestamp) -> Int? {
        let (first, last) = (since.milliseconds / 1000, until.milliseconds / 1000)
        guard first >= floor else { return nil }
        guard let all = seconds[Key(bank: bank, rail: rail)] else { return 0 }
        var (sum, at) = (0, all.count)
        // Newest first: a span that is asked for ends about now.
        while at > 0, all[at - 1].at >= first {
            at -= 1
            if all[at].at <= last, kind.map({ $0 == all[at].kind }) ?? true { sum += all[at].count }
        }
        return sum
    }

    mutating func add(bank: String, rail: String, kind: Kind, at moment: Timestamp) {
        let second = moment.milliseconds / 1000
        guard second >= floor else { return }
        seconds[Key(bank: bank, rail: rail), default: []].add(second, kind, size: &size)
        if size > Self.limit { forgetHalf() }
    }

    private mutating func forgetHalf() {
        let all = seconds.values.flatMap { $0.map(\.at) }.sorted()
        floor = all[all.count / 2] + 1
        for key in seconds.keys { seconds[key]?.removeAll { $0.at < floor } }
        seconds = seconds.filter { !$0.value.isEmpty }
        size = seconds.values.reduce(0) { $0 + $1.count }
    }
}

extension [RecentEpisodes.Second] {
    /// In order of time; nearly all come at the end.
    fileprivate mutating func add(_ second: Int64, _ kind: Kind, size: inout Int) {
        var at = count
        while at > 0, self[at - 1].at > second { at -= 1 }
        var same = at
        while same > 0, self[same - 1].at == second {
            same -= 1
            if self[same].kind == kind {
                self[same].count += 1
                return
            }
        }
        insert(RecentEpisodes.Second(at: second, kind: kind, count: 1), at: at)
        size += 1
    }
}

extension SQL {
    static let recentEpisodes = Query("SELECT bank, rail, kind, detected_at FROM episode WHERE detected_at >= ? ORDER BY detected_at")
}
