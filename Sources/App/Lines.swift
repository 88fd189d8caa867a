/// A file of one JSON object a line, or standard input as `-`. A last line without its end counts.
public enum Lines {
    public static func read(_ path: String) throws -> [[UInt8]] {
        let bytes = path == "-" ? try Host.bytes(of: 0, path: "standard input") : try Host.bytes(at: path)
        return bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            Array(line.last == 0x0D ? line.dropLast() : line)
        }.dropLast(bytes.last == 0x0A || bytes.isEmpty ? 1 : 0)
    }
}
