public import Core
public import Terminal

/// `fence show`: whether something keeps a store from sending, and what waits for it.
public struct FenceReport: Document {
    public static let schema = "clarion.fence/1"
    /// Nil: nothing does.
    public var why: String?
    public var waiting: [Channel: Int]
    /// Of these, what may have been taken already.
    public var inDoubt: Int
    public init(why: String?, waiting: [Channel: Int], inDoubt: Int) { (self.why, self.waiting, self.inDoubt) = (why, waiting, inDoubt) }

    private var sorted: [(Channel, Int)] { waiting.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    public var members: [(String, JSON)] {
        [
            ("fenced", .bool(why != nil)), ("why", .text(why)), ("waiting", .object(sorted.map { ($0.0.rawValue, .integer($0.1)) })),
            ("in_doubt", .integer(inDoubt)),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["fenced", "why", "channel", "waiting"])
        for (channel, count) in sorted { sheet.add([.bool(why != nil), .text(why), .code(channel), .integer(count)]) }
        if sorted.isEmpty { sheet.add([.bool(why != nil), .text(why), .null, .integer(0)]) }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        guard let why else { return [look.mark(.good, "the store is where it was; nothing holds it back")] }
        let all = sorted.map { "\($0.1) \($0.0.rawValue)" }.joined(separator: ", ")
        var lines = [look.mark(.bad, "nothing is sent: \(why)"), "  waiting: \(all.isEmpty ? "nothing" : all)"]
        if inDoubt > 0 { lines.append("  of these \(inDoubt) may have been taken before") }
        return lines + [
            "", "What was sent after the backup is not known here: some of it may be among what waits.",
            "Look:    clarion audit search state:queued", "Discard: clarion fence release --discard --reason \"…\"",
            "Send:    clarion fence release --send --reason \"…\"",
        ]
    }
}
