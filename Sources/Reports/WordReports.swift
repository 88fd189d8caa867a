public import Core
public import Terminal

/// `reasons list` and `reasons show`.
public struct ReasonsReport: Document {
    public static let schema = "clarion.reasons/1"
    public var codes: [ReasonCode]
    /// All of them, or one in full.
    public init(_ codes: [ReasonCode] = ReasonCode.allCases) { self.codes = codes }

    /// Throws a not-found fault with the nearest code.
    public init(named name: String) throws(Fault) {
        guard let code = ReasonCode(rawValue: name) else {
            throw Fault(
                .notFound, "there is no reason \"\(name)\"", field: "code",
                hint: nearest(to: name, among: ReasonCode.allCases.map(\.rawValue)).map { "did you mean \"\($0)\"?" }
                    ?? "clarion reasons list")
        }
        codes = [code]
    }

    public var members: [(String, JSON)] { [("reasons", .array(codes.map { .object(Array(zip(Self.fields, Self.row($0)))) }))] }
    private static let fields = ["code", "group", "meaning", "would_change_it", "for_customer"]
    private static func row(_ code: ReasonCode) -> [JSON] {
        [.code(code), .code(code.group), .string(code.meaning), .text(code.remedy), .string(code.forCustomer)]
    }

    public var sheet: Sheet {
        var sheet = Sheet(Self.fields)
        for code in codes { sheet.add(Self.row(code)) }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        if codes.count == 1, let code = codes.first {
            var lines = ["\(look.bold(code.rawValue))  \(code.group.words)", "", "Means         \(code.meaning)"]
            if let remedy = code.remedy { lines.append("Would change  if \(remedy)") }
            return lines + ["To customers  \(code.forCustomer)"]
        }
        var table = Table([.init("CODE"), .init("MEANS", cut: .end)])
        var breaks: [(row: Int, group: ReasonCode.Group)] = []
        for group in ReasonCode.Group.allCases {
            let members = codes.filter { $0.group == group }
            if members.isEmpty { continue }
            breaks.append((table.rows.count, group))
            for code in members { table.add([.init(code.rawValue, .bold), .init(code.meaning)]) }
        }
        var lines = table.lines(look, hasHeading: false)
        for (row, group) in breaks.reversed() { lines.insert(contentsOf: (row == 0 ? [] : [""]) + [look.dim(group.words)], at: row) }
        return lines
    }
}

/// `states list`: what each word about a delivery may claim.
public struct StatesReport: Document {
    public static let schema = "clarion.states/1"
    public init() {}

    public var members: [(String, JSON)] {
        [
            (
                "states",
                .array(StateWord.Code.allCases.map { ["code": .code($0), "word": .string($0.word), "evidence": .string($0.evidence)] })
            )
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["code", "word", "evidence"])
        for code in StateWord.Code.allCases { sheet.add([.code(code), .string(code.word), .string(code.evidence)]) }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        var table = Table([.init("CODE"), .init("WORD"), .init("EVIDENCE NEEDED", cut: .end)])
        for code in StateWord.Code.allCases { table.add([.init(code.rawValue, .bold), .init(code.word), .init(code.evidence)]) }
        return table.lines(look)
    }
}
