import Core
import Foundation
import Sandbox
import Testing

@Suite struct SwitchTests {
    private func sms(_ world: World, http2: Bool = false, _ more: [String] = []) async throws -> Got {
        try await world.curl(
            world.endpoints.https + "/sms", ["-H", "X-Api-Key: k"] + more, http2: http2, body: #"{"to":"+12025550100","text":"held"}"#)
    }

    @Test("25 % is every fourth, by counting") func spread() async throws {
        try await withSandbox { world in
            world.sandbox.switches.set(Fault(.status(500), percent: 25), for: .gateway)
            var seen: [Int] = []
            for _ in 0..<8 { seen.append(try await sms(world).status) }
            #expect(seen == [200, 200, 200, 500, 200, 200, 200, 500])
            #expect(world.ledger.count == 6 && world.sandbox.switches.requests(to: .gateway) == 8)
        }
    }

    @Test func endsAfterSoManyHits() async throws {
        try await withSandbox { world in
            world.sandbox.switches.set(Fault(.throttle(retryAfter: 7), times: 2), for: .gateway)
            let first = try await sms(world)
            #expect(first.status == 429 && first.headers["retry-after"] == "7")
            #expect(try await sms(world).status == 429)
            #expect(try await sms(world).status == 200)
        }
    }

    @Test("a dropped request is not accepted, one dropped after that is", arguments: [false, true]) func drops(http2: Bool) async throws {
        try await withSandbox { world in
            world.sandbox.switches.set(Fault(.drop), for: .gateway)
            let dropped = try await sms(world, http2: http2)
            #expect(dropped.exit != 0 && world.ledger.count == 0)
            world.sandbox.switches.set(Fault(.dropAfterAccept), for: .gateway)
            let lost = try await sms(world, http2: http2)
            #expect(lost.exit != 0 && world.ledger.count == 1)
            world.sandbox.switches.reset()
            #expect(try await sms(world, http2: http2).status == 200)
        }
    }

    @Test("a client that gives up during a stall has sent its message all the same", arguments: [false, true]) func stall(http2: Bool)
        async throws
    {
        try await withSandbox { world in
            world.sandbox.switches.set(Fault(.none, stall: 1500), for: .gateway)
            let got = try await sms(world, http2: http2, ["--max-time", "0.3"])
            #expect(got.exit == 28)
            #expect(await world.rows(1).count == 1)
        }
    }

    @Test func overHTTP() async throws {
        try await withSandbox { world in
            let set = try await world.curl(
                world.endpoints.http + "/_switch", body: "provider=fcm&fail=throttle&retry=9&percent=50&stall=3&times=4")
            #expect(set.status == 200 && set.json?["fcm"]?["fail"]?.string == "throttle" && set.json?["fcm"]?["retry"]?.integer == 9)
            #expect(world.sandbox.switches.fault(for: .fcm) == Fault(.throttle(retryAfter: 9), percent: 50, stall: 3, times: 4))
            for wrong in [
                "provider=x", "provider=fcm&fail=maybe", "provider=fcm&percent=101", "provider=fcm&status=200", "provider=fcm&stall=-1",
            ] {
                #expect(try await world.curl(world.endpoints.http + "/_switch", body: wrong).status == 422, "\(wrong)")
            }
            _ = try await world.curl(world.endpoints.http + "/_switch", body: "provider=all&fail=none")
            #expect(StandIn.allCases.allSatisfy { world.sandbox.switches.fault(for: $0) == .none })
            _ = try await sms(world)
            _ = try await world.curl(world.endpoints.http + "/_retire", body: "row=1")
            #expect(try await sms(world).status == 422)
            _ = try await world.curl(world.endpoints.http + "/_retire", body: "recipient=%2B12025550100&back=1")
            #expect(try await sms(world).status == 200)
        }
    }
}

@Suite struct LedgerTests {
    private func sms(_ world: World) async throws {
        _ = try await world.curl(
            world.endpoints.https + "/sms", ["-H", "X-Api-Key: k"], body: #"{"to":"+12025550100","text":"held\nhere"}"#)
    }

    @Test("the file has what memory has, in whole lines, and the next run goes on from it") func file() async throws {
        try await withDirectory { directory in
            var options = Sandbox.Options()
            options.directory = directory
            try await withSandbox(options) { world in
                try await sms(world)
                try await sms(world)
                let endpoints = try JSON(parsing: try String(contentsOfFile: directory + "/endpoints.json", encoding: .utf8))
                #expect(Endpoints(endpoints) == world.endpoints)
                let lines = try String(contentsOfFile: directory + "/ledger.jsonl", encoding: .utf8).split(separator: "\n")
                let written = try lines.map { Row(try JSON(parsing: String($0))) }
                #expect(written == world.ledger.rows())
            }
            try await withSandbox(options) { world in
                try await sms(world)
                #expect(world.ledger.rows().map(\.n) == [1, 2, 3] && world.ledger.count(of: .gateway) == 3)
            }
        }
    }

    @Test("a line that a kill tore is cut off, and the number it had is used again") func tornLine() async throws {
        try await withDirectory { directory in
            var options = Sandbox.Options()
            options.directory = directory
            try await withSandbox(options) { try await sms($0) }
            let file = try #require(FileHandle(forWritingAtPath: directory + "/ledger.jsonl"))
            try file.seekToEnd()
            try file.write(contentsOf: Data(#"{"n":2,"at":17"#.utf8))
            try file.close()
            try await withSandbox(options) { world in
                #expect(world.ledger.count == 1)
                try await sms(world)
            }
            let lines = try String(contentsOfFile: directory + "/ledger.jsonl", encoding: .utf8).split(separator: "\n")
            #expect(try lines.map { try JSON(parsing: String($0))["n"]?.integer } == [1, 2])
        }
    }

    @Test("memory is bounded, counts are not") func bounded() async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let total = Ledger.keptRows + 5
            let lines = (1...total).map { n in
                let replaces = n > 1 ? #","replaces":\#(n - 1)"# : ""
                return
                    #"{"n":\#(n),"at":1,"channel":"push","provider":"apns","recipient":"d","sender":"s","text":"x","key":"k"\#(replaces)}"#
            }
            try (lines.joined(separator: "\n") + "\n").write(toFile: directory + "/ledger.jsonl", atomically: true, encoding: .utf8)
            var options = Sandbox.Options()
            options.directory = directory
            let ledger = try Sandbox(options).ledger
            #expect(ledger.count == total && ledger.count(of: .apns) == total)
            #expect(ledger.rows().count == Ledger.keptRows && ledger.rows().first?.n == 6 && ledger.row(5) == nil && ledger.row(6)?.n == 6)
            #expect(ledger.visible().map(\.n) == [total])
        }
    }

    @Test func brokenLineIsNamed() async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try "{}\n".write(toFile: directory + "/ledger.jsonl", atomically: true, encoding: .utf8)
            var options = Sandbox.Options()
            options.directory = directory
            #expect(throws: FileProblem.self) { try Sandbox(options) }
        }
    }

    @Test func overHTTP() async throws {
        try await withSandbox { world in
            for _ in 0..<3 { try await sms(world) }
            let got = try await world.curl(world.endpoints.http + "/_ledger?after=1")
            #expect(got.json?["count"]?.integer == 3 && got.json?["rows"]?.array?.compactMap { $0["n"]?.integer } == [2, 3])
            #expect(got.json?["rows"]?.array?.first.flatMap(Row.init) == world.ledger.row(2))
        }
    }
}

@Suite struct ServerTests {
    @Test("a client without our authority is refused by TLS") func verifies() async throws {
        try await withSandbox { world in
            let (exit, _, _) = try await run("curl", ["-sS", "--noproxy", "*", world.endpoints.https + "/sms"])
            #expect(exit == 60)
        }
    }

    @Test func portInUseIsAnError() async throws {
        try await withSandbox { world in
            var options = Sandbox.Options()
            options.smtpPort = Int(world.endpoints.smtp.split(separator: ":").last!)!
            let second = try Sandbox(options)
            await #expect(throws: (any Error).self) { try await second.start() }
            await second.stop()
        }
    }

    @Test func stopsWithReadersOpen() async throws {
        let sandbox = try Sandbox(Sandbox.Options())
        let world = World(sandbox: sandbox, endpoints: try await sandbox.start())
        async let reader = world.python(
            """
            c = http.client.HTTPConnection("127.0.0.1", hport); c.request("GET", "/_events"); r = c.getresponse()
            k = http.client.HTTPConnection("127.0.0.1", hport); k.request("GET", "/cgi-bin/sendsms?username=u&password=p&to=1&text=x")
            # The row is written before the answer leaves: the stop may come in between.
            try: k.getresponse()
            except (http.client.HTTPException, ConnectionError): pass
            try: r.read()
            except (http.client.IncompleteRead, ConnectionError): pass
            print("ended")
            """)
        _ = await world.rows(1)
        await sandbox.stop()
        #expect(try await reader.out == "ended\n")
    }
}
