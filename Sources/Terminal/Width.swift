/// How many cells a terminal gives to text. Source: Unicode 16, UAX 11 (East Asian Width W and F) and UAX 29 (grapheme clusters).
extension Character {
    /// 0 for marks and joiners alone, 2 for wide characters and emoji, else the sum over the cluster: `ｶﾞ` takes two cells.
    public var cells: Int {
        let scalars = unicodeScalars
        if let first = scalars.first, Cells.isEmoji(first, in: scalars) { return 2 }
        return scalars.reduce(0) { $0 + Cells.of($1) }
    }
}

extension StringProtocol {
    /// Cells of the whole text on one line: `提现失败` is 8.
    public var cells: Int { reduce(0) { $0 + $1.cells } }
}

private enum Cells {
    /// Wide blocks; emoji are known by their presentation property instead.
    static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4C6, 0xA960...0xA97C,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x1B2FB,
        0x1F200...0x1F265, 0x20000...0x3FFFD,
    ]

    static func isEmoji(_ first: Unicode.Scalar, in cluster: Character.UnicodeScalarView) -> Bool {
        first.properties.isEmojiPresentation || (first.properties.isEmoji && cluster.contains { $0.value == 0xFE0F })
    }

    static func of(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x300 { return value < 0x20 || (0x7F...0x9F).contains(value) || value == 0xAD ? 0 : 1 }
        // Vowels and finals of a Korean syllable written in parts stand on its first letter.
        if (0x1160...0x11FF).contains(value) { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        var low = 0
        var high = wide.count
        while low < high {
            let middle = (low + high) / 2
            if wide[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < wide.count && wide[low].contains(value) ? 2 : 1
    }
}
