public import Core
public import Terminal

/// What is kept how long, what was dropped so far, and how far erasures and a change of keys are.
public struct RetentionReport: Document {
    public static let schema = "clarion.retention/1"
    public var state: KeepingState
    public var periods: [RetentionClass: Duration]
    public init(_ state: KeepingState, periods: [RetentionClass: Duration]) { (self.state, self.periods) = (state, periods) }

    public var members: [(String, JSON)] {
        [
            ("classes", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) })), ("erasures_open", .integer(state.erasing)),
            ("master_key", .string(state.masterKey)), ("wrapping", .bool(state.isWrapping)),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["class", "kept_ms", "dropped", "what"])
        for kind in RetentionClass.allCases {
            sheet.add([
                .string(kind.rawValue), .integer(periods[kind]?.milliseconds ?? 0), .integer(state.dropped[kind] ?? 0),
                .string(kind.meaning),
            ])
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        var table = Table([
            .init("CLASS"), .init("KEPT", isRightAligned: true), .init("DROPPED", isRightAligned: true), .init("WHAT", cut: .end),
        ])
        for kind in RetentionClass.allCases {
            table.add([
                .init(kind.rawValue, .bold), .init(periods[kind].map { spoken($0) } ?? look.dash), .init(state.dropped[kind] ?? 0),
                .init(kind.meaning),
            ])
        }
        var lines = table.lines(look) + [""]
        lines.append(
            state.erasing == 0
                ? look.mark(.good, "no erasure is under way")
                : look.mark(.warning, "\(counted(state.erasing, "customer")): the key is destroyed, rows are still being emptied"))
        lines.append(
            state.isWrapping
                ? look.mark(.warning, "master key \(state.masterKey): data keys are still being wrapped with it")
                : look.mark(.good, "master key \(state.masterKey) wraps every data key"))
        return lines
    }
}

extension RetentionClass {
    public var meaning: String {
        switch self {
        case .events: "bodies of events; that an event came is known for ever"
        case .contents: "the exact bytes of messages and calls; digest, facts and revision stay"
        case .contacts: "addresses of deliveries, from their notice on"
        case .inbox: "items in a customer's inbox"
        case .deadLetters: "dead letters that are closed"
        }
    }
}
