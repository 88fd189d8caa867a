extension SMSMeasure {
    /// A text as its parts travel; the receiver joins them. An empty text is one empty part.
    public static func split(_ text: String) -> [String] {
        let measure = SMSMeasure(text)
        return measure.parts > 1 ? cut(text, measure.encoding) : [text]
    }

    /// No cut inside of a character as its reader sees it: a letter with its marks, a flag, a family, a syllable. Phones join the parts, but
    /// some show them as they come, and a torn one is a wrong one. Only what is longer than a whole part is cut between its code points.
    static func cut(_ text: String, _ encoding: Encoding) -> [String] {
        var (parts, part, used) = ([String](), String.UnicodeScalarView(), 0)
        func add(_ scalars: some Collection<Unicode.Scalar>, _ cost: Int) {
            if used + cost > encoding.room {
                parts.append(String(part))
                (part, used) = (String.UnicodeScalarView(), 0)
            }
            part.append(contentsOf: scalars)
            used += cost
        }
        for character in text {
            let scalars = character.unicodeScalars
            let cost = scalars.reduce(0) { $0 + encoding.cost($1) }
            if cost <= encoding.room {
                add(scalars, cost)
            } else {
                for scalar in scalars { add(CollectionOfOne(scalar), encoding.cost(scalar)) }
            }
        }
        return parts + [String(part)]
    }

    /// Whether each code point is surely a character by itself: then bytes can be counted, which nearly every text allows. Marks, joiners,
    /// selectors, flags, jamo and the letters of India and Thailand are left to Swift's own rules (UAX #29).
    static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < text.count {
            let first = text[at]
            if first < 0x80 {
                // Before a line feed it is one character with it.
                if first == 0x0D { return false }
                at += 1
            } else if first < 0xE0 {
                let value = UInt32(first & 0x1F) << 6 | UInt32(text[at + 1] & 0x3F)
                // Latin, Greek and Cyrillic letters; the letters, digits and marks of punctuation of Arabic.
                switch value {
                case 0x80..<0x300, 0x370..<0x483, 0x48A..<0x530, 0x60C...0x60F, 0x61B, 0x61D...0x64A, 0x660...0x66F, 0x671...0x6D3: break
                default: return false
                }
                at += 2
            } else if first < 0xF0 {
                let value = UInt32(first & 0x0F) << 12 | UInt32(text[at + 1] & 0x3F) << 6 | UInt32(text[at + 2] & 0x3F)
                // More Latin and Greek, punctuation, currencies, kana, Han characters, whole Korean syllables, wide forms.
                switch value {
                case 0x1E00..<0x2000, 0x2000...0x200A, 0x2010...0x2027, 0x202F...0x205F, 0x20A0...0x20CF, 0x2100..<0x2300, 0x3000...0x3029,
                    0x3030...0x3098, 0x309B..<0xA000, 0xAC00...0xD7A3, 0xFF00...0xFF9D:
                    break
                default: return false
                }
                at += 3
            } else {
                return false
            }
        }
        return true
    }
}

extension SMSMeasure.Encoding {
    /// Of each of several parts.
    var room: Int { self == .gsm7 ? 153 : 67 }

    func cost(_ scalar: Unicode.Scalar) -> Int { self == .gsm7 ? GSMAlphabet.septets(scalar) ?? 1 : UTF16.width(scalar) }
}
