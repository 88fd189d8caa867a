public import Foundation
import Glibc

/// The real `clarion`, started as a person starts it: for exit statuses, and for what goes to which stream.
public struct Program {
    public struct Ended: Sendable {
        public var status: Int32
        public var output, errors: String
    }

    /// The repository: settings and texts are found below it.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Beside the test program, where the same build put it.
    public static var path: URL {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        precondition(count > 0, "Linux knows the path of every program")
        let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return URL(filePath: own).deletingLastPathComponent().appending(path: "clarion")
    }

    /// The fault that is built in on purpose, where one is asked for: programs that tests start have it too.
    static let planted = ProcessInfo.processInfo.environment.filter { $0.key == "CLARION_PLANTED_BUG" }

    /// Runs it to its end in the repository's directory. `environment` is all it gets, beside a planted fault.
    public static func run(_ arguments: [String], environment: [String: String] = [:], input: String = "") throws -> Ended {
        let process = Process()
        process.executableURL = path
        process.arguments = arguments
        process.currentDirectoryURL = root
        process.environment = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"].merging(planted) { _, new in new
        }
        .merging(environment) { _, new in new }
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, stderr)
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        let errors = try stderr.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Ended(
            status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self))
    }
}
