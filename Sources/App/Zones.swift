public import Core
import Foundation
import Synchronization

/// Offsets from the system's zone database through Foundation. Zones are looked up once each.
public final class SystemZones: ZoneTable {
    private let known = Mutex<[String: TimeZone?]>([:])
    public init() {}

    public func offset(of zone: String, at moment: Timestamp) -> Int? {
        let found = known.withLock { known -> TimeZone? in
            if let known = known[zone] { return known }
            // A name from outside is remembered too, but not without bound.
            if known.count > 4096 { known.removeAll() }
            let found = Identifier.isValid(zone, limit: 64) ? TimeZone(identifier: zone) : nil
            known[zone] = found
            return found
        }
        return found?.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000))
    }
}
