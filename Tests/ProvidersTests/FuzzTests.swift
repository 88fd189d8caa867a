import Core
import Providers
import Testing

/// Xorshift64*: the same seed, the same run.
struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

@Suite struct FuzzTests {
    /// Replies that mean something, to be damaged.
    static let seeds: [String: [(Int, String)]] = [
        "twilio": [(201, #"{"sid":"SM00000000000000000000000000000001","status":"queued"}"#), (400, #"{"code":21211,"message":"m"}"#)],
        "kannel": [(202, "0: Accepted for delivery"), (400, "Empty receiver number not allowed, rejected")],
        "http": [(200, #"{"data":{"messages":[{"id":"m-1"}]}}"#), (400, #"{"error":{"code":"E1"}}"#)],
        "apns": [(200, ""), (410, #"{"reason":"Unregistered","timestamp":1700000000000}"#), (400, #"{"reason":"BadDeviceToken"}"#)],
        "fcm": [(200, #"{"name":"projects/p/messages/0:1"}"#), (404, FCMTests.error("NOT_FOUND", "UNREGISTERED"))],
        "smtp": [(250, "2.0.0 queued"), (550, "550 5.1.1 No such user")],
    ]

    @Test("damaged replies are read without a trap; only 2xx is accepted", arguments: providers)
    func replies(_ provider: any Provider.Type) throws {
        let one = try Sample.make(provider)
        for seed in UInt64(1)...400 {
            var dice = Dice(state: seed &* 0x9E37_79B9_7F4A_7C15)
            for (status, text) in try #require(Self.seeds[provider.id]) {
                var body = Array(text.utf8)
                for _ in 0..<Int.random(in: 0...4, using: &dice) {
                    let at = Int.random(in: 0...body.count, using: &dice)
                    switch Int.random(in: 0...3, using: &dice) {
                    case 0: body.insert(UInt8.random(in: 0...255, using: &dice), at: at)
                    case 1 where at < body.count: body.remove(at: at)
                    case 2 where at < body.count: body[at] ^= 1 << UInt8.random(in: 0...7, using: &dice)
                    default: body = Array(body.prefix(at))
                    }
                }
                let other = Bool.random(using: &dice) ? status : Int.random(in: 100...599, using: &dice)
                let outcome = one.outcome(
                    of: ProviderReply(status: other, headers: [("apns-id", "a-1"), ("smtp-stage", "end")], body: body))
                if outcome.class == .accepted { #expect((200...299).contains(other), "\(provider.id), seed \(seed)") }
                #expect(outcome.class != .notSent, "\(provider.id), seed \(seed)")
            }
        }
    }

    @Test("random texts make a call that reads back, or a named problem", arguments: providers)
    func texts(_ provider: any Provider.Type) throws {
        let one = try Sample.make(provider)
        for seed in UInt64(1)...200 {
            var dice = Dice(state: seed &* 0x9E37_79B9_7F4A_7C15)
            let scalars = (0..<Int.random(in: 0...60, using: &dice)).compactMap { _ in
                let plane: UInt32 = [0x7F, 0x7FF, 0xFFFF, 0x10FFFF].randomElement(using: &dice)!
                return Unicode.Scalar(UInt32.random(in: 0...plane, using: &dice))
            }
            let text = String(String.UnicodeScalarView(scalars))
            do {
                let call = try one.call(for: Sample.message(provider.channel, text: text), key: Sample.key)
                #expect(ProviderCall(stored: call.storedBytes) == call, "\(provider.id), seed \(seed)")
                #expect(call.http?.url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } != false, "\(provider.id), seed \(seed)")
                if let body = call.http?.body, call.http?.header("content-type")?.contains("json") == true { _ = try JSON(parsing: body) }
            } catch let problem as CallProblem {
                #expect([.renderError, .tooLong].contains(problem.reason), "\(provider.id), seed \(seed)")
            }
        }
    }
}
