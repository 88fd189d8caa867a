public import Core

/// A hold with what it does now.
public struct HoldStanding: Sendable, Equatable {
    public var hold: Hold
    /// Empty when it is not in force.
    public var counts: [Channel: HeldCount]
    public init(_ hold: Hold, _ counts: [Channel: HeldCount]) { (self.hold, self.counts) = (hold, counts) }

    public static func of(_ hold: Hold, in reader: any StoreReader, now: Timestamp) throws -> HoldStanding {
        HoldStanding(hold, hold.isInForce(at: now) ? try reader.waiting(in: hold.scope) : [:])
    }
    /// Those in force, or all; newest first.
    public static func all(in reader: any StoreReader, onlyInForce: Bool, limit: Int, now: Timestamp) throws -> [HoldStanding] {
        let holds = onlyInForce ? try reader.holdsNotEnded().reversed().filter { $0.isInForce(at: now) } : try reader.holds(limit: limit)
        return try holds.prefix(limit).map { try of($0, in: reader, now: now) }
    }

    public var sum: HeldCount {
        counts.values.reduce(HeldCount()) { HeldCount(waiting: $0.waiting + $1.waiting, held: $0.held + $1.held) }
    }
}

extension HoldStanding {
    /// As the HTTP interface shows it, and as a command reads it back.
    public var json: JSON {
        var members: [(String, JSON)] = [("hold", .string(hold.name))] + (hold.scope.json.object ?? [])
        members += [("who", .string(hold.who)), ("reason", .string(hold.reason)), ("since", .string(hold.since.description))]
        if let until = hold.until { members.append(("until", .string(until.description))) }
        if let ending = hold.ending {
            members += [
                ("ended_at", .string(ending.at.description)), ("ended_by", .string(ending.who)), ("end_reason", .string(ending.reason)),
            ]
        }
        members.append(
            (
                "counts",
                .object(
                    counts.sorted { $0.key < $1.key }.map { channel, count in
                        (channel.rawValue, ["waiting": .integer(count.waiting), "held": .integer(count.held)])
                    })
            ))
        return .object(members)
    }

    /// Nil for what is no such object.
    public init?(json: JSON) {
        func time(_ name: String) -> Timestamp? { json[name]?.string.flatMap { Timestamp(rfc3339: $0) } }
        guard let id = json["hold"]?.string.flatMap(Hold.id(named:)), let who = json["who"]?.string, let reason = json["reason"]?.string,
            let since = time("since"), case .success(let scope) = HoldScope.read(json)
        else { return nil }
        let ending = time("ended_at").map {
            Hold.Ending(at: $0, who: json["ended_by"]?.string ?? "", reason: json["end_reason"]?.string ?? "")
        }
        let hold = Hold(id: id, scope: scope, who: who, reason: reason, since: since, until: time("until"), ending: ending)
        var counts: [Channel: HeldCount] = [:]
        for (name, count) in json["counts"]?.object ?? [] {
            guard let channel = Channel(rawValue: name) else { continue }
            counts[channel] = HeldCount(waiting: Int(count["waiting"]?.integer ?? 0), held: Int(count["held"]?.integer ?? 0))
        }
        self.init(hold, counts)
    }
}
