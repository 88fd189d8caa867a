import Core
import FoundationEssentials
import Glibc

/// Looks for planted values, byte for byte, in every file that a worker wrote: database, write-ahead log, recorder, outputs. Not in what the
/// run itself keeps, nor in the keys.
struct LeakScan {
    private let directory: String
    private let values: [[UInt8]]

    init(of run: RunDirectory) throws {
        directory = run.path
        values = try TextFile.read(run.path + "/planted.txt").split(separator: "\n").map { Array($0.utf8) }
    }

    func leaks() throws -> [RunFacts.Leak] {
        var found: [RunFacts.Leak] = []
        for file in try TextFile.all(below: directory) where isOfTheWorker(file) {
            let bytes = try TextFile.bytes(directory + "/" + file)
            for (number, value) in values.enumerated() where !value.isEmpty {
                if let offset = Self.offset(of: value, in: bytes) { found.append(.init(value: number + 1, file: file, offset: offset)) }
            }
        }
        return found
    }

    /// The runs' own files hold what was planted, and so do the providers', who were told it.
    private func isOfTheWorker(_ file: String) -> Bool {
        let own = ["input.jsonl", "planted.txt", "limits.json", "samples.jsonl", "open.jsonl"]
        return !own.contains(file) && !file.hasPrefix("sandbox/") && !file.hasPrefix("providers/") && !file.hasPrefix("settings/")
            && !file.hasPrefix("secrets/") && !file.hasSuffix(".key")
    }

    private static func offset(of value: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= value.count else { return nil }
        return bytes.withUnsafeBytes { hay in
            let (start, last) = (hay.baseAddress!, hay.count - value.count)
            var place = 0
            while place <= last, let next = memchr(start + place, Int32(value[0]), last - place + 1) {
                place = UnsafeRawPointer(next) - start
                if memcmp(start + place, value, value.count) == 0 { return place }
                place += 1
            }
            return nil
        }
    }
}
