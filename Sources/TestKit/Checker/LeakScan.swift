import Core
import FoundationEssentials

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
                if let offset = TextFile.offset(of: value, in: bytes) { found.append(.init(value: number + 1, file: file, offset: offset)) }
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
}
