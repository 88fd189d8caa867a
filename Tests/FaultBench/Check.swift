import Core
import Glibc
import TestKit

/// `check DIR [--undrained] [--all]`: what a run left, judged. One JSON object for each breach; with `--all` also what could not be checked,
/// and what was measured. Exit code 1 when anything is broken.
enum Check {
    static func run(_ arguments: [String]) async throws -> Int32 {
        guard let directory = arguments.first(where: { !$0.hasPrefix("--") }) else { throw Usage("check DIR [--undrained] [--all]") }
        let facts = try await RunDirectory(directory).read()
        let report = Checker.check(facts, isDrained: !arguments.contains("--undrained"))
        return tell(report, all: arguments.contains("--all"))
    }

    static func tell(_ report: CheckReport, all: Bool) -> Int32 {
        for line in all ? report.lines : Array(report.lines.prefix(report.breaches.count)) { say(line) }
        return report.breaches.isEmpty ? 0 : 1
    }
    static func say(_ line: JSON) { print(String(decoding: line.bytes, as: UTF8.self)) }
}

/// A command that was called wrongly.
struct Usage: Error, CustomStringConvertible {
    let description: String
    init(_ words: String) { description = "FaultBench \(words)" }
}
