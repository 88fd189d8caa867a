import Core
import FoundationEssentials
import Glibc

/// What a process holds, seen from outside: a line of `samples.jsonl`.
struct ProcessLook: Sendable {
    let process: pid_t
    /// Resident, at most so far: what it gave back between two looks counts as well.
    let bytes: Int
    let descriptors, threads: Int
    /// It has nothing to do.
    var isQuiet = false

    /// Nil when there is no such process.
    init?(_ process: pid_t) {
        self.process = process
        do {
            let lines = try TextFile.read("/proc/\(process)/status").split(separator: "\n")
            func number(_ name: String) -> Int? {
                lines.first { $0.hasPrefix(name + ":") }.flatMap { Int($0.drop { !$0.isNumber }.prefix { $0.isNumber }) }
            }
            guard let kilobytes = number("VmHWM"), let threads = number("Threads") else { return nil }
            (bytes, self.threads) = (kilobytes << 10, threads)
            descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
        } catch { return nil }
    }

    /// User and system time of all its threads, in the kernel's units of 10 ms; 0 when there is no such process.
    static func ticks(of process: pid_t) -> Int {
        do {
            // The name in parentheses may hold anything.
            let fields = try TextFile.read("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
        } catch { return 0 }
    }
}

extension RunDirectory {
    /// A line of `samples.jsonl`.
    func keep(_ look: ProcessLook) throws {
        let line: JSON = [
            "pid": .integer(look.process), "rss": .integer(look.bytes), "fds": .integer(look.descriptors),
            "threads": .integer(look.threads),
            "quiet": .bool(look.isQuiet),
        ]
        try TextFile.append(String(decoding: line.bytes, as: UTF8.self) + "\n", to: path + "/samples.jsonl")
    }

    /// Path of a file for what the next worker says.
    func newOutput() throws -> String {
        try FileManager.default.createDirectory(atPath: path + "/output", withIntermediateDirectories: true)
        let number = try TextFile.names(in: path + "/output").count + 1
        let name = path + "/output/\(String(10_000 + number).dropFirst()).txt"
        try TextFile.write("", to: name)
        return name
    }

    /// Milliseconds: the longest turn of the send loop that a worker said (`-v`), also one that was killed. Nil: none was listened to.
    func longestTurn() throws -> Int? {
        let files = try TextFile.names(in: path + "/output")
        let turns = try files.flatMap { file in
            try TextFile.read(path + "/output/" + file).split(separator: "\n").compactMap { line -> Int? in
                guard line.contains("look at its sockets for ") else { return nil }
                return line.split(separator: " ").dropLast().last.flatMap { Int($0) }
            }
        }
        return files.isEmpty ? nil : turns.max() ?? 0
    }
}
