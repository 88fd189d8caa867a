import Glibc

/// The tools of `make fault` that need the program's own modules; not shipped. Each command is one file.
@main
struct FaultBench {
    /// Name → what it does with the arguments after it. The result is the exit code.
    static let commands: [String: @Sendable ([String]) async throws -> Int32] = [
        "check": Check.run, "kills": Kills.run, "crashpoints": CrashPoints.run, "providers": Providers.run, "provider": Provider.run,
        "proxy": Proxy.run, "simulate": { try Simulate.run($0) },
    ]

    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2, let command = commands[arguments[1]] else {
            complain("FaultBench \(commands.keys.sorted().joined(separator: "|")) …")
            exit(64)
        }
        do { exit(try await command(Array(arguments.dropFirst(2)))) } catch {
            complain("\(error)")
            exit(70)
        }
    }

    static func complain(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
