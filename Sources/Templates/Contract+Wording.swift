import Core
import StrictYAML

/// What may not be said, word by word: vague wording, requests for secrets, links, amounts, and what would tell why to those who may not know.
extension Contract {
    /// Of every text.
    func checkWording(_ text: Drafts.Text, _ locale: TextLocale) {
        if text.source.contains("•") {
            text.node.fail("• may not stand here", at: "•", hint: "mask with * or words: it doubles an SMS and suppliers refuse it")
        }
        if let hidden = text.source.unicodeScalars.first(where: { $0 != "\n" && PlainText.isHidden($0) }) {
            text.node.fail(
                "an invisible character", at: String(Character(hidden)), hint: "U+" + String(hidden.value, radix: 16, uppercase: true))
        }
        guard let wording = drafts.wording[locale] else { return }
        for found in Self.mentions(of: wording.refused, besides: wording.allowed, in: text.source) {
            text.node.fail("vague wording \"\(found.written)\"", at: found, hint: "say who, what or until when")
        }
        for found in Self.mentions(of: wording.secrets, besides: wording.denials, in: text.source) {
            text.node.fail(
                "asks for \"\(found.written)\"", at: found,
                hint: "nobody is asked for passwords or codes; a sentence that says so stands under secrets.allowed in _shared/vague")
        }
    }

    /// Of an SMS, of a push, and of the words that may come into them.
    func checkPublic(_ text: Drafts.Text) {
        if let link = Self.link(in: text.source) {
            text.node.fail(
                "a link may not stand here", at: link,
                hint: "name the way inside the app instead: links in messages train people for phishing")
        }
        if let sign = text.source.first(where: { "$¥￥€£₩₫₹฿".contains($0) }) {
            text.node.fail("an amount may not stand here", at: String(sign), hint: Self.noAmount)
        }
    }
    static let noAmount = "lock screens are read by others; amounts belong in mail and in-app"

    /// Somebody under restriction is not warned, by no word.
    func checkDiscreet(_ text: Drafts.Text, _ locale: TextLocale) {
        guard let wording = drafts.wording[locale] else { return }
        for found in Self.mentions(of: wording.discreet, besides: [], in: text.source) {
            text.node.fail("\"\(found.written)\" may not be told", at: found, hint: "this kind gives no reasons")
        }
    }

    /// A word as the text has it, and how often the same letters stand before it.
    struct Mention {
        var written: String
        var earlier: Int
    }

    /// The first mention of each word, outside of longer phrases that are harmless.
    static func mentions(of words: [Needle], besides harmless: [Needle], in source: String) -> [Mention] {
        var masked = Haystack(source)
        guard words.contains(where: { masked.holds($0) }) else { return [] }
        // The longest first: a shorter one may be its beginning.
        for phrase in harmless.sorted(by: { $0.word.count > $1.word.count }) { masked.mask(phrase) }
        return words.compactMap { masked.mention(of: $0, in: source) }
    }

    /// An address as a phone would underline it: with `://` or `www.`, or letters on both sides of a point. Nil without one.
    static func link(in text: String) -> String? {
        let folded = Haystack(text)
        for mark in marks where folded.holds(mark) { return folded.written(mark, in: text) }
        let scalars = Array(text.unicodeScalars)
        func isName(_ scalar: Unicode.Scalar) -> Bool {
            scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789-".unicodeScalars.contains(scalar))
        }
        func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar.isASCII && scalar.properties.isAlphabetic }
        for point in scalars.indices.dropFirst() where scalars[point] == "." {
            let after = scalars[(point + 1)...].prefix { isLetter($0) }
            let before = scalars[point - 1]
            guard after.count >= 2, isName(before) || before == "}" else { continue }
            let name = scalars[..<point].reversed().prefix { isName($0) }.reversed()
            return String(String.UnicodeScalarView(name + [scalars[point]] + after))
        }
        return nil
    }
    private static let marks = ["http:", "https:", "://", "www."].map { Needle($0) }
}

extension YAML {
    func fail(_ problem: String, at mention: Contract.Mention, hint: String?) {
        fail(problem, at: mention.written, skipping: mention.earlier, hint: hint)
    }
}
