public import Core
import Foundation
import Synchronization

/// Offsets from the system's zone database through Foundation. Zones are looked up once each, and so is every quarter of an hour of this century:
/// clocks are changed when one begins.
public final class SystemZones: ZoneTable {
    fileprivate struct Zone {
        var name: String
        var zone: TimeZone?
        var quarters: [Int64: Int] = [:]
        /// The one that was asked for last.
        var last: (quarter: Int64, offset: Int)?
    }
    private struct Known {
        var zones: [Zone] = []
        var places: [String: Int] = [:]
    }
    private let known = Mutex(Known())
    /// Most customers are in few zones, and a name is compared sooner than it is hashed.
    private static let first = 4
    fileprivate static let centuryBegins: Int64 = 946_684_800
    public init() {}

    public func offset(of name: String, at moment: Timestamp) -> Int? {
        known.withLock { known in
            let place = known.zones.prefix(Self.first).firstIndex { $0.name == name } ?? known.places[name] ?? Self.add(name, to: &known)
            return known.zones[place].offset(at: moment.seconds)
        }
    }

    private static func add(_ name: String, to known: inout Known) -> Int {
        // A name from outside is remembered too, but not without bound.
        if known.zones.count > 4096 { known = Known() }
        known.zones.append(Zone(name: name, zone: Identifier.isValid(name, limit: 64) ? TimeZone(identifier: name) : nil))
        known.places[name] = known.zones.count - 1
        return known.zones.count - 1
    }
}

extension SystemZones.Zone {
    fileprivate mutating func offset(at second: Int64) -> Int? {
        let quarter = second / 900
        if let last, last.quarter == quarter { return last.offset }
        guard let found = quarters[quarter] ?? zone?.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))) else { return nil }
        if second >= SystemZones.centuryBegins || second == 0 {
            if quarters.count >= 64 { quarters.removeAll() }
            quarters[quarter] = found
            last = (quarter, found)
        }
        return found
    }
}
