public import Core
public import Store
public import Terminal

/// `audit invariants`: what must hold in the log and the tables, and every row where it does not.
public struct InvariantsReport: Document {
    public static let schema = "clarion.audit.invariants/1"
    /// Rows looked at.
    public private(set) var checked: [Invariant: Int] = [:]
    public private(set) var broken: [Invariant: Int] = [:]
    /// The first of them, as many as were asked for.
    public private(set) var breaches: [Violation] = []
    private let limit: Int

    public init(limit: Int = 50) { self.limit = limit }

    /// One payout after the other: how much memory it takes does not depend on how many there are.
    public static func gather(from reader: any StoreReader, limit: Int = 50) throws -> InvariantsReport {
        var report = InvariantsReport(limit: limit)
        try report.checkLog(reader)
        var order = ""
        while true {
            let page = try reader.orders(after: order, limit: pageSize)
            for order in page {
                let trail = try reader.trail(ofOrder: order)
                report.add(TrailCheck(trail))
                try report.checkAmounts(of: trail, reader)
            }
            guard page.count == pageSize, let last = page.last else { break }
            order = last.description
        }
        try report.checkOthers(reader)
        return report
    }

    private static let pageSize = 256
    public var holds: Bool { broken.isEmpty }
    public var status: ExitStatus { holds ? .success : .failure }

    private mutating func add(_ check: TrailCheck) {
        checked.merge(check.checked, uniquingKeysWith: +)
        for breach in check.breaches { add(breach) }
    }

    private mutating func add(_ breach: Violation) {
        broken[breach.invariant, default: 0] += 1
        if breaches.count < limit { breaches.append(breach) }
    }

    // MARK: What is no payout's

    private mutating func checkLog(_ reader: any StoreReader) throws {
        checked[.chain] = Int(try reader.lastLogSeq())
        if let broken = try reader.verifyChain() { add(Violation(.chain, "log \(broken.seq)", order: nil, broken.words)) }
        for stray in try reader.strays(limit: max(limit, 1)) {
            let invariant: Invariant =
                switch stray.table {
                case .notice: .noticeEpisode
                case .delivery: .deliveryNotice
                case .attempt: .attemptDelivery
                case .log: .logNames
                }
            add(Violation(invariant, "\(stray.table.rawValue) \(stray.id)", order: nil, "\(stray.words) is not there"))
        }
        checked[.logNames] = checked[.chain]
    }

    private mutating func checkOthers(_ reader: any StoreReader) throws {
        var event: EventSeq = 0
        while true {
            var trail = Trail(order: nil)
            trail.events = try reader.loneEvents(after: event, limit: Self.pageSize)
            add(TrailCheck(trail))
            guard trail.events.count == Self.pageSize, let last = trail.events.last else { break }
            event = last.seq
        }
        var notice: NoticeID = 0
        while true {
            var trail = Trail(order: nil)
            trail.notices = try reader.staffNotices(after: notice, limit: Self.pageSize)
            add(TrailCheck(trail))
            guard trail.notices.count == Self.pageSize, let last = trail.notices.last else { break }
            notice = last.id
        }
        for (_, states) in try reader.accounting().deliveries { checked[.deliveryNotice, default: 0] += states.values.reduce(0, +) }
        checked[.attemptDelivery] = checked[.intentFirst]
    }

    // MARK: Words

    /// Opens each SMS that was taken. What was erased or is kept no longer cannot be looked at, and is not counted; what should open and does not is
    /// a breach, for nobody knows what it said.
    private mutating func checkAmounts(of trail: Trail, _ reader: any StoreReader) throws {
        for mark in trail.notices {
            for delivery in mark.deliveries where delivery.channel == Channel.sms.rawValue {
                guard let attempt = delivery.attempts.last(where: { $0.state != "not_sent" }) else { continue }
                do {
                    guard let amount = try reader.notice(mark.id)?.facts.spokenAmount, let bytes = try reader.bytes(of: attempt.id),
                        let text = try JSON(parsing: bytes.content)["text"]?.string
                    else { continue }
                    checked[.smsNoAmount, default: 0] += 1
                    if amount.isNamed(in: text) {
                        add(Violation(.smsNoAmount, delivery.publicID, order: mark.order, "the text names the amount of the payout"))
                    }
                } catch StoreError.integrity(let words) {
                    add(Violation(.smsNoAmount, delivery.publicID, order: mark.order, "what was sent does not open: \(words)"))
                } catch is JSONProblem {
                    add(Violation(.smsNoAmount, delivery.publicID, order: mark.order, "what was sent cannot be read"))
                }
            }
        }
    }
}

// MARK: - Forms

extension InvariantsReport {
    public var members: [(String, JSON)] {
        [
            ("holds", .bool(holds)),
            (
                "invariants",
                .array(
                    Invariant.allCases.map { invariant in
                        [
                            "invariant": .string(invariant.rawValue), "says": .string(invariant.says),
                            "checked": .integer(checked[invariant] ?? 0), "breaches": .integer(broken[invariant] ?? 0),
                        ]
                    })
            ),
            ("breaches", .array(breaches.map(\.json))), ("more", .bool(isCut)),
        ]
    }
    private var isCut: Bool { broken.values.reduce(0, +) > breaches.count }

    public var sheet: Sheet {
        var sheet = Sheet(["invariant", "says", "checked", "breaches", "rows"])
        for invariant in Invariant.allCases {
            sheet.add([
                .string(invariant.rawValue), .string(invariant.says), .integer(checked[invariant] ?? 0), .integer(broken[invariant] ?? 0),
                .array(breaches.filter { $0.invariant == invariant }.map(\.json)),
            ])
        }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        var table = Table([
            .init(""), .init("INVARIANT"), .init("CHECKED", isRightAligned: true), .init("BREACHES", isRightAligned: true),
            .init("SAYS", cut: .end),
        ])
        for invariant in Invariant.allCases {
            let count = broken[invariant] ?? 0
            table.add([
                .init(look.mark(count == 0 ? .good : .bad)), .init(invariant.rawValue), .init(grouped(checked[invariant] ?? 0)),
                .init(grouped(count), count == 0 ? .plain : .bad), .init(invariant.says),
            ])
        }
        guard !holds else { return table.lines(look) + ["", look.mark(.good, "all \(Invariant.allCases.count) hold")] }
        var rows = Table([.init("INVARIANT"), .init("ROW", cut: .middle), .init("ORDER", cut: .middle), .init("WHAT IS WRONG", cut: .end)])
        for breach in breaches {
            rows.add([.init(breach.invariant.rawValue), .init(breach.row), .init(breach.order ?? look.dash), .init(breach.words)])
        }
        let end = look.mark(
            .bad, counted(broken.values.reduce(0, +), "breach", "breaches") + " of \(counted(broken.count, "invariant"))")
        return table.lines(look) + [""] + rows.lines(look) + ["", end + (isCut ? ", more with --limit" : "")]
    }
}

extension Violation {
    var json: JSON {
        ["invariant": .string(invariant.rawValue), "row": .string(row), "order": .text(order), "words": .string(words)]
    }
}

extension Facts {
    /// The payout's amount, unless a limit that may be named is the same number.
    fileprivate var spokenAmount: Money? {
        guard case .money(let amount)? = self[.amount] else { return nil }
        var others = [self[.limit]]
        if case .phrase(_, _, let inner)? = self[.amountRule] { others.append(inner[.ruleAmount]) }
        let isNamed = others.contains { if case .money(let other)? = $0 { other == amount } else { false } }
        return isNamed ? nil : amount
    }
}

extension Money {
    /// Whether a number of the text is this amount, written with its fraction or beside its currency. Order numbers and masked tails are no
    /// numbers of their own, or have neither.
    func isNamed(in text: String) -> Bool {
        let whole = String(minor.magnitude)
        var unit: UInt64 = 1
        for _ in 0..<currency.digits { unit *= 10 }
        let (major, hasFraction) = (String(minor.magnitude / unit), minor.magnitude % unit != 0)
        let characters = Array(text)
        var at = 0
        while at < characters.count {
            guard characters[at].wholeNumberValue != nil else {
                at += 1
                continue
            }
            let start = at
            var (digits, separators) = ("", 0)
            while at < characters.count {
                if let digit = characters[at].wholeNumberValue {
                    digits += String(digit)
                } else if at + 1 < characters.count, characters[at + 1].wholeNumberValue != nil,
                    ",.'\u{A0}\u{202F}\u{66B}\u{66C}".contains(characters[at])
                {
                    separators += 1
                } else {
                    break
                }
                at += 1
            }
            let before = start > 0 ? characters[start - 1] : " "
            let isOfWord = (before.isLetter && before.isASCII && !isCurrency(characters[..<start])) || before == "*"
            guard !isOfWord else { continue }
            if digits == whole, separators > 0, currency.digits > 0 { return true }
            let stands = digits == whole && currency.digits == 0 || digits == major && !hasFraction
            if stands, isCurrency(characters[..<start]) || isCurrency(characters[at...]) { return true }
        }
        return false
    }

    /// Whether what stands before or after a number names a currency.
    private func isCurrency(_ text: ArraySlice<Character>) -> Bool {
        let words = String(text).trimmingSpaces
        let names = [currency.code, currency.sign, "¥", "￥", "$", "€", "£", "元", "圓"].compactMap(\.self)
        return names.contains { text.startIndex == 0 ? words.hasSuffix($0) : words.hasPrefix($0) }
    }
}
