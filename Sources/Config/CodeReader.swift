import Core
import StrictYAML

/// `reason-codes.csv`, `internal-codes.csv`: a source's own code → kind. Several files make one table; a code stands in it once.
struct CodeReader {
    static let columns = ["source", "code", "meaning_en", "meaning_zh", "anomaly_kind", "is_transient", "customer_action", "doc_ref"]

    private(set) var codes: [String: [String: CodeRule]] = [:]
    private var places: [String: [String: String]] = [:]
    let findings: Findings

    init(_ findings: Findings) { self.findings = findings }

    mutating func read(_ text: String, file: String) {
        for row in CSV.rows(text, file: file, columns: Self.columns, findings) { read(row, file: file) }
    }

    private mutating func read(_ row: CSV.Row, file: String) {
        let (source, code) = (row.fields[0], row.fields[1])
        func fail(_ words: String, column: Int, hint: String? = nil) {
            findings.add(Problem(words, file: file, line: row.line, key: Self.columns[column], hint: hint))
        }
        // The spelling is the provider's, so no trimming, folding or counting: `05` is not `5`.
        if !KindReader.isName(source) { fail("expected a name of small letters, digits and _", column: 0) }
        if !Self.isCode(code) { fail("expected 1 to 128 characters without a blank at either end", column: 1) }
        for column in [2, 3, 7] where row.fields[column].isEmpty { fail("is empty", column: column) }
        let kind = Kind(rawValue: row.fields[4])
        if kind == nil, row.fields[4] != "none" {
            let near = nearest(to: row.fields[4], among: Kind.allCases.map(\.rawValue) + ["none"])
            fail("unknown kind \"\(row.fields[4])\"", column: 4, hint: near.map { "did you mean \"\($0)\"?" })
        }
        if !["true", "false"].contains(row.fields[5]) { fail("expected true or false", column: 5) }
        if CustomerAction(rawValue: row.fields[6]) == nil {
            let near = nearest(to: row.fields[6], among: CustomerAction.allCases.map(\.rawValue))
            fail("unknown action \"\(row.fields[6])\"", column: 6, hint: near.map { "did you mean \"\($0)\"?" })
        }
        if let first = places[source]?[code] {
            fail("\(source) has the code \"\(code)\" already", column: 1, hint: "first at \(first)")
            return
        }
        places[source, default: [:]][code] = "\(file):\(row.line)"
        codes[source, default: [:]][code] = CodeRule(kind: kind, isTransient: row.fields[5] == "true", action: row.fields[6])
    }

    private static func isCode(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last, text.utf8.count <= 128 else { return false }
        return !first.properties.isWhitespace && !last.properties.isWhitespace && !text.unicodeScalars.contains(where: PlainText.isHidden)
    }
}

/// `rails.yaml` and `bank-baselines.csv`: how long a payout may be pending.
enum BaselineReader {
    static let columns = ["bank_code", "rail", "p50_s", "p95_s", "p99_s"]

    static func rails(_ root: YAML) -> [String: Duration] {
        var rails: [String: Duration] = [:]
        guard let top = root.mapping(), let list = top.required("rails")?.mapping() else { return rails }
        for section in ["zones", "countries", "banks", "amounts"] { _ = top[section] }
        top.close()
        for (name, node) in list.all {
            if !KindReader.isName(name) { list.fail("expected a name of small letters, digits and _", atKey: name) }
            if name == Catalogue.anyRail { list.fail("this name stands for all rails", atKey: name) }
            rails[name] = node.duration(in: .zero ... .days(30))
        }
        if list.isEmpty { list.node.fail("no rail at all") }
        return rails
    }

    /// By whose clock the banks of a rail work.
    ///
    /// - Parameter rails: the known ones.
    static func zones(_ root: YAML, rails: Set<String>) -> [String: String] {
        guard let node = root.mapping()?["zones"], let list = node.mapping() else { return [:] }
        var zones: [String: String] = [:]
        for (name, node) in list.all {
            if !rails.contains(name) {
                list.fail("unknown rail", atKey: name, hint: nearest(to: name, among: rails).map { "did you mean \"\($0)\"?" })
            }
            guard let text = node.text() else { continue }
            if ZoneName.isKnown(text) { zones[name] = text } else { ZoneName.fail(node, text) }
        }
        return zones
    }

    /// How amounts are shown.
    ///
    /// - Parameter rails: the known ones.
    static func amounts(_ root: YAML, rails: Set<String>) -> [String: [String: AmountRule]] {
        guard let node = root.mapping()?["amounts"], let list = node.mapping() else { return [:] }
        var amounts: [String: [String: AmountRule]] = [:]
        for (name, node) in list.all {
            if name != Catalogue.anyRail, !rails.contains(name) {
                list.fail("unknown rail", atKey: name, hint: nearest(to: name, among: rails).map { "did you mean \"\($0)\"?" })
            }
            guard let currencies = node.mapping() else { continue }
            for (code, node) in currencies.all {
                guard let currency = Currency(code) else {
                    currencies.fail("unknown currency", atKey: code)
                    continue
                }
                amounts[name, default: [:]][code] = amount(node, currency)
            }
        }
        return amounts
    }

    private static func amount(_ node: YAML, _ currency: Currency) -> AmountRule? {
        guard let fields = node.mapping() else { return nil }
        defer { fields.close() }
        let digits = fields["digits"]
        guard let word = fields.required("rounding"), let text = word.text() else { return nil }
        guard let rounding = AmountRule.Rounding(rawValue: text) else {
            word.fail("expected exact or down", hint: "rounded otherwise, a customer could be told more than is owed")
            return nil
        }
        guard rounding == .down else { return AmountRule(digits: currency.digits, rounding: .exact) }
        guard let digits = (digits ?? fields.required("digits"))?.int(in: currency.leastDigits...currency.digits) else { return nil }
        return AmountRule(digits: digits, rounding: .down)
    }

    /// - Parameter rails: the known ones; nil when their file could not be read, then they are not compared.
    static func baselines(_ text: String, file: String, rails: Set<String>?, _ findings: Findings) -> [String: [String: Baseline]] {
        var baselines: [String: [String: Baseline]] = [:]
        var lines: [String: Int] = [:]
        for row in CSV.rows(text, file: file, columns: columns, findings) {
            let (bank, rail) = (row.fields[0], row.fields[1])
            func fail(_ words: String, column: Int, hint: String? = nil) {
                findings.add(Problem(words, file: file, line: row.line, key: columns[column], hint: hint))
            }
            if !Identifier.isValid(bank, limit: 64) { fail("expected a bank code of letters and digits", column: 0) }
            if let rails, !rails.contains(rail) {
                fail("unknown rail \"\(rail)\"", column: 1, hint: nearest(to: rail, among: rails).map { "did you mean \"\($0)\"?" })
            }
            let seconds = (2...4).map { column -> Int? in
                guard let value = Int(row.fields[column]), String(value) == row.fields[column] else {
                    fail("expected a whole number of seconds", column: column)
                    return nil
                }
                if value < 0 { fail("\(value) is negative", column: column) }
                return value
            }
            guard let p50 = seconds[0], let p95 = seconds[1], let p99 = seconds[2] else { continue }
            if p50 > p95 { fail("P95 \(p95) is below P50 \(p50)", column: 3) }
            if p95 > p99 { fail("P99 \(p99) is below P95 \(p95)", column: 4) }
            if let first = lines[bank + "," + rail] {
                fail("\(bank) has a line for \(rail) already", column: 1, hint: "first on line \(first)")
                continue
            }
            lines[bank + "," + rail] = row.line
            baselines[bank, default: [:]][rail] = Baseline(p50: p50, p95: p95, p99: p99)
        }
        return baselines
    }
}
