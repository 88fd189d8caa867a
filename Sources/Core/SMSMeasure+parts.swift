extension SMSMeasure {
    /// A text as its parts travel; the receiver joins them. An empty text is one empty part.
    public static func split(_ text: String) -> [String] {
        let measure = SMSMeasure(text)
        guard measure.parts > 1 else { return [text] }
        let room = measure.capacity(parts: 2) / 2
        var (parts, part, used) = ([String](), String.UnicodeScalarView(), 0)
        for scalar in text.unicodeScalars {
            // A pair of septets or of UTF-16 units goes into the next part as a whole.
            let cost = measure.encoding == .gsm7 ? GSMAlphabet.septets(scalar) ?? 1 : UTF16.width(scalar)
            if used + cost > room {
                parts.append(String(part))
                (part, used) = (String.UnicodeScalarView(), 0)
            }
            part.append(scalar)
            used += cost
        }
        return parts + [String(part)]
    }
}
