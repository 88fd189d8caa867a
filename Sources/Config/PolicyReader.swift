import Core
import StrictYAML

/// `policy.yaml`: nil unless everything in it could be read.
enum PolicyReader {
    static func read(_ root: YAML) -> Policy? {
        guard let top = root.mapping() else { return nil }
        let plans = top.required("priorities").map(plans)
        let raises = top["raise"].map(raises) ?? []
        let repeats = top.required("repeats").flatMap(repeats)
        let updates = top.required("updates_every")?.duration(in: .zero ... .days(1))
        let kinds = top["kinds"].map(overrides) ?? [:]
        let caps = top.required("caps").flatMap(caps)
        let quietHours = top.required("quiet_hours").flatMap(quietHours)
        let storm = top.required("storm").flatMap(storm)
        let merge = top.required("merge_within")?.duration(in: .zero ... .days(1))
        let excludes = top["exclude"].map(excludes) ?? []
        let tooOld = top["too_old_after"]?.duration(in: .hours(1) ... .days(3650))
        let budgets = top.required("budgets").map(budgets)
        let callAfter = top["call_after"].map { $0.duration(in: .minutes(1) ... .days(1)) } ?? .minutes(30)
        let failures = top["failures_within"].map { $0.duration(in: .days(1) ... .days(365)) } ?? .days(30)
        let complaints = top["complaints"].map(complaints) ?? ComplaintRule()
        let working = top["working_time"].map(workingTime) ?? WorkingTime()
        top.close()
        guard let callAfter, let failures, let complaints, let working, let plans, let repeats, let updates, let caps, let quietHours,
            let storm, let merge,
            let budgets
        else { return nil }
        return Policy(
            plans: plans, raises: raises, repeats: repeats, updatesEvery: updates, kinds: kinds, caps: caps, quietHours: quietHours,
            storm: storm,
            mergeWithin: merge, excludes: excludes, tooOldAfter: tooOld,
            budgets: budgets, callAfter: callAfter, failuresWithin: failures, complaints: complaints, workingTime: working)
    }

    private static func complaints(_ node: YAML) -> ComplaintRule? {
        guard let fields = node.mapping() else { return nil }
        let answer = fields.required("answer")?.int(in: 1...90)
        let remind = fields.required("remind")?.int(in: 1...89)
        fields.close()
        guard let answer, let remind else { return nil }
        if remind >= answer { fields.fail("is not before the answer is due", atKey: "remind") }
        return ComplaintRule(answer: answer, remind: remind)
    }

    private enum Weekday: String, CaseIterable { case monday, tuesday, wednesday, thursday, friday, saturday, sunday }

    private static func workingTime(_ node: YAML) -> WorkingTime? {
        guard let fields = node.mapping() else { return nil }
        let daysNode = fields.required("days")
        let days = daysNode?.words(Weekday.self) ?? []
        let from = fields.required("from").flatMap(minuteOfDay)
        let toNode = fields.required("to")
        let to = toNode.flatMap(minuteOfDay)
        fields.close()
        if let daysNode, daysNode.isList, daysNode.list().isEmpty { daysNode.fail("names no day") }
        if let from, let to, to <= from { toNode?.fail("is not after \"from\"", hint: "a working day ends on the day on which it begins") }
        guard let from, let to, from < to, !days.isEmpty else { return nil }
        return WorkingTime(days: Set(days.map { Weekday.allCases.firstIndex(of: $0)! + 1 }), from: from, to: to)
    }

    private static func plans(_ node: YAML) -> [Priority: ChannelPlan] {
        var plans: [Priority: ChannelPlan] = [:]
        for (priority, value) in complete(node, Priority.self) { plans[priority] = value.mapping().flatMap { plan($0, close: true) } }
        return plans
    }

    private static func plan(_ fields: YAMLMapping, close: Bool) -> ChannelPlan? {
        let nowNode = fields.required("now")
        let now = nowNode.map(channels) ?? []
        let then = fields["then"].map { $0.list().compactMap(step) } ?? []
        let lockedNode = fields["locked"]
        let locked = lockedNode.map(channels) ?? []
        if close { fields.close() }
        // Only a kind of its own may be told nowhere: `now: []`.
        if let nowNode, nowNode.isList, !now.contains(.inApp), close || !nowNode.list().isEmpty || !then.isEmpty {
            nowNode.fail(
                "in_app is missing", hint: "the in-app record is always written; it is the one that works when every provider is down")
        }
        let used = Set(now + then.flatMap(\.use))
        for channel in locked where !used.contains(channel) {
            lockedNode?.fail("\(channel.rawValue) is locked, but this plan never uses it")
        }
        return nowNode == nil ? nil : ChannelPlan(now: now, then: then, locked: Set(locked))
    }

    private static func step(_ node: YAML) -> FallbackStep? {
        guard let fields = node.mapping() else { return nil }
        let after = fields.required("after")?.duration(in: .seconds(1) ... .days(30))
        let unless = fields.required("unless")?.word(FallbackStep.Unless.self)
        let useNode = fields.required("use")
        let use = useNode.map(channels) ?? []
        fields.close()
        if let useNode, useNode.isList, useNode.list().isEmpty { useNode.fail("names no channel") }
        guard let after, let unless else { return nil }
        return FallbackStep(after: after, unless: unless, use: use)
    }

    private static func channels(_ node: YAML) -> [Channel] {
        var found: [Channel] = []
        for item in node.list() {
            guard let channel = item.word(Channel.self) else { continue }
            if found.contains(channel) { item.fail("\(channel.rawValue) stands here twice") } else { found.append(channel) }
        }
        return found
    }

    private static func raises(_ node: YAML) -> [RaiseRule] {
        var names: Set<String> = []
        return node.list().compactMap { item in
            guard let fields = item.mapping() else { return nil }
            let name = fields.required("name")?.text()
            let kinds = fields["kinds"].map(kinds) ?? []
            let deadline = fields["deadline_within"]?.duration(in: .minutes(1) ... .days(90))
            let amounts = fields["amount_at_least"].map(amounts) ?? [:]
            let to = fields.required("to")?.word(Priority.self)
            fields.close()
            if let name, !Identifier.isValid(name, limit: 64) { fields.fail("expected letters, digits, - and _", atKey: "name") }
            if let name, !names.insert(name).inserted { fields.fail("another rule is called \"\(name)\"", atKey: "name") }
            if to == .low { fields.fail("a rule can only raise, and nothing is below low", atKey: "to") }
            guard let name, let to else { return nil }
            return RaiseRule(name: name, kinds: kinds, deadlineWithin: deadline, amountAtLeast: amounts, to: to)
        }
    }

    private static func excludes(_ node: YAML) -> [ExcludeRule] {
        var names: Set<String> = []
        return node.list().compactMap { item in
            guard let fields = item.mapping() else { return nil }
            let name = fields.required("name")?.text()
            let kinds = fields["kinds"].map(kinds) ?? []
            let banks = fields["banks"]?.list().compactMap { $0.text() } ?? []
            let amounts = fields["amount_below"].map(amounts) ?? [:]
            fields.close()
            if let name, !Identifier.isValid(name, limit: 64) { fields.fail("expected letters, digits, - and _", atKey: "name") }
            if let name, !names.insert(name).inserted { fields.fail("another rule is called \"\(name)\"", atKey: "name") }
            if kinds.isEmpty, banks.isEmpty, amounts.isEmpty {
                item.fail("excludes everything", hint: "say which: kinds, banks, amount_below")
            }
            return name.map { ExcludeRule(name: $0, kinds: kinds, banks: Set(banks), amountBelow: amounts) }
        }
    }

    private static func amounts(_ node: YAML) -> [String: Int64] {
        guard let fields = node.mapping() else { return [:] }
        var amounts: [String: Int64] = [:]
        for (code, value) in fields.all {
            if Currency(code) == nil { fields.fail("unknown currency", atKey: code, hint: "an ISO 4217 code in capitals: CNY, EUR") }
            amounts[code] = value.int(in: 1...1_000_000_000_000_000).map(Int64.init)
        }
        return amounts
    }

    /// Waits that widen, so that an unchanged state is told ever more rarely.
    private static func repeats(_ node: YAML) -> [Duration]? {
        var waits: [Duration] = []
        for item in node.list() {
            guard let wait = item.duration(in: .minutes(1) ... .days(30)) else { continue }
            if let last = waits.last, wait < last { item.fail("is shorter than the wait before it", hint: "repeats widen: 2h, 8h, 24h") }
            waits.append(wait)
        }
        return node.isList ? waits : nil
    }

    private static func overrides(_ node: YAML) -> [Kind: KindOverride] {
        guard let fields = node.mapping() else { return [:] }
        var found: [Kind: KindOverride] = [:]
        for (kind, value) in fields.all(keyedBy: Kind.self) {
            guard let own = value.mapping() else { continue }
            let quiet = own["quiet_hours"]?.word(KindRule.QuietHours.self)
            let waits = own["repeats"].flatMap(repeats)
            let hasPlan = ["now", "then", "locked"].contains { own[$0] != nil }
            found[kind] = KindOverride(quietHours: quiet, repeats: waits, plan: hasPlan ? plan(own, close: false) : nil)
            own.close()
        }
        if found[.riskHold] ?? KindOverride() != found[.complianceRestricted] ?? KindOverride() {
            node.fail("risk_hold and compliance_restricted differ", hint: alike)
        }
        return found
    }

    private static let alike = "when and where somebody is told would tell one from the other"

    /// The kinds of a rule. One that is for restrictions is for reviews of risk too, and the other way round.
    private static func kinds(_ node: YAML) -> Set<Kind> {
        let kinds = Set(node.words(Kind.self))
        if kinds.contains(.riskHold) != kinds.contains(.complianceRestricted) {
            node.fail("names one of risk_hold and compliance_restricted, not both", hint: alike)
        }
        return kinds
    }

    private static func caps(_ node: YAML) -> Caps? {
        guard let fields = node.mapping() else { return nil }
        let perDay = fields.required("per_day").map(counts)
        let perAnomaly = fields.required("per_anomaly").map(counts)
        let perStage = fields.required("per_stage").map(counts)
        let uncounted = fields.required("uncounted_per_day")?.int(in: 1...1000)
        let burst = fields.required("burst_per_minute")?.int(in: 1...1_000_000)
        let hold = fields.required("burst_hold")?.duration(in: .minutes(1) ... .days(1))
        fields.close()
        guard let perDay, let perAnomaly, let perStage, let uncounted, let burst, let hold else { return nil }
        return Caps(
            perDay: perDay, perAnomaly: perAnomaly, perStage: perStage, uncountedPerDay: uncounted, burstPerMinute: burst, burstHold: hold)
    }

    private static func counts(_ node: YAML) -> [Channel: Int] {
        guard let fields = node.mapping() else { return [:] }
        var counts: [Channel: Int] = [:]
        for (channel, value) in fields.all(keyedBy: Channel.self) {
            if channel == .inApp { fields.fail("in-app items are never limited", atKey: channel.rawValue) }
            counts[channel] = value.int(in: 0...1000)
        }
        return counts
    }

    private static func quietHours(_ node: YAML) -> QuietWindow? {
        guard let fields = node.mapping() else { return nil }
        let from = fields.required("from").flatMap(minuteOfDay)
        let toNode = fields.required("to")
        let to = toNode.flatMap(minuteOfDay)
        let spread = fields.required("spread")?.duration(in: .zero ... .hours(4))
        let holdsNode = fields.required("holds")
        let holds = holdsNode.map(channels)
        fields.close()
        for channel in holds ?? [] where channel == .mail || channel == .inApp { holdsNode?.fail("\(channel.rawValue) never waits") }
        if let from, from == to { toNode?.fail("the night has no length", hint: "holds: [] switches quiet hours off") }
        guard let from, let to, let spread, let holds else { return nil }
        return QuietWindow(from: from, to: to, spread: spread, holds: Set(holds))
    }

    /// `22:00` → 1320.
    private static func minuteOfDay(_ node: YAML) -> Int? {
        guard let text = node.text() else { return nil }
        let bytes = Array(text.utf8)
        let digits = [0, 1, 3, 4].compactMap {
            bytes.count == 5 && bytes[2] == 0x3A && (0x30...0x39).contains(bytes[$0]) ? Int(bytes[$0]) - 0x30 : nil
        }
        guard digits.count == 4, digits[0] * 10 + digits[1] < 24, digits[2] < 6 else {
            node.fail("expected a time of day", hint: "two digits each: 08:00")
            return nil
        }
        return (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
    }

    private static func storm(_ node: YAML) -> StormRule? {
        guard let fields = node.mapping() else { return nil }
        let count = fields.required("count")?.int(in: 1...1_000_000)
        let within = fields.required("within")?.duration(in: .seconds(1) ... .days(1))
        fields.close()
        guard let count, let within else { return nil }
        return StormRule(count: count, within: within)
    }

    private static func budgets(_ node: YAML) -> [Priority: Duration] {
        var budgets: [Priority: Duration] = [:]
        for (priority, value) in complete(node, Priority.self) { budgets[priority] = value.duration(in: .seconds(1) ... .days(30)) }
        return budgets
    }

    /// A mapping that must have every word of a list.
    private static func complete<Word: RawRepresentable<String> & CaseIterable & Hashable>(
        _ node: YAML, _ type: Word.Type
    ) -> [(word: Word, value: YAML)] {
        guard let fields = node.mapping() else { return [] }
        let found = fields.all(keyedBy: type)
        let present = Set(found.map(\.word))
        for word in type.allCases where !present.contains(word) { node.fail("missing key \"\(word.rawValue)\"") }
        return found
    }
}
