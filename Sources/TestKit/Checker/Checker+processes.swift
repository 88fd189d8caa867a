import Core

extension Checker {
    /// I11, I12.
    static func checkProcesses(_ processes: [RunFacts.ProcessEnd]?, _ limits: [String: Int], _ report: inout CheckReport) {
        guard let processes else {
            report.skipped(.readyTime, "no processes.jsonl")
            return report.skipped(.endings, "no processes.jsonl")
        }
        if let slowest = processes.compactMap(\.readyMilliseconds).max() { report.measured("ready_ms", slowest) }
        if let limit = limits["ready_ms"] {
            let late = processes.compactMap(\.readyMilliseconds).filter { $0 > limit }
            report.broken(.readyTime, "later than \(limit) ms", late.map { "\($0) ms" })
        } else {
            report.skipped(.readyTime, "limits.json has no ready_ms; measured only")
        }
        for process in processes {
            if let status = process.status, !process.expected.contains(status) {
                report.broken(.endings, "ended with \(status), expected \(process.expected): \(process.lastLine ?? "")")
            }
            if let wanted = process.expectedLine, !(process.lastLine?.contains(wanted) ?? false) {
                report.broken(.endings, "the last line is \"\(process.lastLine ?? "")\", expected \"\(wanted)\"")
            }
        }
    }

    /// I7, I13.
    static func checkSamples(_ samples: [RunFacts.Sample]?, _ limits: [String: Int], _ report: inout CheckReport) {
        guard let samples, !samples.isEmpty else {
            report.skipped(.caps, "no samples.jsonl")
            return report.skipped(.nothingHeld, "no samples.jsonl")
        }
        for (name, path) in [("rss_bytes", \RunFacts.Sample.bytes), ("fds", \.descriptors), ("threads", \.threads)] {
            guard let most = samples.compactMap({ $0[keyPath: path] }).max() else { continue }
            report.measured(name, most)
            guard let limit = limits[name] else {
                report.skipped(.caps, "limits.json has no \(name); measured only")
                continue
            }
            if most > limit { report.broken(.caps, "\(name) reached \(most), allowed are \(limit)") }
        }
        checkHeld(samples, &report)
    }

    private static func checkHeld(_ samples: [RunFacts.Sample], _ report: inout CheckReport) {
        let quiet = Dictionary(grouping: samples.filter(\.isQuiet)) { $0.process ?? 0 }.filter { $0.value.count > 1 }
        if quiet.isEmpty { return report.skipped(.nothingHeld, "no two quiet samples of one process") }
        for (process, samples) in quiet {
            for (name, path) in [("descriptors", \RunFacts.Sample.descriptors), ("threads", \.threads)] {
                guard let first = samples.first?[keyPath: path], let last = samples.last?[keyPath: path], last > first else { continue }
                report.broken(.nothingHeld, "process \(process): \(last) \(name) at the end, \(first) at the beginning")
            }
        }
    }
}
