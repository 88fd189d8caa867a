extension Planner {
    /// Until when a complaint has to be answered.
    public func answerDue(_ complaint: ReviewItem) -> Timestamp {
        moment(complaint.openedAt, plusWorkingDays: policy.complaints.answer, in: office)
    }

    /// That day on our own people's calendar, `2026-12-21`.
    private func answerDay(_ complaint: ReviewItem) -> String {
        let due = answerDue(complaint)
        return (due + .seconds(zoneOffset(defaultZone, at: due))).written(10)
    }

    /// A complaint was recorded: the officer is asked at once, and again before the answer is due.
    public func complained(_ complaint: ReviewItem, now: Timestamp) -> Plan {
        var plan = ask(complaint, "answer it by \(answerDay(complaint))", now: now)
        guard plan.task != nil else { return plan }
        let days = policy.complaints.answer - policy.complaints.remind
        plan.timers.append(
            StoredTimer(
                step: .complaintDue, argument: Int(complaint.id), due: moment(complaint.openedAt, plusWorkingDays: days, in: office)))
        return plan
    }

    /// It is still there a few days before its answer is due.
    public func complaintDue(_ complaint: ReviewItem, now: Timestamp) -> Plan {
        ask(complaint, "it is not answered, and has to be by \(answerDay(complaint))", now: now)
    }

    private func ask(_ complaint: ReviewItem, _ words: String, now: Timestamp) -> Plan {
        var plan = Plan()
        plan.note("complaint", .integer(complaint.id))
        guard complaint.closedAt == nil || PlantedBug.remindsOfAnswered.isActive else {
            plan.note("status", "closed")
            return plan
        }
        plan.note("to", StaffRole.complaintOfficer.rawValue)
        plan.task = StaffTask(
            .complaint, for: .complaintOfficer,
            item: ReviewItem(
                cause: .escalation, order: complaint.order, kind: nil,
                detail: complaint.asComplaint + "\(StaffRole.complaintOfficer.rawValue): \(words)", openedAt: now),
            subject: "complaint-\(complaint.id)")
        return plan
    }
}

extension ReviewItem {
    /// What the tasks of a complaint begin with: `complaint 7, `.
    public var asComplaint: String { "complaint \(id), " }
}
