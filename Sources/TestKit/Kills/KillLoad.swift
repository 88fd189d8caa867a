public import Core
import FoundationEssentials
import Synchronization
import Transport

/// Producers that keep posting events until the worker is gone, and remember what it answered.
public final class KillLoad: Sendable {
    private struct State {
        var next = 1
        /// Posted, answer unknown: the same event is posted again, as a producer has to.
        var open: [Int] = []
        var acknowledged: Set<String> = []
        var refused: [String] = []
        /// Answers in this call of `post`.
        var answers = 0
        /// What is out of the ordinary with an event.
        var special: [Int: Special] = [:]
    }
    /// One hold, told on one channel, whose promise may be about to pass.
    public struct Special: Sendable {
        public var channel: Channel
        public var promised: Timestamp?
        public init(channel: Channel, promised: Timestamp? = nil) { (self.channel, self.promised) = (channel, promised) }
    }
    private let state = Mutex(State())
    private let start = Date.now
    private let planted: Planted

    public init() {
        do { planted = try Planted.read() } catch { preconditionFailure("\(error)") }
    }

    /// Answered with 202, or as a duplicate of what had been stored when the answer was lost.
    public var acknowledged: Set<String> { state.withLock { $0.acknowledged } }
    public var refused: [String] { state.withLock { $0.refused } }
    /// Posted and never answered.
    public var open: Int { state.withLock { $0.open.count } }

    /// Posts through a worker's socket, eight at a time. Returns when the worker is gone, or when there is nothing more to post.
    /// - Parameters:
    ///   - upTo: the number of the last event; nil: without end.
    ///   - atMost: so many more.
    ///   - acknowledge: told after each answer, with the number of answers of this call.
    public func post(
        to socket: String, onlyOpen: Bool = false, upTo last: Int? = nil, atMost more: Int? = nil,
        acknowledge: @escaping @Sendable (_ count: Int) -> Void = { _ in }
    ) async {
        let transport = Self.transport(to: socket)
        let last = state.withLock { state in
            state.answers = 0
            return onlyOpen ? 0 : last ?? more.map { state.next - 1 + $0 } ?? .max
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 1...8 {
                group.addTask {
                    while let n = self.take(upTo: last) {
                        guard await self.post(n, over: transport) else { return }
                        acknowledge(self.answered())
                    }
                }
            }
        }
        await transport.shutdown(within: .zero)
    }

    /// Posts one event. Returns when the worker has answered, or is gone.
    public func post(_ special: Special, to socket: String) async {
        let n = state.withLock { state in
            // Every fourth is an end.
            if state.next % 4 == 0 { state.next += 1 }
            defer { state.next += 1 }
            state.special[state.next] = special
            return state.next
        }
        let transport = Self.transport(to: socket)
        _ = await post(n, over: transport)
        await transport.shutdown(within: .zero)
    }

    /// Every event that was posted, as the producers know it: `input.jsonl` (`RunDirectory`). And what was planted in them.
    public func write(to run: RunDirectory) throws {
        let (ids, known) = state.withLock { state in ((1..<state.next).map { "ev-\($0)" }, state.acknowledged) }
        let lines = ids.map { id -> JSON in ["id": .string(id), "acknowledged": .bool(known.contains(id))] }
        try TextFile.write(lines.map { String(decoding: $0.bytes, as: UTF8.self) + "\n" }.joined(), to: run.path + "/input.jsonl")
        try planted.write(to: run)
    }

    private static func transport(to socket: String) -> Transport {
        let transport = Transport(capacity: 16)
        transport.register(TransportAccount(name: "worker", allowPlain: true, maxInFlight: 8, timeout: .seconds(15), unixSocket: socket))
        return transport
    }

    private func answered() -> Int {
        state.withLock { state in
            state.answers += 1
            return state.answers
        }
    }

    private func take(upTo last: Int) -> Int? {
        state.withLock { state in
            if let open = state.open.popLast() { return open }
            if state.next > last { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    /// False when the worker did not answer.
    private func post(_ n: Int, over transport: Transport) async -> Bool {
        let (id, body) = event(n)
        let call = HTTPCall(
            url: "http://localhost/v1/events", headers: [("content-type", HeaderValue("application/cloudevents+json")!)], body: body.bytes)
        let result = await transport.perform(.http(call), on: "worker")
        return state.withLock { state in
            guard case .reply(let reply) = result else {
                state.open.append(n)
                return false
            }
            if reply.status == 202 || reply.status == 200 {
                state.acknowledged.insert(id)
            } else {
                state.refused.append("\(id): \(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
            }
            return true
        }
    }

    /// Three holds in four, and one end of a hold that was told before. Every order has a customer of its own.
    private func event(_ n: Int) -> (id: String, JSON) {
        let special = state.withLock { $0.special[n] }
        let isEnd = n % 4 == 0
        let order = isEnd ? n - 3 : n
        let moment = Timestamp(milliseconds: Int64(start.timeIntervalSince1970 * 1000) - 60_000)
        func time(_ offset: Duration) -> JSON { .string((moment + offset).description) }
        var data: [(String, JSON)] = [
            ("schema", 1), ("payout_id", .string("WD\(order)")), ("seq", isEnd ? 2 : 1), ("anomaly_id", .string("an-\(order)")),
            ("kind", "risk_hold"), ("stage", isEnd ? "resolved" : "detected"), ("funds_state", isEnd ? "in_balance" : "held"),
            ("occurred_at", time(.milliseconds(n))), ("channel", "modulr"), ("rail", "uk_fps"),
            ("bank", ["code": "BARCGB22", "name": "Barclays"]),
            ("account", ["type": "account", "bin": "999945", "last4": "7132", "number": .string(planted.card)]),
            ("amount", ["minor": .integer(1000 + order), "currency": "GBP"]), ("submitted_at", time(.seconds(-60))),
            ("customer", customer(order, special?.channel)),
        ]
        if isEnd {
            data.append(("outcome", "refunded"))
        } else {
            data.append(("reason", ["source": "internal", "code": "RISK_MATERIALS_NEEDED"]))
            data.append(("expected_at", special?.promised.map { .string($0.description) } ?? time(.hours(6))))
            data.append(("details", ["variant": "materials", "deadline": time(.hours(72)), "materials": ["transaction_proof"]]))
        }
        return (
            "ev-\(n)",
            [
                "specversion": "1.0", "id": .string("ev-\(n)"), "source": "/kill",
                "type": .string("com.example.payout.anomaly.\(isEnd ? "resolved" : "detected")"), "subject": .string("WD\(order)"),
                "time": time(.milliseconds(n)), "data": .object(data),
            ]
        )
    }

    private func customer(_ n: Int, _ channel: Channel?) -> JSON {
        func only(_ wanted: Channel, _ value: String) -> JSON { channel == nil || channel == wanted ? .string(value) : .null }
        let digits = String(String(1_000_000 + n).dropFirst())
        let token = String(repeating: "a", count: 58) + digits
        return [
            "id": .string("CU\(n)"), "name": .string(planted.name), "locale": .string(["en", "zh-Hans", "zh-Hant"][n % 3]),
            "time_zone": "Europe/London",
            "phone": only(.sms, "+447700\(digits)"), "mail": only(.mail, "aurelia.fenn\(n)@example.com"), "push_token": only(.push, token),
            "private_preview": false,
        ]
    }
}
