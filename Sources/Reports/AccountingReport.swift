public import Core
public import Terminal

/// What came in and what became of it: the end of a replay, and `audit stats` in short. Its JSON keeps this order of keys.
public struct AccountingReport: Document {
    public static let schema = "clarion.accounting/1"
    public var sums: Accounting
    /// Lines or messages read; nil: what the law says was read.
    public var read: Int?
    public var elapsed: Duration?
    public init(_ sums: Accounting, read: Int? = nil, elapsed: Duration? = nil) {
        (self.sums, self.read, self.elapsed) = (sums, read, elapsed)
    }

    private var counted: Int { sums.duplicate + sums.conflict + sums.rejected + sums.accepted }
    private var suppressed: Int { sums.suppressed.values.reduce(0, +) }

    /// What does not add up, in words; empty when both halves of the accounting law hold.
    public var breaches: [String] {
        var out: [String] = []
        let read = read ?? counted
        if read != counted { out.append("read \(read), but duplicate + conflict + rejected + accepted = \(counted)") }
        let fates = sums.planned + suppressed + sums.stale + sums.recorded + sums.pending
        if sums.accepted != fates {
            out.append("accepted \(sums.accepted), but planned + suppressed + stale + recorded + pending = \(fates)")
        }
        return out
    }

    public var members: [(String, JSON)] {
        var members: [(String, JSON)] = [
            ("read", .integer(read ?? counted)), ("duplicate", .integer(sums.duplicate)), ("conflict", .integer(sums.conflict)),
            ("rejected", .integer(sums.rejected)), ("accepted", .integer(sums.accepted)), ("planned", .integer(sums.planned)),
            (
                "suppressed",
                .object(sums.suppressed.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.rawValue, .integer($0.value)) })
            ),
            ("stale", .integer(sums.stale)), ("recorded", .integer(sums.recorded)), ("pending", .integer(sums.pending)),
            ("unmapped", .integer(sums.unmapped)), ("deliveries", .object(deliveries)), ("incidents", .integer(sums.incidents)),
            ("reviews", .integer(sums.reviews)),
        ]
        members.append(("elapsed_s", elapsed.map { .number(decimalSeconds($0)) } ?? .null))
        return members
    }

    private var deliveries: [(String, JSON)] {
        Channel.allCases.compactMap { channel in
            guard let states = sums.deliveries[channel], !states.isEmpty else { return nil }
            return (
                channel.rawValue,
                .object(DeliveryState.allCases.compactMap { state in states[state].map { (state.rawValue, .integer($0)) } })
            )
        }
    }

    public var sheet: Sheet {
        var sheet = Sheet(["what", "of", "count"])
        for (name, value) in members {
            switch value {
            case .object(let parts):
                for (part, inner) in parts {
                    if case .object(let states) = inner {
                        for (state, count) in states { sheet.add([.string("\(name).\(part)"), .string(state), count]) }
                    } else {
                        sheet.add([.string(name), .string(part), inner])
                    }
                }
            default: sheet.add([.string(name), nil, value])
            }
        }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        var out = [
            "\(grouped(read ?? counted)) read = \(grouped(sums.duplicate)) duplicate + \(grouped(sums.conflict)) conflict + \(grouped(sums.rejected)) rejected"
                + " + \(grouped(sums.accepted)) accepted",
            "\(grouped(sums.accepted)) accepted = \(grouped(sums.planned)) planned + \(grouped(suppressed)) suppressed + \(grouped(sums.stale)) stale"
                + " + \(grouped(sums.recorded)) recorded + \(grouped(sums.pending)) pending",
        ]
        let reasons = sums.suppressed.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
        if !reasons.isEmpty {
            out.append("  suppressed: " + reasons.map { "\(grouped($0.value)) \($0.key.rawValue)" }.joined(separator: ", "))
        }
        for (channel, states) in deliveries {
            out.append("  \(channel): " + (states.object ?? []).map { "\($0.1.text) \($0.0)" }.joined(separator: ", "))
        }
        out.append(
            "\(Terminal.counted(sums.incidents, "incident")), \(Terminal.counted(sums.reviews, "open review")), "
                + "\(Terminal.counted(sums.unmapped, "unmapped code"))" + (elapsed.map { ", \(spoken($0))" } ?? ""))
        return out + (breaches.isEmpty ? [look.mark(.good, "everything is accounted for")] : breaches.map { look.mark(.bad, $0) })
    }
}
