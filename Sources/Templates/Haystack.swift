import Glibc

/// A word that texts are searched for, in lower case.
struct Needle {
    let word: String
    fileprivate let bytes: [UInt8]

    init(_ word: String) {
        self.word = word.lowercased()
        bytes = Array(self.word.utf8)
    }
}

/// A text in lower case, searched for many words. Bytes first: searching by characters costs a hundred times as much, and nearly always
/// finds nothing.
struct Haystack {
    private(set) var text: String
    private var bytes: [UInt8]

    init(_ text: String) {
        self.text = text.lowercased()
        bytes = Array(self.text.utf8)
    }

    /// Anywhere, also inside a word.
    func holds(_ needle: Needle) -> Bool {
        bytes.withUnsafeBufferPointer { text in
            needle.bytes.withUnsafeBufferPointer { word in
                guard let wanted = word.baseAddress, !word.isEmpty else { return true }
                guard let start = text.baseAddress, word.count <= text.count else { return false }
                let last = text.count - word.count
                var at = 0
                while at <= last, let next = memchr(start + at, Int32(wanted[0]), last - at + 1) {
                    if memcmp(next, wanted, word.count) == 0 { return true }
                    at = next - UnsafeMutableRawPointer(mutating: start) + 1
                }
                return false
            }
        }
    }

    /// Whole words where letters are Latin, any place where they are not.
    func range(of needle: Needle) -> Range<String.Index>? {
        guard holds(needle) else { return nil }
        func isLatin(_ character: Character?) -> Bool { character.map { $0.isASCII && $0.isLetter } ?? false }
        let word = needle.word
        for range in text.ranges(of: word) {
            let before = range.lowerBound > text.startIndex ? text[text.index(before: range.lowerBound)] : nil
            let after = range.upperBound < text.endIndex ? text[range.upperBound] : nil
            if isLatin(word.first) && isLatin(before) || isLatin(word.last) && isLatin(after) { continue }
            return range
        }
        return nil
    }

    /// The word with the capitals that it has in the text that this was made of.
    func written(_ needle: Needle, in source: String) -> String? { mention(of: needle, in: source)?.written }

    func mention(of needle: Needle, in source: String) -> Contract.Mention? {
        guard let range = range(of: needle) else { return nil }
        let offset = text.distance(from: text.startIndex, to: range.lowerBound)
        let written = String(source.dropFirst(offset).prefix(needle.word.count))
        return Contract.Mention(written: written, earlier: source.prefix(offset).ranges(of: written).count)
    }

    func mentions(_ needles: [Needle]) -> Bool { needles.contains { range(of: $0) != nil } }

    /// Takes a harmless longer phrase out of the search; the characters keep their places.
    mutating func mask(_ needle: Needle) {
        while holds(needle), let range = text.firstRange(of: needle.word) {
            text.replaceSubrange(range, with: String(repeating: "\u{1}", count: needle.word.count))
            bytes = Array(text.utf8)
        }
    }
}
