import Core
import Testing

@testable import Providers

/// The scan says what `JSON` says, or nothing.
@Suite struct ReplyScanTests {
    private static func asJSON(_ body: [UInt8], _ path: String) -> ReplyScan.Found {
        guard let json = ProviderReply(status: 200, body: body).json else { return .nothing }
        var here = json
        for step in JSON.steps(path) {
            if let items = here.array {
                guard let n = Int(step), items.indices.contains(n) else { return .nothing }
                here = items[n]
            } else {
                guard let next = here[step] else { return .nothing }
                here = next
            }
        }
        if case .number(let text) = here { return .number(text) }
        return here.string.map { .text($0) } ?? .nothing
    }

    static let usual: [(String, String, ReplyScan.Found)] = [
        (#"{"data":{"messages":[{"id":"m-1"}]}}"#, "data.messages.0.id", .text("m-1")),
        (#" { "a" : [ 1 , -2.5e+3 , {"b":"中"} ] , "c" : null }"#, "a.2.b", .text("中")),
        (#"{"a":[1,-2.5e+3]}"#, "a.1", .number("-2.5e+3")), (#"{"a":[1]}"#, "a.1", .nothing), (#"{"a":{"1":2}}"#, "a.1", .number("2")),
        (#"{"id":true,"x":{"id":"other"}}"#, "id", .nothing), (#"{"id":{}}"#, "id.id", .nothing), (#"["a","b"]"#, "01", .text("b")),
        (#""whole""#, "", .text("whole")), ("0", "", .number("0")), ("{}", "", .nothing), ("[]", "0", .nothing),
    ]

    @Test(arguments: usual) func finds(_ body: String, _ path: String, _ found: ReplyScan.Found) {
        #expect(ReplyScan.find(ReplyPath(path), in: Array(body.utf8)) == found)
        #expect(Self.asJSON(Array(body.utf8), path) == found)
    }

    /// Each is left to `JSON`, which reads some of them and refuses the others.
    static let unusual = [
        "", " ", "{", "{}x", "[1,]", "{\"id\":1,}", "{\"id\" 1}", "{\"id\":1,\"id\":1}", "{\"i\\u0064\":1}", "{\"a\":\"\\n\",\"id\":1}",
        "{\"é\":1,\"id\":2}", "{\"id\":01}", "{\"id\":1.}", "{\"id\":-}", "{\"id\":1e}", "{\"id\":tru}", "{\"a\":\"\u{1F}\",\"id\":1}",
        "{\"id\":\(String(repeating: "1", count: 65))}", "\u{FEFF}{\"id\":1}", "{\"a\":\(String(repeating: "[", count: 16))",
        "{\"a\":\(String(repeating: "[", count: 16))\(String(repeating: "]", count: 16)),\"id\":1}",
        "{\((0..<65).map { "\"n\($0)\":0" }.joined(separator: ",")),\"id\":1}",
    ]

    @Test(arguments: unusual) func leaves(_ body: String) {
        #expect(ReplyScan.find(ReplyPath("id"), in: Array(body.utf8)) == nil)
        let reply = ProviderReply(status: 200, body: Array(body.utf8))
        #expect(reply.scalar(at: ReplyPath("id")) == reply.json?.scalar(at: ["id"]))
        #expect(reply.string(ReplyPath("id")) == reply.json?["id"]?.string)
    }

    @Test("bytes that are not UTF-8 are left to JSON, in any member")
    func badBytes() {
        #expect(ReplyScan.find(ReplyPath("id"), in: Array(#"{"id":"a","x":""#.utf8) + [0xFF] + Array(#""}"#.utf8)) == nil)
    }

    @Test("damaged replies are found in as JSON finds in them")
    func damaged() {
        for seed in UInt64(1)...400 {
            var dice = Dice(state: seed &* 0x9E37_79B9_7F4A_7C15)
            for (text, path, _) in Self.usual {
                var body = Array(text.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &dice) {
                    let at = Int.random(in: 0...body.count, using: &dice)
                    switch Int.random(in: 0...3, using: &dice) {
                    case 0: body.insert(Array("\"{}[],:\\ 0-".utf8).randomElement(using: &dice)!, at: at)
                    case 1 where at < body.count: body.remove(at: at)
                    case 2 where at < body.count: body[at] ^= 1 << UInt8.random(in: 0...7, using: &dice)
                    default: body.insert(contentsOf: body[at...].prefix(4), at: at)
                    }
                }
                guard let found = ReplyScan.find(ReplyPath(path), in: body) else { continue }
                #expect(found == Self.asJSON(body, path), "seed \(seed): \(String(decoding: body, as: UTF8.self))")
            }
        }
    }
}
