public import Core
public import Terminal

/// `config show`: every setting as it is in force; what leads to a secret is hidden.
public struct ConfigReport: Document {
    public static let schema = "clarion.config/1"
    public struct Row: Sendable, Equatable {
        public var key, value: String
        /// `config/clarion.yaml:4`, `environment CLARION_MODE`, `flag`, `default`.
        public var origin: String
        public init(key: String, value: String, origin: String) { (self.key, self.value, self.origin) = (key, value, origin) }
    }
    public var file: String
    public var rows: [Row]
    public var showsOrigin: Bool
    public init(file: String, rows: [Row], showsOrigin: Bool) { (self.file, self.rows, self.showsOrigin) = (file, rows, showsOrigin) }

    public var members: [(String, JSON)] {
        [("file", .string(file)), ("settings", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) }))]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["key", "value"] + (showsOrigin ? ["origin"] : []))
        for row in rows { sheet.add([.string(row.key), .string(row.value)] + (showsOrigin ? [.string(row.origin)] : [])) }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        var table = Table([.init("KEY"), .init("VALUE", cut: .end)] + (showsOrigin ? [.init("FROM", cut: .middle)] : []))
        for row in rows {
            // A default is what nobody said: it steps back behind what somebody did.
            let style: Table.Cell.Style = row.origin == "default" ? .dim : .plain
            table.add([.init(row.key, .bold), .init(row.value, style)] + (showsOrigin ? [.init(row.origin, .dim)] : []))
        }
        return table.lines(look)
    }
}
