import Core
import Glibc
import Synchronization
import TestKit
import Testing

@testable import Transport

/// The thread, its inbox, the queues and the end of everything.
@Suite struct LoopTests {
    /// Collects completions until `count` are there.
    final class Collector: Sendable {
        private let state = Mutex<(done: [Completion], waiter: CheckedContinuation<Void, Never>?)>(([], nil))
        private let count: Int
        init(_ count: Int) { self.count = count }
        func take(_ batch: [Completion]) {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                state.done += batch
                return state.done.count >= count ? state.waiter.take() : nil
            }
            waiter?.resume()
        }
        var all: [Completion] {
            get async {
                await withCheckedContinuation { waiter in
                    let isThere = state.withLock { state -> Bool in
                        if state.done.count < count { state.waiter = waiter }
                        return state.done.count >= count
                    }
                    if isThere { waiter.resume() }
                }
                return state.withLock { $0.done }
            }
        }
    }

    @Test func batchesComeBackWithTheirTickets() async throws {
        let server = try ScriptedServer([answering(200)])
        let account = plainAccount { $0.maxInFlight = 4 }
        let collector = Collector(200)
        try await withTransport(account, capacity: 1000) { transport in
            transport.onCompletions { collector.take($0) }
            let batch = (1...200).map { Submission(ticket: UInt64($0), account: "acct", call: httpCall(server.url, body: "n=\($0)")) }
            #expect(transport.submit(batch).isEmpty)
            let done = await collector.all
            #expect(Set(done.map(\.ticket)) == Set(1...200))
            #expect(done.allSatisfy { $0.result.text == "ok" && $0.elapsed > .zero })
        }
        // Never more connections than may be in flight: the rest waited here, not in libcurl.
        #expect(server.received.count <= 4)
        #expect(server.count(of: "POST /send") == 200)
    }

    @Test func whatHoldsTheThreadUpIsSeen() async throws {
        let server = try ScriptedServer([answering(2)])
        let collector = Collector(1)
        try await withTransport(plainAccount()) { transport in
            transport.onCompletions {
                usleep(60_000)
                collector.take($0)
            }
            #expect(transport.submit([Submission(ticket: 1, account: "acct", call: httpCall(server.url))]).isEmpty)
            _ = await collector.all
            // The next call comes after the wait that follows the long turn.
            #expect(await transport.perform(httpCall(server.url), on: "acct").text == "ok")
            // While it goes on.
            let told = await transport.longestTurns.first { $0 >= .milliseconds(50) }
            #expect(told != nil)
        }
    }

    @Test func aSlowAccountHoldsNobodyElseUp() async throws {
        let (slow, quick) = (try ScriptedServer([[.readRequest, .hold]]), try ScriptedServer([answering(50)]))
        let other = TransportAccount(name: "other", allowPlain: true, addresses: .loopbackOnly)
        try await withTransport(plainAccount(), other) { transport in
            let held = Task { await transport.perform(httpCall(slow.url), on: "acct") }
            await slow.reached(steps: 1)
            for _ in 1...50 { #expect(await transport.perform(httpCall(quick.url), on: "other").text == "ok") }
            held.cancel()
            #expect(await held.value.failure?.cause == .cancelled)
        }
    }

    @Test func manyAccountsAtOnce() async throws {
        let servers = try (0..<8).map { _ in try ScriptedServer([answering(20)]) }
        let transport = Transport()
        for n in servers.indices { transport.register(TransportAccount(name: "a\(n)", allowPlain: true, addresses: .loopbackOnly)) }
        let answers = await withTaskGroup(of: Bool.self) { group in
            for (n, server) in servers.enumerated() {
                for _ in 1...20 { group.addTask { await transport.perform(httpCall(server.url), on: "a\(n)").text == "ok" } }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(answers == 160)
        await transport.shutdown()
        for (n, server) in servers.enumerated() { #expect(server.count(of: "POST /send") == 20, "account a\(n)") }
    }

    @Test func cancellingTakesTheCallOffTheWire() async throws {
        let server = try ScriptedServer([[.readRequest, .hold]])
        try await withTransport(plainAccount()) { transport in
            let task = Task { await transport.perform(httpCall(server.url), on: "acct") }
            await server.reached(steps: 1)
            task.cancel()
            let failure = try #require(await task.value.failure)
            #expect((failure.cause, failure.mayHaveBeenSent) == (.cancelled, true))
            await server.ended(connection: 0)
        }
    }

    @Test func cancelledBeforeAnyByteIsNotSent() async throws {
        let server = try ScriptedServer([[.send(""), .hold]])
        try await withTransport(plainAccount()) { transport in
            // The handshake gets no answer, so the request never starts.
            let task = Task { await transport.perform(httpCall("https://127.0.0.1:\(server.port)/"), on: "acct") }
            await server.reached(steps: 1)
            task.cancel()
            let failure = try #require(await task.value.failure)
            #expect((failure.cause, failure.mayHaveBeenSent) == (.cancelled, false))
        }
    }

    @Test func aTaskThatIsCancelledAlreadySendsNothing() async throws {
        let server = try ScriptedServer([[.readRequest, .hold]])
        try await withTransport(plainAccount { $0.maxInFlight = 1 }) { transport in
            let first = Task { await transport.perform(httpCall(server.url, body: "id=first"), on: "acct") }
            await server.reached(steps: 1)
            let second = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await transport.perform(httpCall(server.url, body: "id=second"), on: "acct")
            }
            #expect(await second.value.failure == TransferFailure(cause: .cancelled, mayHaveBeenSent: false))
            first.cancel()
            _ = await first.value
        }
        #expect(server.count(of: "id=second") == 0)
    }

    @Test func beyondCapacityIsBusyAtOnce() async throws {
        let server = try ScriptedServer([[.readRequest, .hold]])
        try await withTransport(plainAccount(), capacity: 1) { transport in
            let first = Task { await transport.perform(httpCall(server.url), on: "acct") }
            await server.reached(steps: 1)
            #expect(await transport.perform(httpCall(server.url), on: "acct").failure == .busy)
            let refused = transport.submit([Submission(ticket: 9, account: "acct", call: httpCall(server.url))])
            #expect(refused.map(\.ticket) == [9])
            first.cancel()
            _ = await first.value
            #expect(server.received.count == 1)
        }
    }

    @Test func anAccountsQueueIsBounded() async throws {
        let server = try ScriptedServer([[.readRequest, .hold]])
        let collector = Collector(3)
        try await withTransport(plainAccount { ($0.maxInFlight, $0.maxQueued) = (1, 1) }) { transport in
            transport.onCompletions { collector.take($0) }
            let batch = (1...3).map { Submission(ticket: $0, account: "acct", call: httpCall(server.url)) }
            #expect(transport.submit(batch).isEmpty)
            await server.reached(steps: 1)
            await transport.shutdown(within: .zero)
            let causes = Dictionary(uniqueKeysWithValues: await collector.all.map { ($0.ticket, $0.result.failure) })
            #expect(causes[1]??.cause == .cancelled && causes[1]??.mayHaveBeenSent == true)
            #expect(causes[2] == .neverStarted)
            #expect(causes[3] == .busy)
        }
    }

    @Test("what is urgent has places of its own: it leaves although all the others hang") func urgent() async throws {
        let server = try ScriptedServer([[.readRequest, .hold]])
        let collector = Collector(21)
        try await withTransport(plainAccount { $0.maxInFlight = 8 }) { transport in
            transport.onCompletions { collector.take($0) }
            let bulk = (1...20).map { Submission(ticket: $0, account: "acct", call: httpCall(server.url, body: "id=bulk")) }
            #expect(transport.submit(bulk).isEmpty)
            for connection in 0..<6 { await server.reached(steps: 1, onConnection: connection) }
            let urgent = Submission(ticket: 99, account: "acct", call: httpCall(server.url, body: "id=urgent"), isUrgent: true)
            #expect(transport.submit([urgent]).isEmpty)
            await server.reached(steps: 1, onConnection: 6)
            #expect(server.count(of: "id=urgent") == 1 && server.count(of: "id=bulk") == 6)
            await transport.shutdown(within: .zero)
            _ = await collector.all
        }
    }

    @Test("what is urgent comes first, and of twenty one is of the others") func lanes() {
        let account = plainAccount { $0.maxQueued = 100 }
        var lanes = Lanes()
        func order(_ ticket: UInt64, isUrgent: Bool) -> Order {
            Order(account: "acct", call: httpCall("http://127.0.0.1:9/"), waiter: .batch(ticket: ticket), isUrgent: isUrgent)
        }
        for ticket in 1...40 as ClosedRange<UInt64> {
            let (bulk, urgent) = (
                lanes.append(order(ticket, isUrgent: false), account), lanes.append(order(100 + ticket, isUrgent: true), account)
            )
            #expect(bulk && urgent)
        }
        var started: [UInt64] = []
        while let next = lanes.popFirst() { if let done = next.end(.failure(.neverStarted)) { started.append(done.ticket) } }
        #expect(started.prefix(40).filter { $0 <= 40 } == [1, 2] && started.count == 80 && lanes.isEmpty)
        #expect(started.filter { $0 > 100 } == (101...140).map { $0 } && started.filter { $0 <= 40 } == (1...40).map { $0 })
    }

    @Test func shutdownLetsWhatIsOnTheWireFinish() async throws {
        let server = try ScriptedServer([[.readRequest, .wait, .send(ok)]])
        let transport = Transport()
        transport.register(plainAccount())
        let first = Task { await transport.perform(httpCall(server.url), on: "acct") }
        await server.reached(steps: 1)
        let stopped = Task { await transport.shutdown(within: .seconds(30)) }
        while await transport.perform(httpCall(server.url), on: "nobody").failure != .busy {}
        server.go()
        #expect(await first.value.text == "ok")
        await stopped.value
        await transport.shutdown()
        #expect(await transport.perform(httpCall(server.url), on: "acct").failure == .busy)
    }

    @Test func replacingAnAccountKeepsWhatIsUnderWay() async throws {
        let server = try ScriptedServer([[.readRequest, .hold], answering(9)])
        try await withTransport(plainAccount { $0.maxInFlight = 1 }) { transport in
            let first = Task { await transport.perform(httpCall(server.url), on: "acct") }
            await server.reached(steps: 1)
            let second = Task { await transport.perform(httpCall(server.url), on: "acct") }
            transport.register(plainAccount { $0.maxInFlight = 2 })
            #expect(await second.value.text == "ok")
            first.cancel()
            #expect(await first.value.failure?.mayHaveBeenSent == true)
            #expect(await transport.perform(httpCall(server.url), on: "acct").text == "ok")
        }
    }

    @Test func aForgottenTransportStops() async throws {
        let server = try ScriptedServer([answering(1) + [.hold]])
        await {
            let transport = Transport()
            transport.register(plainAccount())
            _ = await transport.perform(httpCall(server.url), on: "acct")
        }()
        await server.ended(connection: 0)
    }
}
