public import Core
public import Store
public import Terminal

/// `dead list`: dead letters by cause, oldest group first. A group is named after its first letter: `d12`.
public struct DeadReport: Document {
    public static let schema = "clarion.dead/1"

    public struct Group: Sendable, Equatable {
        public var name: String
        public var stage: DeadLetter.Stage
        public var reason, detail: String
        public var channel: Channel?
        public var letters: [Int64]
        public var oldest: Timestamp
        /// Of these, how many are about deliveries that are still dead: a retry can help.
        public var stillTrue: Int
        public init(
            name: String, stage: DeadLetter.Stage, reason: String, detail: String, channel: Channel?, letters: [Int64], oldest: Timestamp,
            stillTrue: Int
        ) {
            (self.name, self.stage, self.reason, self.detail, self.channel) = (name, stage, reason, detail, channel)
            (self.letters, self.oldest, self.stillTrue) = (letters, oldest, stillTrue)
        }
    }
    public var groups: [Group]
    public var state: DeadLetter.State
    public var now: Timestamp
    public init(_ groups: [Group], state: DeadLetter.State = .open, now: Timestamp) {
        (self.groups, self.state, self.now) = (groups, state, now)
    }

    /// - Parameter state: open ones, or those that were discarded.
    public static func gather(
        from reader: any StoreReader, state: DeadLetter.State = .open, now: Timestamp, limit: Int = 10_000
    ) throws -> DeadReport {
        struct Key: Hashable {
            var stage: DeadLetter.Stage
            var reason, detail: String
            var channel: Channel?
        }
        var members: [Key: [(letter: DeadLetter, isTrue: Bool)]] = [:]
        for letter in try reader.deadLetters(onlyOpen: state == .open, limit: limit) where letter.state == state {
            let delivery = try letter.delivery.flatMap { try reader.delivery($0) }
            let key = Key(stage: letter.stage, reason: letter.reason, detail: letter.detail, channel: delivery?.channel)
            members[key, default: []].append((letter, delivery.map { $0.state == .dead } ?? true))
        }
        let groups = members.map { key, all in
            let ids = all.map { $0.letter.id }.sorted()
            return Group(
                name: "d\(ids[0])", stage: key.stage, reason: key.reason, detail: key.detail, channel: key.channel, letters: ids,
                oldest: all.map { $0.letter.at }.min() ?? now, stillTrue: all.count { $0.isTrue })
        }
        return DeadReport(groups.sorted { ($0.oldest, $0.letters[0]) < ($1.oldest, $1.letters[0]) }, state: state, now: now)
    }

    /// The letters of a group (`d12`) or one letter (`12`).
    public func letters(_ name: String) -> [Int64]? {
        if let group = groups.first(where: { $0.name == name }) { return group.letters }
        return Int64(name).flatMap { id in groups.contains { $0.letters.contains(id) } ? [id] : nil }
    }

    public var members: [(String, JSON)] {
        [
            ("groups", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) })),
            ("letters", .integer(groups.reduce(0) { $0 + $1.letters.count })),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["group", "count", "oldest", "stage", "channel", "reason", "detail", "still_true"])
        for group in groups {
            sheet.add([
                .string(group.name), .integer(group.letters.count), .text(group.oldest), .code(group.stage), .code(group.channel),
                .string(group.reason),
                .string(group.detail), .integer(group.stillTrue),
            ])
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        guard let first = groups.first else {
            return [look.mark(.good, state == .open ? "no dead letters" : "no dead letter was discarded")]
        }
        var table = Table([
            .init("GROUP"), .init("COUNT", isRightAligned: true), .init("OLDEST", priority: 2), .init("STAGE", priority: 1),
            .init("CHANNEL", priority: 1),
            .init("CAUSE", cut: .end), .init("STILL TRUE", isRightAligned: true),
        ])
        for group in groups {
            table.add([
                .init(group.name, .bold), .init(grouped(group.letters.count)), .init(spoken(now - group.oldest)),
                .init(group.stage.rawValue),
                .init(group.channel?.rawValue ?? look.dash),
                .init(cause(group.reason, group.detail)),
                .init(grouped(group.stillTrue)),
            ])
        }
        let next =
            state == .open
            ? "One group: clarion dead show \(first.name)     Try again: clarion dead retry \(first.name) --reason \"…\""
            : "Open again: clarion dead restore \(first.name) --reason \"…\""
        return table.lines(look) + ["", next]
    }
}

/// `dead show`: the letters of one group or one letter.
public struct DeadLetterReport: Document {
    public static let schema = "clarion.dead.letters/1"
    public var letters: [DeadLetter]
    public init(_ letters: [DeadLetter]) { self.letters = letters }

    /// Nil when there is no such letter or group. A closed letter is found by its number.
    public static func gather(from reader: any StoreReader, name: String, now: Timestamp) throws -> DeadLetterReport? {
        if let id = Int64(name) { return try reader.deadLetter(id).map { DeadLetterReport([$0]) } }
        guard let ids = try DeadReport.gather(from: reader, now: now).letters(name) else { return nil }
        return DeadLetterReport(try ids.compactMap { try reader.deadLetter($0) })
    }

    public var members: [(String, JSON)] { [("letters", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) }))] }
    public var sheet: Sheet {
        var sheet = Sheet(["id", "at", "state", "stage", "reason", "detail", "source", "size", "digest", "delivery"])
        for letter in letters {
            sheet.add([
                .integer(letter.id), .text(letter.at), .code(letter.state), .code(letter.stage), .string(letter.reason),
                .string(letter.detail),
                .string(letter.source), .integer(letter.size), .string(hex(letter.digest)), letter.delivery.map { .integer($0) } ?? .null,
            ])
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        let label = look.times.label(at: letters.first?.at ?? Timestamp(seconds: 0))
        var table = Table([
            .init("ID", isRightAligned: true), .init(label), .init("STATE", priority: 1), .init("STAGE"), .init("CAUSE", cut: .end),
            .init("FROM", cut: .end, priority: 2), .init("BYTES", priority: 3, isRightAligned: true),
        ])
        for letter in letters {
            table.add([
                .init(letter.id, .bold), .init(look.times.dayAndClock(letter.at)), .init(letter.state.rawValue),
                .init(letter.stage.rawValue),
                .init(cause(letter.reason, letter.detail)), .init(letter.source),
                .init(grouped(letter.size)),
            ])
        }
        return table.lines(look)
    }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// A detail often begins with its reason already.
private func cause(_ reason: String, _ detail: String) -> String {
    detail.isEmpty || detail == reason || detail.hasPrefix(reason + ":") ? (detail.isEmpty ? reason : detail) : "\(reason): \(detail)"
}
