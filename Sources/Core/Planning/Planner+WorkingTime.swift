extension Planner {
    /// The first working moment from this one on, by the clock of the zone.
    func working(from moment: Timestamp, in zone: String) -> Timestamp {
        self.moment(working(from: WallClock(moment, offset: zoneOffset(zone, at: moment))), in: zone)
    }

    /// The same time of day so many working days later, counted from the first working moment.
    func moment(_ moment: Timestamp, plusWorkingDays count: Int, in zone: String) -> Timestamp {
        var clock = working(from: WallClock(moment, offset: zoneOffset(zone, at: moment)))
        for _ in 0..<count { clock = nextDay(after: clock, at: clock.second) }
        return self.moment(clock, in: zone)
    }

    /// So many hours of working time later.
    func moment(_ moment: Timestamp, plusWorkingHours count: Int, in zone: String) -> Timestamp {
        var clock = working(from: WallClock(moment, offset: zoneOffset(zone, at: moment)))
        var left = count * 3600
        while left > workingTime.to * 60 - clock.second {
            left -= workingTime.to * 60 - clock.second
            clock = nextDay(after: clock, at: workingTime.from * 60)
        }
        clock.second += left
        return self.moment(clock, in: zone)
    }

    /// When the next working day begins.
    func nextWorkingDay(after moment: Timestamp, in zone: String) -> Timestamp {
        self.moment(
            nextDay(after: WallClock(moment, offset: zoneOffset(zone, at: moment)), at: workingTime.from * 60), in: zone)
    }

    private var workingTime: WorkingTime { policy.workingTime }

    private func working(from clock: WallClock) -> WallClock {
        if workingTime.days.contains(clock.weekday) {
            if clock.second < workingTime.from * 60 { return WallClock(day: clock.day, second: workingTime.from * 60) }
            if clock.second < workingTime.to * 60 { return clock }
        }
        return nextDay(after: clock, at: workingTime.from * 60)
    }

    private func nextDay(after clock: WallClock, at second: Int) -> WallClock {
        var next = WallClock(day: clock.day + 1, second: second)
        // The settings name a day at least.
        for _ in 0..<7 where !workingTime.days.contains(next.weekday) { next.day += 1 }
        return next
    }

    private func moment(_ clock: WallClock, in zone: String) -> Timestamp {
        moment(CivilTime(Timestamp(seconds: clock.day * 86400 + Int64(clock.second)), offset: 0), in: zone)
    }

    /// Days since 1970 and seconds of the day, as a clock on the wall shows them.
    private struct WallClock {
        var day: Int64
        var second: Int
        init(day: Int64, second: Int) { (self.day, self.second) = (day, second) }
        init(_ moment: Timestamp, offset: Int) {
            let local = moment.seconds + Int64(offset)
            day = local.floorDivided(by: 86400)
            second = Int(local - day * 86400)
        }
        /// Monday is 1. The first day of 1970 was a Thursday.
        var weekday: Int { Int((day + 3) - (day + 3).floorDivided(by: 7) * 7) + 1 }
    }
}
