/// How to take back what was written since a mark, newest first. One transaction's at a time.
final class UndoLog {
    private var steps: [() -> Void] = []
    var mark: Int { steps.count }

    func add(_ step: @escaping () -> Void) { steps.append(step) }

    func rollBack(to mark: Int) {
        while steps.count > mark { steps.removeLast()() }
    }
    func forget() { steps.removeAll(keepingCapacity: true) }
}

/// Rows by their key.
final class Table<Key: Hashable, Row> {
    private var rows: [Key: Row] = [:]
    private let log: UndoLog
    init(_ log: UndoLog) { self.log = log }

    var count: Int { rows.count }
    /// In no order.
    var all: Dictionary<Key, Row>.Values { rows.values }
    var keys: [Key] { Array(rows.keys) }

    subscript(key: Key) -> Row? {
        get { rows[key] }
        set {
            let old = rows[key]
            rows[key] = newValue
            log.add { [self] in rows[key] = old }
        }
    }
}

/// Rows that are numbered from 1 and never removed.
final class Series<Row> {
    private var rows: [Row] = []
    private let log: UndoLog
    init(_ log: UndoLog) { self.log = log }

    var count: Int { rows.count }
    /// Oldest first.
    var all: [Row] { rows }
    var ids: Range<Int64> { 1..<Int64(rows.count) + 1 }

    func append(_ row: Row) -> Int64 {
        rows.append(row)
        log.add { [self] in rows.removeLast() }
        return Int64(rows.count)
    }
    func contains(_ id: Int64) -> Bool { id > 0 && id <= rows.count }

    subscript(id: Int64) -> Row? { contains(id) ? rows[Int(id - 1)] : nil }

    /// False when there is none of this number, or the change says that nothing is to be changed.
    func change(_ id: Int64, _ change: (inout Row) -> Bool) -> Bool {
        guard contains(id) else { return false }
        let old = rows[Int(id - 1)]
        guard change(&rows[Int(id - 1)]) else {
            rows[Int(id - 1)] = old
            return false
        }
        log.add { [self] in rows[Int(id - 1)] = old }
        return true
    }
}

/// The last rows of a series that are numbered from 1: those before are counted and forgotten.
final class Tail<Row> {
    private var rows: [Row] = []
    private var forgotten: Int64 = 0
    private let (log, keeps): (UndoLog, Int)
    init(_ log: UndoLog, keeps: Int) { (self.log, self.keeps) = (log, keeps) }

    var count: Int64 { forgotten + Int64(rows.count) }
    func append(_ row: Row) {
        rows.append(row)
        log.add { [self] in rows.removeLast() }
    }
    func rows(after number: Int64) -> [(number: Int64, row: Row)] {
        let first = max(0, Int(number - forgotten))
        return rows.indices.dropFirst(first).map { (forgotten + Int64($0) + 1, rows[$0]) }
    }
    /// When nothing can be undone any more.
    func trim() {
        guard rows.count >= 4 * keeps else { return }
        forgotten += Int64(rows.count - keeps)
        rows.removeFirst(rows.count - keeps)
    }
}

/// What belongs to a key, in the order it came.
final class Group<Key: Hashable, Element> {
    private var groups: [Key: [Element]] = [:]
    private let log: UndoLog
    init(_ log: UndoLog) { self.log = log }

    subscript(key: Key) -> [Element] { groups[key] ?? [] }

    func append(_ element: Element, to key: Key) {
        groups[key, default: []].append(element)
        log.add { [self] in groups[key]?.removeLast() }
    }

    func removeAll(of key: Key) {
        guard let old = groups.removeValue(forKey: key) else { return }
        log.add { [self] in groups[key] = old }
    }

    /// What belongs to one key belongs to another, which had nothing.
    func move(_ key: Key, to other: Key) {
        let old = groups.removeValue(forKey: key)
        groups[other] = old
        log.add { [self] in (groups[other], groups[key]) = (nil, old) }
    }
}

/// Kept in order, in runs of a few hundred: of many that wait none is moved far when another comes or goes.
final class Ordered<Element: Comparable> {
    /// None is empty.
    private var runs: [[Element]] = []
    private static var longest: Int { 512 }
    private let log: UndoLog
    init(_ log: UndoLog) { self.log = log }

    /// In their order.
    var elements: FlattenSequence<[[Element]]> { runs.joined() }
    var first: Element? { runs.first?.first }
    private(set) var count = 0

    func insert(_ element: Element) {
        put(element)
        log.add { [self] in take(element) }
    }
    func remove(_ element: Element) {
        guard take(element) else { return }
        log.add { [self] in put(element) }
    }

    /// How many lie from one to another, both included.
    func count(from low: Element, through high: Element, where fits: (Element) -> Bool) -> Int {
        var (found, run) = (0, run(of: low))
        while run < runs.count, let first = runs[run].first, first <= high {
            for element in runs[run] where element >= low && element <= high && fits(element) { found += 1 }
            run += 1
        }
        return found
    }

    private func put(_ element: Element) {
        count += 1
        guard !runs.isEmpty else { return runs.append([element]) }
        let run = min(run(of: element), runs.count - 1)
        runs[run].insert(element, at: Self.place(of: element, in: runs[run]))
        guard runs[run].count > Self.longest else { return }
        // What comes in order fills one run after the other.
        let half = run == runs.count - 1 ? Self.longest : Self.longest / 2
        let rest = Array(runs[run][half...])
        runs[run].removeSubrange(half...)
        runs.insert(rest, at: run + 1)
    }
    @discardableResult
    private func take(_ element: Element) -> Bool {
        let run = run(of: element)
        guard run < runs.count else { return false }
        let place = Self.place(of: element, in: runs[run])
        guard place < runs[run].count, runs[run][place] == element else { return false }
        runs[run].remove(at: place)
        if runs[run].isEmpty { runs.remove(at: run) }
        count -= 1
        return true
    }

    /// Of the first run whose last element does not come before it.
    private func run(of element: Element) -> Int { Self.first(runs.count) { runs[$0][runs[$0].count - 1] >= element } }
    /// Of the first that does not come before it.
    private static func place(of element: Element, in run: [Element]) -> Int { first(run.count) { run[$0] >= element } }
    private static func first(_ count: Int, where isThere: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isThere(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// What belongs to a key, in order.
final class OrderedGroup<Key: Hashable, Element: Comparable> {
    private var groups: [Key: Ordered<Element>] = [:]
    private let log: UndoLog
    init(_ log: UndoLog) { self.log = log }

    subscript(key: Key) -> Ordered<Element>? { groups[key] }

    func insert(_ element: Element, into key: Key) {
        let group = groups[key] ?? Ordered(log)
        groups[key] = group
        group.insert(element)
    }
    func remove(_ element: Element, from key: Key) { groups[key]?.remove(element) }
}
