import Core
import Foundation
import Sandbox
import Synchronization

/// What curl brought back.
struct Got: Sendable {
    /// curl's exit code: 0 is a complete answer.
    var exit: Int32
    var status: Int
    var version: String
    var headers: [String: String]
    var body: String
    var json: JSON? {
        do { return try JSON(parsing: body) } catch { return nil }
    }
}

/// Runs a program to its end; nothing waits on the clock.
func run(_ program: String, _ arguments: [String], input: String = "") async throws -> (exit: Int32, out: String, err: String) {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [program] + arguments
            let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
            (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, stderr)
            do {
                try process.run()
                try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
                try stdin.fileHandleForWriting.close()
            } catch { return continuation.resume(throwing: error) }
            let out = stdout.fileHandleForReading.readDataToEndOfFile()
            let err = stderr.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            continuation.resume(
                returning: (process.terminationStatus, String(decoding: out, as: UTF8.self), String(decoding: err, as: UTF8.self)))
        }
    }
}

/// A sandbox of this test's own, on ports of its own, stopped at the end whatever happens.
func withSandbox<T>(_ options: Sandbox.Options = Sandbox.Options(), _ body: (World) async throws -> T) async throws -> T {
    let sandbox = try Sandbox(options)
    let world = World(sandbox: sandbox, endpoints: try await sandbox.start())
    do {
        let result = try await body(world)
        await sandbox.stop()
        return result
    } catch {
        await sandbox.stop()
        throw error
    }
}

struct World: Sendable {
    let sandbox: Sandbox
    let endpoints: Endpoints
    var ledger: Ledger { sandbox.ledger }

    /// HTTP/1.1 unless the arguments say otherwise, TLS verified against the sandbox's own authority.
    func curl(_ url: String, _ arguments: [String] = [], http2: Bool = false, body: String? = nil) async throws -> Got {
        var all = ["-sS", "--cacert", endpoints.caFile, "--noproxy", "*", http2 ? "--http2" : "--http1.1", "-i", "-w", "\n%{http_version}"]
        if body != nil { all += ["--data-binary", "@-"] }
        let (exit, out, _) = try await run("curl", all + arguments + [url], input: body ?? "")
        let cut = out.range(of: "\n", options: .backwards)!
        let parts = out[..<cut.lowerBound].components(separatedBy: "\r\n\r\n")
        let lines = parts[0].components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Got(
            exit: exit, status: status, version: String(out[cut.upperBound...]), headers: headers,
            body: parts.dropFirst().joined(separator: "\r\n\r\n"))
    }

    /// A Python program with `host`, `port`, `sport`, `ca`, `http` set.
    func python(_ program: String) async throws -> (exit: Int32, out: String, err: String) {
        func port(_ url: String) -> Substring { url.split(separator: ":").last! }
        let head = """
            import smtplib, ssl, sys, http.client, json, socket
            host, port, sport, hport, ca = "localhost", \(port(endpoints.smtp)), \(port(endpoints.smtps)), \(port(endpoints.http)), "\(endpoints.caFile)"
            tls = ssl.create_default_context(cafile=ca)

            """
        return try await run("python3", ["-"], input: head + program)
    }

    /// Returns once the ledger holds so many rows.
    func rows(_ count: Int) async -> [Row] {
        let changes = ledger.changes()
        if ledger.count < count { for await _ in changes where ledger.count >= count { break } }
        return ledger.rows()
    }
}

func base64url(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
        .replacingOccurrences(of: "=", with: "")
}

/// A token of the right shape; the sandbox has no key to check the signature with.
func token(_ header: JSON, _ claims: JSON, signature: Int) -> String {
    [base64url(header.bytes), base64url(claims.bytes), base64url([UInt8](repeating: 7, count: signature))].joined(separator: ".")
}

let moment: Int64 = 1_700_000_000

/// A directory of the test's own, removed at the end.
func withDirectory<T>(_ body: (String) async throws -> T) async throws -> T {
    let path = NSTemporaryDirectory() + "/sandbox-tests-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// A clock that the test moves.
final class Clock: Sendable {
    private let milliseconds = Mutex(moment * 1000)
    var now: Int64 { milliseconds.withLock { $0 } }
    func advance(seconds: Int64) { milliseconds.withLock { $0 += seconds * 1000 } }
}
