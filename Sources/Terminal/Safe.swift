/// Text from anywhere made fit for a terminal: nothing in it can move the cursor, change colours, set a title or reverse the reading order.
public enum Safe {
    /// Control, format, bidi and line-separator characters become visible escapes, `\u{1B}`; everything else stays.
    ///
    /// Joiners and variation selectors stay inside a grapheme cluster, where they shape one character (families, flags, Indic letters).
    public static func text(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var out = ""
        for character in text {
            let scalars = character.unicodeScalars
            for (n, scalar) in scalars.enumerated() {
                if isHarmful(scalar) && !(n > 0 && isShaping(scalar)) {
                    out += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out
    }

    /// The same, with line breaks kept: for the body of a message that is shown on lines of its own.
    public static func lines(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { Safe.text(String($0)) }
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
        default: false
        }
    }

    private static func isShaping(_ scalar: Unicode.Scalar) -> Bool {
        // ZERO WIDTH NON-JOINER and JOINER; tags of flag emoji.
        scalar.value == 0x200C || scalar.value == 0x200D || (0xE0020...0xE007F).contains(scalar.value)
    }

    /// Whether a letter of a right-to-left script is in it.
    public static func isRightToLeft(_ text: String) -> Bool {
        text.unicodeScalars.contains {
            (0x590...0x8FF).contains($0.value) || (0xFB1D...0xFDFF).contains($0.value) || (0xFE70...0xFEFC).contains($0.value)
        }
    }

    /// Right-to-left text between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE, so that its neighbours in a table keep their order.
    public static func isolated(_ text: String) -> String { isRightToLeft(text) ? "\u{2068}\(text)\u{2069}" : text }
}

extension String {
    /// At most `cells` cells, the end cut off and marked.
    public func cutEnd(to cells: Int, mark: String = "…") -> String {
        guard self.cells > cells else { return self }
        return prefix(cells: cells - mark.cells) + mark
    }

    /// At most `cells` cells with the middle cut out, so that the kind and the end of an id stay: `dlv_01K…7Q`.
    public func cutMiddle(to cells: Int, mark: String = "…") -> String {
        guard self.cells > cells else { return self }
        let room = Swift.max(0, cells - mark.cells)
        let tail = room / 3
        let end = String(String(reversed()).prefix(cells: tail).reversed())
        return prefix(cells: room - tail) + mark + end
    }

    /// Filled up with blanks to a number of cells; longer text stays as it is.
    public func padded(to cells: Int, rightAligned: Bool = false) -> String {
        let fill = String(repeating: " ", count: Swift.max(0, cells - self.cells))
        return rightAligned ? fill + self : self + fill
    }

    private func prefix(cells: Int) -> String {
        var out = ""
        var used = 0
        for character in self {
            used += character.cells
            guard used <= cells else { break }
            out.append(character)
        }
        return out
    }
}
