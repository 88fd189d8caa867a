extension Planner {
    /// The same time of day so many working days later, counted from the first working moment.
    func moment(_ moment: Timestamp, plusWorkingDays count: Int, in place: Workplace) -> Timestamp {
        var clock = working(from: self.clock(at: moment, in: place), in: place)
        for _ in 0..<count { clock = nextDay(after: clock, at: clock.second, in: place) }
        return self.moment(clock, in: place)
    }

    /// So many hours of working time later.
    func moment(_ moment: Timestamp, plusWorkingHours count: Int, in place: Workplace) -> Timestamp {
        var clock = working(from: self.clock(at: moment, in: place), in: place)
        var left = count * 3600
        while left > workingTime.to * 60 - clock.second {
            left -= workingTime.to * 60 - clock.second
            clock = nextDay(after: clock, at: workingTime.from * 60, in: place)
        }
        clock.second += left
        return self.moment(clock, in: place)
    }

    /// When the next working day begins.
    func nextWorkingDay(after moment: Timestamp, in place: Workplace) -> Timestamp {
        self.moment(nextDay(after: clock(at: moment, in: place), at: workingTime.from * 60, in: place), in: place)
    }

    private var workingTime: WorkingTime { policy.workingTime }

    private func isWorked(_ clock: WallClock, in place: Workplace) -> Bool {
        let isInWeek = workingTime.days.contains(clock.weekday)
        guard let holidays = catalogue.holidays[place.country], !PlantedBug.worksOnHolidays.isActive else { return isInWeek }
        return holidays.worked.contains(clock.day) || isInWeek && !holidays.closed.contains(clock.day)
    }

    private func working(from clock: WallClock, in place: Workplace) -> WallClock {
        if isWorked(clock, in: place) {
            if clock.second < workingTime.from * 60 { return WallClock(day: clock.day, second: workingTime.from * 60) }
            if clock.second < workingTime.to * 60 { return clock }
        }
        return nextDay(after: clock, at: workingTime.from * 60, in: place)
    }

    private func nextDay(after clock: WallClock, at second: Int, in place: Workplace) -> WallClock {
        var next = WallClock(day: clock.day + 1, second: second)
        // The settings name a day of the week at least; a calendar that closes a whole year is a mistake, and no reason to hang.
        let last = clock.day + 367
        while next.day < last, !isWorked(next, in: place) { next.day += 1 }
        return next
    }

    private func clock(at moment: Timestamp, in place: Workplace) -> WallClock {
        WallClock(moment, offset: zoneOffset(place.zone, at: moment))
    }

    private func moment(_ clock: WallClock, in place: Workplace) -> Timestamp {
        moment(CivilTime(Timestamp(seconds: clock.day * 86400 + Int64(clock.second)), offset: 0), in: place.zone)
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
