public import Core
public import Store
public import Terminal

/// `audit verify`: the hash chain of the delivery log, walked from its first row to its last.
public struct VerifyReport: Document {
    public static let schema = "clarion.audit.verify/1"
    public var rows: Int64
    public var broken: ChainBreak?
    public init(rows: Int64, broken: ChainBreak?) { (self.rows, self.broken) = (rows, broken) }

    public static func gather(from reader: any StoreReader) throws -> VerifyReport {
        VerifyReport(rows: try reader.lastLogSeq(), broken: try reader.verifyChain())
    }
    public var status: ExitStatus { broken == nil ? .success : .integrity }

    public var members: [(String, JSON)] {
        [
            ("intact", .bool(broken == nil)), ("rows", .integer(rows)), ("broken_at", broken.map { .integer($0.seq) } ?? .null),
            ("problem", .text(broken?.words)),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["intact", "rows", "broken_at", "problem"])
        sheet.add(members.map { $0.1 })
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        if let broken { return [look.mark(.bad, "the log is broken at row \(grouped(broken.seq)) of \(grouped(rows)): \(broken.words)")] }
        return [look.mark(.good, "\(counted(Int(rows), "record")) intact")]
    }
}
