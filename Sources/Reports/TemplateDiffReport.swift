public import Core
public import Templates
public import Terminal

/// `template diff`: what reads otherwise in another revision, text by text.
public struct TemplateDiffReport: Document {
    public static let schema = "clarion.template-diff/1"
    public var from, to: String
    public var changes: [TextChange]
    public init(from: String, to: String, changes: [TextChange]) { (self.from, self.to, self.changes) = (from, to, changes) }

    public var members: [(String, JSON)] {
        [
            ("from", .string(from)), ("to", .string(to)),
            ("changes", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) })),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["file", "key", "old", "new"])
        for change in changes { sheet.add([.string(change.file), .string(change.key), .text(change.old), .text(change.new)]) }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        guard !changes.isEmpty else { return [look.mark(.good, "\(from) and \(to) say the same")] }
        var lines = [look.bold("\(from) \(look.arrow) \(to)")]
        var file = ""
        for change in changes {
            if change.file != file {
                lines += ["", look.bold(change.file)]
                file = change.file
            }
            guard !change.key.isEmpty else {
                lines.append(look.dim("  comments only"))
                continue
            }
            lines.append("  " + look.dim(change.key))
            let (old, new) = (change.old.map(Safe.lines) ?? [], change.new.map(Safe.lines) ?? [])
            for (mark, text, other) in [("-", old, new), ("+", new, old)] {
                // Of many lines those that are others.
                for case .insert(_, let line, _) in text.difference(from: other) {
                    for piece in line.wrapped(to: look.screen.columns.map { max(20, $0 - 4) }) {
                        lines.append("  \(mark) " + Safe.isolated(piece))
                    }
                }
            }
        }
        let files = Set(changes.map(\.file)).count
        return lines + ["", "\(counted(changes.count, "text")) in \(counted(files, "file"))"]
    }
}
