import Core
public import Sandbox

extension Taken {
    /// A row of the sandbox. What it does with a repeat shows in the row: a body's digest beside an idempotency key, the key of a screen.
    public init(_ row: Row) {
        place = "sandbox row \(row.n)"
        (at, channel) = (row.at, row.channel)
        repeats = row.ids["body_sha256"] != nil ? .keyed : row.channel == .push && row.key != nil ? .collapsing : .blind
        names = Self.names(in: row.key ?? "")
        for value in row.ids.values { names.formUnion(Self.names(in: value)) }
    }

    /// The rows of one sandbox, with what each of them replaced.
    public static func rows(_ rows: [Row]) -> [Taken] {
        let covered = Set(rows.compactMap(\.replaces))
        return rows.map { row in
            var taken = Taken(row)
            taken.isCovered = covered.contains(row.n)
            return taken
        }
    }

    /// Our names in a text of a provider's: whatever stands between characters that no name of ours has. Short words are none.
    static func names(in text: String) -> Set<String> {
        Set(text.split { !$0.isASCII || !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init).filter { $0.utf8.count >= 16 })
    }

    /// A line of a scripted provider's own ledger (`ProviderLedger`).
    init(_ json: JSON, in file: String) throws {
        guard let n = json["n"]?.integer, let at = json["at"]?.integer,
            let channel = json["channel"]?.string.flatMap(Channel.init(rawValue:)),
            let repeats = json["repeats"]?.string.flatMap(Repeats.init(rawValue:)), let names = json["names"]?.array
        else { throw TextFile.Problem(description: "\(file) holds a line that is no message") }
        self.init(
            place: "\(file) row \(n)", at: Timestamp(milliseconds: at), channel: channel, repeats: repeats,
            isCovered: json["covered"]?.bool ?? false, names: Set(names.compactMap(\.string)))
    }
}
