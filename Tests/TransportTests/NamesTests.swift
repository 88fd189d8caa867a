import Core
import TestKit
import Testing

@testable import Transport

/// Calls to names: what is looked up, what is pinned, what is refused, and that nobody waits for another one's resolver.
@Suite struct NamesTests {
    private let clock = StepClock()
    private func resolver(_ lookup: ScriptedLookup) -> Resolver { Resolver(lookup: lookup) { [clock] in clock.now } }
    private func url(_ host: String, _ server: ScriptedServer) -> String { "http://\(host):\(server.port)/send" }

    @Test(
        "a name is looked up once, and libcurl goes where the answer says",
        arguments: ["sms.example", "SMS.Example", "sms.example.", "s_ms"])
    func pinned(_ host: String) async throws {
        let server = try ScriptedServer([answering(3)])
        let lookup = ScriptedLookup([host.lowercased(): [.finds(["127.0.0.1"])]])
        try await withTransport(plainAccount(), resolver: resolver(lookup)) { transport in
            for _ in 1...3 { #expect(await transport.perform(httpCall(url(host, server)), on: "acct").text == "ok") }
        }
        #expect(lookup.asked == [host.lowercased(): 1])
    }

    @Test("the same over HTTP/2, and for mail") func otherProtocols() async throws {
        let authority = try TestAuthority(host: "push.example")
        let lookup = ScriptedLookup(["push.example": [.finds(["127.0.0.1"])], "mx.example": [.finds(["127.0.0.1"])]])
        let resolver = resolver(lookup)
        let answer = try await withHTTP2Server(authority) { port in
            try await withTransport(TLSTests.account(authority), resolver: resolver) {
                await $0.perform(httpCall("https://push.example:\(port)/echo", body: "n=1", version: .http2), on: "acct")
            }
        }
        #expect(answer.text == "n=1")
        let server = try ScriptedServer([SMTPTests.greeting + SMTPTests.accepted])
        try await withTransport(plainAccount(), resolver: resolver) { transport in
            let call = mailCall("smtp://mx.example:\(server.port)/disp.example.com")
            #expect(await transport.perform(call, on: "acct").reply?.status == 250)
        }
        #expect(lookup.asked == ["push.example": 1, "mx.example": 1])
    }

    @Test("libcurl looks up nothing, not even what it knows by itself", arguments: ["-x.localhost", "nobody.example"])
    func libcurlAsksNobody(_ host: String) async throws {
        let server = try ScriptedServer([answering(1)])
        let lookup = ScriptedLookup()
        let failure = try await withTransport(plainAccount(), resolver: resolver(lookup)) {
            await $0.perform(httpCall(url(host, server)), on: "acct").failure
        }
        #expect(failure?.cause == .resolve && failure?.mayHaveBeenSent == false && failure?.code == 6)
        #expect(failure.map { Outcome($0).class } == .notSent)
        #expect(server.received.isEmpty)
    }

    @Test("a new answer goes to the handles that had the old one") func moves() async throws {
        let server = try ScriptedServer([answering(1), answering(1)])
        let lookup = ScriptedLookup(["sms.example": [.finds(["127.0.0.1"]), .finds(["127.0.0.2"]), .finds(["127.0.0.1"])]])
        try await withTransport(plainAccount { $0.maxInFlight = 1 }, resolver: resolver(lookup)) { transport in
            #expect(await transport.perform(httpCall(url("sms.example", server)), on: "acct").text == "ok")
            await server.ended(connection: 0)
            clock.go(.seconds(600))
            // Nothing listens there.
            #expect(await transport.perform(httpCall(url("sms.example", server)), on: "acct").failure?.cause == .connect)
            clock.go(.seconds(600))
            #expect(await transport.perform(httpCall(url("sms.example", server)), on: "acct").text == "ok")
        }
        #expect(lookup.asked == ["sms.example": 3])
    }

    @Test("one account's hosts do not get into each other's way") func severalHosts() async throws {
        let servers = try (0..<3).map { _ in try ScriptedServer([answering(4)]) }
        let lookup = ScriptedLookup(["a.example": [.finds(["127.0.0.1"])], "b.example": [.finds(["127.0.0.1"])]])
        try await withTransport(plainAccount { $0.maxInFlight = 1 }, resolver: resolver(lookup)) { transport in
            for _ in 1...4 {
                for (host, server) in zip(["a.example", "b.example", "127.0.0.1"], servers) {
                    #expect(await transport.perform(httpCall(url(host, server)), on: "acct").text == "ok")
                }
            }
        }
        #expect(servers.map { $0.count(of: "POST /send") } == [4, 4, 4])
    }

    // MARK: rules

    @Test("an address that the account may not reach is not handed on, whatever the name says") func unchecked() async throws {
        let lookup = ScriptedLookup(["hook.example": [.finds(["10.0.0.1", "1.1.1.1", "127.0.0.1", "::1"])]])
        let resolver = resolver(lookup)
        let account = TransportAccount(name: "acct", addresses: .publicOnly)
        let names = Names(account: account, resolver: resolver, inbox: Inbox(capacity: 1))
        var way = names.way(to: "https://hook.example/x")
        while case .waits = way {
            await Task.yield()
            way = names.way(to: "https://hook.example/x")
        }
        guard case .pinned(let pin) = way else {
            Issue.record("\(way)")
            return
        }
        #expect(pin.line == "hook.example:443:1.1.1.1")
        // Without TLS to the same host: nothing that is public is this machine.
        guard case .closed(let failure) = names.way(to: "http://hook.example:443/x") else {
            Issue.record("plain is pinned")
            return
        }
        #expect(failure.cause == .refusedAddress)
    }

    @Test(
        "a private address behind a name is refused, and the rule is named",
        arguments: ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1"])
    func privateAddress(_ address: String) async throws {
        let server = try ScriptedServer([[.hold]])
        let lookup = ScriptedLookup(["hook.example": [.finds([address])]])
        let account = TransportAccount(name: "acct", addresses: .publicOnly)
        let failure = try await withTransport(account, resolver: resolver(lookup)) {
            await $0.perform(httpCall("https://hook.example:\(server.port)/"), on: "acct").failure
        }
        #expect(failure?.cause == .refusedAddress && failure?.mayHaveBeenSent == false)
        #expect(failure?.detail == "no address of the host may be used: only public addresses")
        #expect(server.received.isEmpty)
    }

    @Test("a name that moves to where the account may not go is refused, although a connection is there") func rebinding() async throws {
        let server = try ScriptedServer([answering(2)])
        let lookup = ScriptedLookup(["hook.example": [.finds(["127.0.0.1"]), .finds(["127.0.0.2"])]])
        let account = plainAccount { $0.addresses = .only([SocketAddress(ip: "127.0.0.1", port: server.port)!]) }
        try await withTransport(account, resolver: resolver(lookup)) { transport in
            #expect(await transport.perform(httpCall(url("hook.example", server)), on: "acct").text == "ok")
            clock.go(.seconds(600))
            let failure = await transport.perform(httpCall(url("hook.example", server)), on: "acct").failure
            #expect(failure?.cause == .refusedAddress && failure?.detail.hasSuffix("only those that the account lists") == true)
        }
        #expect(server.count(of: "POST") == 1)
    }

    @Test(
        "an address in any notation is no name, and is refused where this machine is",
        arguments: [
            "0x7f.1", "0177.0.0.1", "2130706433", "127.1", "0", "[::ffff:127.0.0.1]", "[::1]", "localhost", "a.localhost",
        ])
    func notations(_ host: String) async throws {
        let server = try ScriptedServer([[.hold]])
        let lookup = ScriptedLookup()
        let account = TransportAccount(name: "acct", addresses: .publicOnly)
        let failure = try await withTransport(account, resolver: resolver(lookup)) {
            await $0.perform(httpCall("https://\(host):\(server.port)/"), on: "acct").failure
        }
        #expect(failure?.cause == .refusedAddress && failure?.mayHaveBeenSent == false)
        #expect(lookup.asked.isEmpty && server.received.isEmpty)
    }

    @Test(
        "what only looks like this machine gets nowhere",
        arguments: ["%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1", "\u{FF11}\u{FF12}\u{FF17}.0.0.1", "user@127.0.0.1", "127.0.0.1.", "x:y@localhost"])
    func disguises(_ host: String) async throws {
        let server = try ScriptedServer([[.hold]])
        let lookup = ScriptedLookup(["127.0.0.1.": [.finds(["127.0.0.1"])]])
        let account = TransportAccount(name: "acct", addresses: .publicOnly)
        let failure = try await withTransport(account, resolver: resolver(lookup)) {
            await $0.perform(httpCall("https://\(host):\(server.port)/"), on: "acct").failure
        }
        #expect(failure?.mayHaveBeenSent == false)
        #expect(server.received.isEmpty)
    }

    @Test("of 200 addresses sixteen are tried") func many() {
        let addresses = (1...200).map { SocketAddress(ip: "192.0.2.\($0)", port: 0)! }
        let line = Pin("sms.example", 443, addresses)?.line
        #expect(line?.split(separator: ",").count == 16 && line?.hasPrefix("sms.example:443:192.0.2.1,192.0.2.2,") == true)
    }

    @Test("an account has as many names as it may have, and no more") func bounded() {
        let names = Names(account: plainAccount(), resolver: resolver(ScriptedLookup()), inbox: Inbox(capacity: 1))
        for n in 0..<Names.most { if case .closed = names.way(to: "http://h\(n).localhost/") { Issue.record("\(n)") } }
        guard case .closed(let failure) = names.way(to: "http://more.localhost/") else {
            Issue.record("one more")
            return
        }
        #expect(failure.detail == "more than 64 hosts")
        if case .closed = names.way(to: "http://h0.localhost/") { Issue.record("the first") }
    }

    // MARK: waiting

    @Test("a resolver that hangs for one account leaves the others alone, and what waits for it is not sent") func hangs() async throws {
        let server = try ScriptedServer([answering(20)])
        let lookup = ScriptedLookup(["dead.example": [.hangs()], "sms.example": [.finds(["127.0.0.1"])]])
        defer { lookup.release() }
        let dead = plainAccount { ($0.name, $0.connectTimeout) = ("dead", .milliseconds(300)) }
        try await withTransport(plainAccount(), dead, resolver: Resolver(lookup: lookup)) { transport in
            let (mail, http) = (mailCall("smtp://dead.example:25/x"), httpCall("http://dead.example:9/"))
            let held = [http, mail].map { call in Task { await transport.perform(call, on: "dead") } }
            await lookup.asked("dead.example")
            for _ in 1...20 { #expect(await transport.perform(httpCall(url("sms.example", server)), on: "acct").text == "ok") }
            for one in held {
                let failure = await one.value.failure
                #expect(failure?.cause == .resolve && failure?.mayHaveBeenSent == false)
                #expect(failure?.detail == "the resolver did not answer in time")
            }
        }
    }

    @Test("calls wait for one look-up, and leave when it has ended") func together() async throws {
        let server = try ScriptedServer([answering(50)])
        let lookup = ScriptedLookup(["sms.example": [.hangs(.addresses([SocketAddress(ip: "127.0.0.1", port: 0)!]))]])
        let collector = LoopTests.Collector(50)
        try await withTransport(plainAccount { $0.maxInFlight = 4 }, resolver: resolver(lookup)) { transport in
            transport.onCompletions { collector.take($0) }
            let batch = (1...50).map { Submission(ticket: UInt64($0), account: "acct", call: httpCall(url("sms.example", server))) }
            #expect(transport.submit(batch).isEmpty)
            await lookup.asked("sms.example")
            #expect(server.received.isEmpty)
            lookup.release()
            let done = await collector.all
            #expect(done.count == 50 && done.allSatisfy { $0.result.text == "ok" })
        }
        #expect(lookup.asked == ["sms.example": 1] && server.received.count <= 4)
    }

    @Test("what waits for its name can be cancelled, moved to the account's new settings, and given back at the end") func waits()
        async throws
    {
        let server = try ScriptedServer([answering(1)])
        let lookup = ScriptedLookup([
            "sms.example": [.hangs(.addresses([SocketAddress(ip: "127.0.0.1", port: 0)!]))], "dead.example": [.hangs()],
        ])
        defer { lookup.release() }
        let transport = Transport(capacity: 8, resolver: resolver(lookup))
        transport.register(plainAccount())
        let cancelled = Task { await transport.perform(httpCall("http://dead.example/"), on: "acct") }
        await lookup.asked("dead.example")
        cancelled.cancel()
        #expect(await cancelled.value.failure == .neverStarted)

        let moved = Task { await transport.perform(httpCall(url("sms.example", server)), on: "acct") }
        await lookup.asked("sms.example")
        transport.register(plainAccount { $0.maxInFlight = 2 })
        let last = Task { await transport.perform(httpCall("http://dead.example/"), on: "acct") }
        lookup.release()
        #expect(await moved.value.text == "ok")
        await transport.shutdown(within: .zero)
        #expect(await last.value.failure?.mayHaveBeenSent == false)
    }

    @Test("an attempt that waits for its name has no more than its intent") func flight() async throws {
        let box = try FlightBox()
        let slot = try box.claim()
        let lookup = ScriptedLookup(["dead.example": [.hangs()]])
        defer { lookup.release() }
        let collector = LoopTests.Collector(1)
        try await withTransport(plainAccount { $0.connectTimeout = .milliseconds(200) }, resolver: Resolver(lookup: lookup)) { transport in
            transport.onCompletions { collector.take($0) }
            let one = Submission(ticket: 1, account: "acct", call: httpCall("http://dead.example/"), flight: slot)
            #expect(transport.submit([one]).isEmpty)
            await lookup.asked("dead.example")
            #expect(box.log.found(FlightBox.attempt, inSlot: slot.number) == .notStarted)
            #expect(await collector.all.first?.result.failure?.mayHaveBeenSent == false)
            #expect(box.log.phase(of: FlightBox.attempt, inSlot: slot.number) == .intent)
        }
    }
}
