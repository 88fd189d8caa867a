import Core
import Terminal

/// One word of a query: `name:value,value`, with a minus in front of what may not be; alone it is an order number or a delivery's id.
struct SearchWord {
    struct Value {
        var text: String
        /// In characters, from 0.
        var start: Int
    }
    enum Place { case name, value(Value) }

    var name: String
    var values: [Value]
    var isNegative: Bool
    private var start: Int
    private var query: String

    /// Quotes hold a value with spaces or commas together.
    static func all(in query: String) throws(Fault) -> [SearchWord] {
        let characters = Array(query)
        var words: [SearchWord] = []
        var at = 0
        while at < characters.count {
            guard !characters[at].isWhitespace else {
                at += 1
                continue
            }
            words.append(try read(characters, &at, query))
        }
        return words
    }

    private static func read(_ characters: [Character], _ at: inout Int, _ query: String) throws(Fault) -> SearchWord {
        let isNegative = characters[at] == "-" || characters[at] == "!"
        if isNegative { at += 1 }
        let start = at
        var (name, values, text, valueStart) = (String?.none, [Value](), "", at)
        while at < characters.count, !characters[at].isWhitespace {
            switch characters[at] {
            case "\"":
                let open = at
                at += 1
                while at < characters.count, characters[at] != "\"" {
                    text.append(characters[at])
                    at += 1
                }
                guard at < characters.count else { throw fault(query, open, 1, "the quote is not closed", hint: nil) }
            case ":" where name == nil && values.isEmpty:
                (name, text, valueStart) = (text, "", at + 1)
            case ",":
                values.append(Value(text: text, start: valueStart))
                (text, valueStart) = ("", at + 1)
            case let character: text.append(character)
            }
            at += 1
        }
        values.append(Value(text: text, start: valueStart))
        let bare = text.hasPrefix("dlv_") ? Search.Name.delivery : .order
        return SearchWord(name: name ?? bare.rawValue, values: values, isNegative: isNegative, start: start, query: query)
    }

    private init(name: String, values: [Value], isNegative: Bool, start: Int, query: String) {
        (self.name, self.values, self.isNegative, self.start, self.query) = (name, values, isNegative, start, query)
    }

    // MARK: Mistakes

    /// `there is no kind "risk_hld"`, with the nearest that there is.
    func fault(at place: Place, _ what: String, _ known: [String]) -> Fault {
        let word = if case .value(let value) = place { value.text } else { name }
        let hint = nearest(to: word, among: known).map { "did you mean \"\($0)\"?" } ?? "known: \(known.joined(separator: ", "))"
        return fault(at: place, "there is no \(what) \"\(word)\"", hint: hint)
    }

    func fault(at place: Place, _ words: String, hint: String?) -> Fault {
        switch place {
        case .name: Self.fault(query, start, name.count, words, hint: hint)
        case .value(let value): Self.fault(query, value.start, value.text.count, words, hint: hint)
        }
    }

    private static func fault(_ query: String, _ start: Int, _ count: Int, _ words: String, hint: String?) -> Fault {
        var fault = Fault(.usage, words, field: "query", hint: hint)
        fault.quoted = Fault.Quoted(query, column: start + 1, count: max(1, count))
        return fault
    }
}
