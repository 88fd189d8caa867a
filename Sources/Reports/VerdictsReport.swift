public import Core
public import Store
public import Terminal

/// `audit sample --results`: how many of those that were looked at were right, by what they are, and every wrong one.
public struct VerdictsReport: Document {
    public static let schema = "clarion.audit.verdicts/1"
    public struct Share: Sendable, Equatable {
        public var right = 0, wrong = 0
        public var count: Int { right + wrong }

        /// Where the true share lies in 19 of 20 samples like this one: Wilson's interval, good for few as well, in thousandths.
        public var interval: (low: Int, high: Int)? {
            guard count > 0 else { return nil }
            let (n, p, z) = (Double(count), Double(right) / Double(count), 1.959964)
            let (middle, scale) = (p + z * z / (2 * n), 1 + z * z / n)
            let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
            return (Int(((middle - half) / scale * 1000).rounded()), Int(((middle + half) / scale * 1000).rounded()))
        }
    }
    public struct Wrong: Sendable {
        public var hit: SearchReport.Hit
        public var verdict: Judgement
    }
    public var all = Share()
    /// `kind`, `channel`, `locale`; then the word.
    public var by: [(name: String, words: [(word: String, share: Share)])] = []
    public var wrong: [Wrong] = []

    /// - Parameter limit: of the wrong ones that are listed, newest first.
    public static func gather(from reader: any StoreReader, limit: Int) throws -> VerdictsReport {
        var (report, seen, before) = (VerdictsReport(), Set<DeliveryID>(), Int64?.none)
        var sums: [String: [String: Share]] = [:]
        while true {
            let page = try reader.verdicts(before: before, limit: 500)
            // Newest first: of several on one delivery the last counts.
            for verdict in page where seen.insert(verdict.delivery).inserted {
                guard let row = try reader.delivery(verdict.delivery), let notice = try reader.notice(row.notice) else { continue }
                report.all.count(verdict)
                for (name, word) in [
                    ("kind", notice.kind.rawValue), ("channel", row.channel.rawValue), ("locale", notice.locale.rawValue),
                ] {
                    sums[name, default: [:]][word, default: Share()].count(verdict)
                }
                if !verdict.isRight, report.wrong.count < limit {
                    report.wrong.append(
                        Wrong(hit: .init(delivery: DeliveryFact(row), kind: notice.kind, stage: notice.stage), verdict: verdict))
                }
            }
            guard page.count == 500, let last = page.last else { break }
            before = last.id
        }
        report.by = ["kind", "channel", "locale"].map { name in
            (name, (sums[name] ?? [:]).sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { ($0.key, $0.value) })
        }
        return report
    }
}

extension VerdictsReport.Share {
    fileprivate mutating func count(_ verdict: Judgement) { if verdict.isRight { right += 1 } else { wrong += 1 } }
    fileprivate var json: JSON {
        [
            "judged": .integer(count), "right": .integer(right), "wrong": .integer(wrong),
            "share_low_permille": interval.map { .integer($0.low) } ?? .null,
            "share_high_permille": interval.map { .integer($0.high) } ?? .null,
        ]
    }
    fileprivate func cells(_ look: Look) -> [Table.Cell] {
        let share = interval.map { "\(Self.percent($0.low)) to \(Self.percent($0.high))" } ?? look.dash
        return [.init(grouped(count)), .init(grouped(right)), .init(grouped(wrong), wrong == 0 ? .plain : .bad), .init(share)]
    }
    private static func percent(_ permille: Int) -> String { "\(permille / 10).\(permille % 10) %" }
}

extension VerdictsReport {
    public var members: [(String, JSON)] {
        [
            ("all", all.json), ("by", .object(by.map { ($0.name, .object($0.words.map { ($0.word, $0.share.json) })) })),
            (
                "wrong",
                .array(wrong.map { .object(($0.hit.json.object ?? []) + [("judged", $0.verdict.json)]) })
            ),
        ]
    }

    public var sheet: Sheet {
        var sheet = Sheet(["of", "word", "judged", "right", "wrong"])
        sheet.add(["all", nil, .integer(all.count), .integer(all.right), .integer(all.wrong)])
        for (name, words) in by {
            for (word, share) in words {
                sheet.add([.string(name), .string(word), .integer(share.count), .integer(share.right), .integer(share.wrong)])
            }
        }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        guard all.count > 0 else { return ["Nothing was judged yet.", "  \(look.arrow) clarion audit sample --count 20"] }
        var table = Table([
            .init("OF"), .init("WORD"), .init("JUDGED", isRightAligned: true), .init("RIGHT", isRightAligned: true),
            .init("WRONG", isRightAligned: true), .init("RIGHT OF ALL, 19 TIMES OF 20"),
        ])
        table.add([.init("all"), .init("")] + all.cells(look))
        for (name, words) in by {
            for (index, entry) in words.enumerated() {
                table.add([.init(index == 0 ? name : ""), .init(entry.word)] + entry.share.cells(look))
            }
        }
        guard !wrong.isEmpty else { return table.lines(look) }
        var rows = Table([
            .init("WRONG", cut: .middle), .init("ORDER", cut: .middle), .init("NOTICE"), .init("CHANNEL"), .init("NOTE", cut: .end),
        ])
        for one in wrong {
            rows.add([
                .init(one.hit.delivery.id), .init(one.hit.delivery.order), .init("\(one.hit.kind.rawValue) \(one.hit.stage.rawValue)"),
                .init(one.hit.delivery.channel.rawValue), .init(Safe.text(one.verdict.note)),
            ])
        }
        return table.lines(look) + [""] + rows.lines(look)
    }
}
