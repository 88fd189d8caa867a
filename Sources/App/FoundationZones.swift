public import Core
import FoundationEssentials
import FoundationInternationalization

/// The zone database of the machine.
public struct FoundationZones: ZoneTable {
    public init() {}
    public func offset(of zone: String, at moment: Timestamp) -> Int? {
        TimeZone(identifier: zone)?.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000))
    }
}
