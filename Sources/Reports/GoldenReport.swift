public import Core
public import Terminal

/// `preview --golden`: texts against the files they are kept in.
public struct GoldenReport: Document {
    public static let schema = "clarion.preview.golden/1"
    public struct Difference: Sendable, Equatable {
        /// `golden/bank_delay.en.txt:12`
        public var place: String
        public var words: String
        public init(place: String, words: String) { (self.place, self.words) = (place, words) }
    }
    public var files, texts: Int
    public var differences: [Difference]
    /// Files that were written anew; nil when nothing was to be written.
    public var recorded: [String]?
    public init(files: Int, texts: Int, differences: [Difference] = [], recorded: [String]? = nil) {
        (self.files, self.texts, self.differences, self.recorded) = (files, texts, differences, recorded)
    }

    public var status: ExitStatus { differences.isEmpty && recorded == nil ? .success : .findings }

    public var members: [(String, JSON)] {
        [
            ("same", .bool(differences.isEmpty)), ("files", .integer(files)), ("texts", .integer(texts)),
            ("differences", .array(differences.map { ["place": .string($0.place), "problem": .string($0.words)] })),
            ("recorded", recorded.map { .array($0.map(JSON.string)) } ?? .null),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["place", "problem"])
        for item in differences { sheet.add([.string(item.place), .string(item.words)]) }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        let read = "\(counted(texts, "text")) in \(counted(files, "file"))"
        if let recorded {
            return recorded.map { Safe.text($0) } + [
                look.mark(.warning, "\(read), \(counted(recorded.count, "file")) written: look at the change, then run without --record")
            ]
        }
        guard !differences.isEmpty else { return [look.mark(.good, "\(read), all as they were kept")] }
        return differences.map { "\(Safe.text($0.place)): \(Safe.text($0.words))" } + [
            look.mark(.bad, "\(read), \(counted(differences.count, "file")) changed"), "  \(look.arrow) meant so? Again with --record",
        ]
    }
}
