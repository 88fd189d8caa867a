import Core
import Glibc
import TestKit

/// `providers --events N --faults N --seed S --dir DIR [--program P]`: a worker before providers that fail in every way, and what the checker says.
enum Providers {
    static func run(_ arguments: [String]) async throws -> Int32 {
        let options = try Options(arguments, for: "providers --events N --faults N --seed S --dir DIR [--program P]")
        let world = try ProviderWorld(
            seed: UInt64(try options.number("seed")), faults: try options.number("faults"), program: options.optional("program"),
            directory: try options.text("dir"))
        try await ProviderRun.run(events: try options.number("events"), in: world)
        return Check.tell(Checker.check(try await world.run.read()), all: true)
    }
}

/// `provider --script FILE --ledger FILE --channel C --repeats keyed|collapsing|blind`: one scripted provider. FILE is a JSON list of scripts, one for
/// each connection, the last for all later ones; a script is a list of steps: `"read_request"`, `"read_line"`, `"read_message"`, `"read_stream"`,
/// `"take"`, `"hold"`, `"reset"`, `{"send": TEXT}`, `{"send": TEXT, "times": N}`, `{"trickle": TEXT, "ms": N}`. Prints its port, and ends with its input.
enum Provider {
    static func run(_ arguments: [String]) async throws -> Int32 {
        let usage = "provider --script FILE --ledger FILE --channel C --repeats keyed|collapsing|blind"
        let options = try Options(arguments, for: usage)
        guard let channel = Channel(rawValue: try options.text("channel")),
            let repeats = Taken.Repeats(rawValue: try options.text("repeats")),
            let scripts = try JSON(parsing: TextFile.read(try options.text("script"))).array, !scripts.isEmpty
        else { throw Usage(usage) }
        let ledger = ProviderLedger(try options.text("ledger"), channel: channel, repeats: repeats)
        let server = try ScriptedServer(try scripts.map { try ($0.array ?? []).map(step) }, ledger: ledger)
        serve(port: server.port)
        server.stop()
        return 0
    }

    private static func step(_ json: JSON) throws -> ScriptedServer.Step {
        switch json.string {
        case "read_request": return .readRequest
        case "read_line": return .readLine
        case "read_message": return .readMessage
        case "read_stream": return .readStream
        case "take": return .take
        case "hold": return .hold
        case "reset": return .reset
        default: break
        }
        if let text = json["trickle"]?.string { return .trickle(text, every: .milliseconds(json["ms"]?.integer ?? 100)) }
        guard let text = json["send"]?.string else { throw Usage("provider: no step: \(String(decoding: json.bytes, as: UTF8.self))") }
        return json["times"]?.integer.map { .sendTimes(Int($0), text) } ?? .send(text)
    }

    /// Says the port and waits for the end of standard input.
    static func serve(port: UInt16) {
        print(port)
        fflush(nil)
        while readLine() != nil {}
    }
}

/// `proxy --to PORT [--latency-ms N] [--jitter-ms N] [--bytes-per-second N] [--cut-from-server N] [--cut-from-client N] [--ending E] [--seed S]`: every
/// connection is spoiled alike. Prints its port, and ends with its input.
enum Proxy {
    static func run(_ arguments: [String]) async throws -> Int32 {
        let options = try Options(arguments, for: "proxy --to PORT [--latency-ms N] … [--ending close|reset|half_close|freeze]")
        var rules = FaultProxy.Rules()
        rules.latency = .milliseconds(try options.optionalNumber("latency-ms") ?? 0)
        rules.jitter = .milliseconds(try options.optionalNumber("jitter-ms") ?? 0)
        rules.bytesPerSecond = try options.optionalNumber("bytes-per-second") ?? 0
        rules.cutAfter = (try options.optionalNumber("cut-from-server"), try options.optionalNumber("cut-from-client"))
        if let word = options.optional("ending") {
            guard let ending = FaultProxy.Ending(rawValue: word) else { throw Usage("proxy: no such ending") }
            rules.ending = ending
        }
        let all = rules
        let proxy = try FaultProxy(
            to: UInt16(clamping: try options.number("to")), seed: UInt64(try options.optionalNumber("seed") ?? 1), rules: { _ in all })
        Provider.serve(port: proxy.port)
        proxy.stop()
        return 0
    }
}
