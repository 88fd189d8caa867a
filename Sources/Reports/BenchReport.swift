public import Core
public import Terminal

/// What `make bench` wrote: `{case: {"value", "limit", "ratio", "target", "ok", "unit", "better", …}}`, in the order of the file.
public struct BenchFile: Sendable {
    public struct Case: Sendable, Equatable {
        /// Ours by the limit program's of the same run, where there is one; else the value in `unit`. Ratios hold on any machine.
        public var figure: Double
        public var isRatio: Bool
        public var isMoreBetter: Bool
        public var unit: String
    }
    public private(set) var cases: [(name: String, Case)] = []

    /// - Parameter file: its name, for the message.
    /// - Throws: a usage fault that names the case and member that is missing or wrong.
    public init(parsing text: String, file: String) throws(Fault) {
        let json: JSON
        do { json = try JSON(parsing: text) } catch { throw Fault(.usage, error.description, field: file, hint: Self.hint) }
        guard let members = json.object else { throw Fault(.usage, "expected an object of cases", field: file, hint: Self.hint) }
        for (name, body) in members { cases.append((name, try Self.read(body, "\(file): \(PlainText(name))"))) }
    }

    private static let hint = "`make bench` writes .build/bench.json"

    private static func read(_ body: JSON, _ field: String) throws(Fault) -> Case {
        func number(_ name: String) throws(Fault) -> Double? {
            switch body[name] {
            case .number(let text): return Double(text)
            case nil, .null: return nil
            default: throw Fault(.usage, "expected a number", field: "\(field).\(name)", hint: hint)
            }
        }
        let (ratio, value) = (try number("ratio"), try number("value"))
        guard let figure = ratio ?? value, figure > 0 else {
            throw Fault(.usage, "expected a number above 0", field: "\(field).value", hint: hint)
        }
        guard let better = body["better"]?.string, ["more", "less"].contains(better) else {
            throw Fault(.usage, "expected more or less", field: "\(field).better", hint: hint)
        }
        return Case(figure: figure, isRatio: ratio != nil, isMoreBetter: better == "more", unit: body["unit"]?.string ?? "")
    }

    public subscript(_ name: String) -> Case? { cases.first { $0.name == name }?.1 }
}

/// `bench compare`: two runs of `make bench`, case by case.
public struct BenchReport: Document {
    public static let schema = "clarion.bench.compare/1"

    public enum Verdict: String, Sendable {
        case better, same, worse, new
        /// In the older file only, or measured against another thing: nobody knows whether it became worse, so it counts as if it had.
        case gone
    }
    public struct Row: Sendable, Equatable {
        public var name: String
        public var old, new: Double?
        public var isRatio: Bool
        public var unit: String
        /// How much better in percent of the old figure, whichever way is better; negative is worse.
        public var gain: Double?
        public var verdict: Verdict
    }
    public var rows: [Row]
    /// Percent that a case may lose.
    public var tolerance: Double

    public init(old: BenchFile, new: BenchFile, tolerance: Double = 10) {
        self.tolerance = tolerance
        rows = old.cases.map { name, was in Self.row(name, was, new[name], tolerance) }
        for (name, now) in new.cases where old[name] == nil {
            rows.append(Row(name: name, new: now.figure, isRatio: now.isRatio, unit: now.unit, verdict: .new))
        }
    }

    private static func row(_ name: String, _ was: BenchFile.Case, _ now: BenchFile.Case?, _ tolerance: Double) -> Row {
        var row = Row(name: name, old: was.figure, new: now?.figure, isRatio: was.isRatio, unit: was.unit, verdict: .gone)
        guard let now, (now.isRatio, now.isMoreBetter, now.unit) == (was.isRatio, was.isMoreBetter, was.unit) else { return row }
        let change = (now.figure / was.figure - 1) * 100
        let gain = was.isMoreBetter ? change : -change
        row.gain = gain
        row.verdict = gain < -tolerance ? .worse : gain > tolerance ? .better : .same
        return row
    }

    public var regressions: [Row] { rows.filter { $0.verdict == .worse || $0.verdict == .gone } }
    public var status: ExitStatus { regressions.isEmpty ? .success : .findings }

    public var members: [(String, JSON)] {
        [
            ("tolerance_percent", Self.json(tolerance)), ("regressions", .array(regressions.map { .string($0.name) })),
            ("cases", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) })),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["case", "measure", "old", "new", "gain_percent", "verdict"])
        for row in rows {
            sheet.add([
                .string(row.name), .string(row.measure), Self.json(row.old), Self.json(row.new), Self.json(row.gain),
                .string(row.verdict.rawValue),
            ])
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        var table = Table([
            .init("CASE"), .init("OLD", isRightAligned: true), .init("NEW", isRightAligned: true), .init("OF"),
            .init("GAIN", isRightAligned: true), .init("VERDICT"),
        ])
        for row in rows {
            let style: Table.Cell.Style = [.worse, .gone].contains(row.verdict) ? .bad : row.verdict == .better ? .good : .plain
            table.add([
                .init(row.name, .bold), .init(Self.shown(row.old, look)), .init(Self.shown(row.new, look)), .init(row.measure, .dim),
                .init(row.gain.map { Self.shown($0, places: 1) + " %" } ?? look.dash), .init(row.verdict.rawValue, style),
            ])
        }
        let bad = regressions.count
        let limit = "more than \(Self.shown(tolerance, places: 0)) %"
        let words = bad == 0 ? "nothing lost \(limit)" : "\(counted(bad, "case")) lost \(limit), or \(bad == 1 ? "is" : "are") gone"
        return table.lines(look) + ["", look.mark(bad == 0 ? .good : .bad, words)]
    }

    private static func shown(_ figure: Double?, _ look: Look) -> String { figure.map { shown($0, places: places(of: $0)) } ?? look.dash }
    private static func places(of figure: Double) -> Int { abs(figure) >= 1 || figure == 0 ? 2 : abs(figure) >= 0.001 ? 4 : 7 }

    /// Plain digits, never `1e-05`.
    private static func shown(_ figure: Double, places: Int) -> String {
        var unit = 1.0
        for _ in 0..<places { unit *= 10 }
        let whole = (abs(figure) * unit).rounded()
        guard whole < 1e15 else { return "\(figure)" }
        let digits = String(Int64(whole))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = figure < 0 && whole > 0 ? "-" : ""
        return sign + padded.dropLast(places) + (places > 0 ? "." + padded.suffix(places) : "")
    }

    private static func json(_ figure: Double?) -> JSON { figure.map { .number(shown($0, places: places(of: $0))) } ?? .null }
}

extension BenchReport.Row {
    fileprivate var measure: String { isRatio ? "limit" : unit }
}
