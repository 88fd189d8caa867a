public import Core
import Foundation
import Synchronization

/// Offsets from the system's zone database through Foundation. Zones are looked up once each, and so is every quarter of an hour of this century:
/// clocks are changed when one begins.
public final class SystemZones: ZoneTable {
    fileprivate struct Zone {
        var zone: TimeZone?
        var quarters: [Int64: Int] = [:]
    }
    private let known = Mutex<[String: Zone]>([:])
    fileprivate static let centuryBegins: Int64 = 946_684_800
    public init() {}

    public func offset(of name: String, at moment: Timestamp) -> Int? {
        known.withLock { known in
            if known[name] == nil {
                // A name from outside is remembered too, but not without bound.
                if known.count > 4096 { known.removeAll() }
                known[name] = Zone(zone: Identifier.isValid(name, limit: 64) ? TimeZone(identifier: name) : nil)
            }
            return known[name]?.offset(at: moment.seconds)
        }
    }
}

extension SystemZones.Zone {
    fileprivate mutating func offset(at second: Int64) -> Int? {
        let quarter = second / 900
        if let found = quarters[quarter] { return found }
        guard let found = zone?.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))) else { return nil }
        if second >= SystemZones.centuryBegins || second == 0 {
            if quarters.count >= 64 { quarters.removeAll() }
            quarters[quarter] = found
        }
        return found
    }
}
