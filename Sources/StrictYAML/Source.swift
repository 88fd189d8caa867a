/// One file's text, split once, for finding the place of something inside it.
final class Source {
    let file: String
    let text: String
    private(set) lazy var lines: [[Unicode.Scalar]] = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(
        Array.init)

    init(file: String, text: String) { (self.file, self.text) = (file, text) }

    /// The first occurrence of `needle` at or after a place, on one line. Line and column count from 1, columns in Unicode scalars.
    func find(_ needle: String, fromLine line: Int, column: Int, skipping skipped: Int = 0) -> (line: Int, column: Int)? {
        let wanted = Array(needle.unicodeScalars)
        guard !wanted.isEmpty, line >= 1 else { return nil }
        var left = skipped
        for index in (line - 1)..<max(line - 1, lines.count) {
            let scalars = lines[index]
            var at = index == line - 1 ? max(column - 1, 0) : 0
            while at + wanted.count <= scalars.count {
                if scalars[at..<at + wanted.count].elementsEqual(wanted) {
                    if left == 0 { return (index + 1, at + 1) }
                    left -= 1
                }
                at += 1
            }
        }
        return nil
    }

    /// Where `key` stands for the second time in the mapping whose first mention of it is at the given place.
    func findRepeat(of key: String, afterLine line: Int, column: Int) -> (line: Int, column: Int)? {
        let spellings = [key, "\"\(key)\"", "'\(key)'"]
        for index in line..<max(line, lines.count) {
            let scalars = lines[index]
            guard let indent = scalars.firstIndex(where: { $0 != " " }), scalars[indent] != "#", scalars[indent] != "\r" else { continue }
            if indent < column - 1 { break }
            guard indent == column - 1 else { continue }
            let rest = String(String.UnicodeScalarView(scalars[indent...]))
            if spellings.contains(where: { rest.hasPrefix($0) && rest.dropFirst($0.count).drop { $0 == " " }.first == ":" }) {
                return (index + 1, column)
            }
        }
        // Flow style: `{ a: 1, a: 2 }`.
        return find(key + ":", fromLine: line, column: column + 1)
    }
}
