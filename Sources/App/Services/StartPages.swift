import Glibc

/// Gives back the pages of programs and libraries that only the start has touched: what the loader and the runtime looked through, how
/// settings and texts are read. They come back from the page cache, a handful at a time, when something of them is used again.
enum StartPages {
    /// - Returns: bytes of the mappings that were given back.
    @discardableResult
    static func release() -> Int {
        let maps: String
        // Without /proc they stay.
        do { maps = try Host.text(at: "/proc/self/smaps") } catch { return 0 }
        return unchanged(in: maps).reduce(0) { sum, range in
            let isGiven = UnsafeMutableRawPointer(bitPattern: range.lowerBound).map { madvise($0, range.count, MADV_DONTNEED) == 0 }
            return sum + (isGiven == true ? range.count : 0)
        }
    }

    /// Private mappings of files, not writable, with no page that differs from the file: relocated pages do, and must stay.
    static func unchanged(in maps: String) -> [Range<UInt>] {
        var found: [Range<UInt>] = []
        var range: Range<UInt>?
        for line in maps.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            if fields.count >= 5, let place = place(fields[0]) {
                range = fields.count > 5 && fields[5].hasPrefix("/") && (fields[1] == "r-xp" || fields[1] == "r--p") ? place : nil
            } else if fields.first == "Anonymous:", let unchanged = range {
                if fields.count > 1, fields[1] == "0" { found.append(unchanged) }
                range = nil
            }
        }
        return found
    }

    /// `7f10a000-7f10b000`
    private static func place(_ text: Substring) -> Range<UInt>? {
        let ends = text.split(separator: "-")
        guard ends.count == 2, let from = UInt(ends[0], radix: 16), let to = UInt(ends[1], radix: 16), from < to else { return nil }
        return from..<to
    }
}
