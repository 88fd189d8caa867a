public import Core

/// The forms an answer can be had in.
public enum OutputForm: String, Sendable, CaseIterable {
    case human
    /// Tab-separated, stable.
    case plain
    /// One object with a `schema`.
    case json
    /// One object a line.
    case ndjson
    case csv
    /// A table in Markdown, for a ticket or a page.
    case md

    public var isJSON: Bool { self == .json || self == .ndjson }
}

/// An answer that can be shown in every form. Pure: the same values give the same bytes.
public protocol Document: Sendable {
    /// `clarion.audit.order/1`: a new number when a member changes its meaning or goes.
    static var schema: String { get }
    /// The members after `schema`.
    var members: [(String, JSON)] { get }
    func human(_ look: Look) -> [String]
    /// The rows of the answer; nil for an answer that has none.
    var sheet: Sheet { get }
}

extension Document {
    public var json: JSON { .object([("schema", .string(Self.schema))] + members) }

    /// The whole text for stdout. Throws a usage fault for a field that the answer does not have.
    public func text(as form: OutputForm, _ look: Look, fields: [String] = []) throws(Fault) -> String {
        let sheet = fields.isEmpty ? self.sheet : try self.sheet.keeping(fields)
        switch form {
        case .human: return human(look).map { $0 + "\n" }.joined()
        case .plain: return sheet.plain
        case .json: return json.text + "\n"
        case .ndjson: return sheet.ndjson
        case .csv: return sheet.csv
        case .md: return sheet.markdown
        }
    }
}

extension JSON {
    /// A string, or null.
    public static func text(_ value: (some CustomStringConvertible)?) -> JSON { value.map { .string($0.description) } ?? .null }
    public static func code(_ value: (some RawRepresentable<String>)?) -> JSON { value.map { .string($0.rawValue) } ?? .null }
}

extension Money {
    /// Plain digits with the currency's own number of decimals: `1250.00`, `1250`, `1.250`.
    public var decimal: String {
        let text = String(minor.magnitude)
        let places = currency.digits
        let padded = String(repeating: "0", count: max(0, places + 1 - text.count)) + text
        let sign = minor < 0 ? "-" : ""
        guard places > 0 else { return sign + padded }
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }
    /// `{"value":"1250.00","currency":"USD"}`
    public var json: JSON { ["value": .string(decimal), "currency": .string(currency.code)] }
    /// `1,250.00 USD`
    public var shown: String {
        let parts = decimal.split(separator: ".")
        let whole = parts[0].hasPrefix("-") ? "-" + grouped(UInt64(parts[0].dropFirst()) ?? 0) : grouped(UInt64(parts[0]) ?? 0)
        return whole + (parts.count > 1 ? ".\(parts[1])" : "") + " " + currency.code
    }
}
