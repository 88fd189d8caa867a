extension Planner {
    /// When the day that holds this moment began where the customer lives.
    public func startOfDay(_ moment: Timestamp, in zone: String) -> Timestamp {
        var local = CivilTime(moment, offset: zoneOffset(zone, at: moment))
        (local.hour, local.minute, local.second) = (0, 0, 0)
        return self.moment(local, in: zone)
    }
}
