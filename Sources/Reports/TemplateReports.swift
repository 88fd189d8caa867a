public import Core
public import Templates
public import Terminal

/// `template list`: what there is to say of each kind, in how many languages, and what it is looked at with.
public struct TemplatesReport: Document {
    public static let schema = "clarion.templates/1"
    public struct Row: Sendable, Equatable {
        public var kind: Kind
        /// With a file, or a declared fallback.
        public var locales: [TextLocale]
        public var variants: [String]
        /// Later stages that the kind says in words of its own.
        public var ownStages: [NoticeStage]
        public var fixtures: [String]
        public init(kind: Kind, locales: [TextLocale], variants: [String], ownStages: [NoticeStage], fixtures: [String]) {
            (self.kind, self.locales, self.variants, self.ownStages, self.fixtures) = (kind, locales, variants, ownStages, fixtures)
        }
    }
    public var revision: String
    public var rows: [Row]
    public init(revision: String, rows: [Row]) { (self.revision, self.rows) = (revision, rows) }

    public var members: [(String, JSON)] {
        [("revision", .string(revision)), ("kinds", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) }))]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["kind", "locales", "variants", "own_stages", "fixtures"])
        for row in rows {
            sheet.add([
                .code(row.kind), .array(row.locales.map { .code($0) }), .array(row.variants.map(JSON.string)),
                .array(row.ownStages.map { .code($0) }), .array(row.fixtures.map(JSON.string)),
            ])
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        var table = Table([
            .init("KIND"), .init("LANGUAGES", isRightAligned: true), .init("VARIANTS", priority: 1), .init("OWN STAGES", priority: 2),
            .init("FIXTURES", cut: .end),
        ])
        for row in rows {
            table.add([
                .init(row.kind.rawValue, .bold), .init(row.locales.count), .init(row.variants.joined(separator: ", ")),
                .init(row.ownStages.map(\.rawValue).joined(separator: ", ")), .init(row.fixtures.joined(separator: ", ")),
            ])
        }
        let fixtures = rows.reduce(0) { $0 + $1.fixtures.count }
        return table.lines(look) + ["", look.dim("\(counted(fixtures, "fixture")) \(look.dot) rev \(revision)")]
    }
}

/// `template coverage`: kinds and languages, and the branches that nothing is ever filled in with.
public struct CoverageReport: Document {
    public static let schema = "clarion.coverage/1"
    public var coverage: Coverage
    public init(_ coverage: Coverage) { self.coverage = coverage }

    public var members: [(String, JSON)] {
        [
            ("texts", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) })),
            (
                "untaken",
                .array(
                    coverage.untaken.map { branch in
                        [
                            "file": .string(branch.file), "line": .integer(branch.line), "column": .integer(branch.column),
                            "choice": .string(branch.choice), "branch": .string(branch.key),
                        ]
                    })
            ),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["kind", "locale", "text", "reviewed", "own_stages", "fixtures", "branches", "taken"])
        for cell in coverage.cells {
            sheet.add([
                .code(cell.kind), .code(cell.locale), .string(cell.isOwn ? "own" : "fallback"), .bool(cell.locale.isReviewed),
                .integer(cell.ownStages), .integer(cell.fixtures), .integer(cell.branches), .integer(cell.taken),
            ])
        }
        return sheet
    }

    /// A row for each kind, a column for each language; own words, words that nobody has reviewed, or English ones.
    public func human(_ look: Look) -> [String] {
        let locales = TextLocale.allCases
        var table = Table(
            [.init("KIND", cut: .end)] + locales.map { .init($0.rawValue) } + [
                .init("STAGES", priority: 1, isRightAligned: true), .init("FIXTURES", priority: 2, isRightAligned: true),
                .init("BRANCHES", priority: 3, isRightAligned: true),
            ])
        let (own, draft, english, none) = look.screen.isASCII ? ("ok", "~", "en", "-") : ("✓", "~", "en", "–")
        for (kind, cells) in Dictionary(grouping: coverage.cells, by: \.kind).sorted(by: { $0.key.ordinal < $1.key.ordinal }) {
            let marks = locales.map { locale -> Table.Cell in
                guard let cell = cells.first(where: { $0.locale == locale }) else { return .init(none, .dim) }
                return cell.isOwn ? .init(locale.isReviewed ? own : draft) : .init(english, .dim)
            }
            let branches = cells.reduce((0, 0)) { ($0.0 + $1.taken, $0.1 + $1.branches) }
            table.add(
                [.init(kind.rawValue, .bold)] + marks + [
                    .init(cells.map(\.ownStages).max() ?? 0), .init(cells.map(\.fixtures).max() ?? 0),
                    .init(branches.1 == 0 ? "" : "\(branches.0)/\(branches.1)"),
                ])
        }
        var lines =
            table.lines(look) + [
                "", look.dim("\(own) own words   \(draft) not yet reviewed by a native speaker   \(english) falls back to English"),
            ]
        if !coverage.untaken.isEmpty { lines.append("") }
        for branch in coverage.untaken {
            lines.append(Safe.text("\(branch.file):\(branch.line):\(branch.column): \(branch.choice): nothing takes \"\(branch.key)\""))
        }
        let count = coverage.untaken.count
        lines += [
            "",
            count == 0
                ? look.mark(.good, "every branch is taken")
                : look.mark(.warning, "\(counted(count, "branch", "branches")) that no fixture and no sample takes"),
        ]
        return lines
    }
}
