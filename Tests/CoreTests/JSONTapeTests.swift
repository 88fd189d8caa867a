@testable import Core
import Testing

/// What is read from the tape is what the tree of the same text holds.
@Suite("JSON, token by token")
struct JSONTapeTests {
    private func tape<Made>(_ text: String, _ work: (JSONTape) throws -> Made) throws -> Made {
        try Array(text.utf8).withUnsafeBufferPointer { bytes in
            try JSONTape.read(bytes) { tape in Result { try work(tape) } }.get()
        }
    }
    private func problem(_ text: String) -> JSONProblem? {
        do {
            _ = try JSON(parsing: text)
            return nil
        } catch {
            return error
        }
    }

    // MARK: Members

    @Test func membersAreFoundUnderTheirText() throws {
        try tape(#"{"b":{"a":1},"\u0061":[{"a":2}],"aa":"x","c_d":null}"#) { tape in
            #expect(tape.member("a", of: 0).map { JSON(tape, at: $0) } == .array([["a": 2]]))
            #expect(tape.member("b", of: 0).flatMap { tape.member("a", of: $0) }.flatMap(tape.integer) == 1)
            #expect(tape.member("aa", of: 0).map(tape.text) == "x" && tape.member("c_d", of: 0) != nil)
            #expect(tape.member("c", of: 0) == nil && tape.member("ab", of: 0) == nil)
            #expect(tape.member("aa", of: 0).flatMap { tape.member("a", of: $0) } == nil)
        }
    }

    @Test(arguments: [
        "0", "-0", "7", "-7", "999999999999999999", "1000000000000000000", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "1.0", "1e3", "123456789012345678901234567890", "\"1\"", "true", "null", "[1]",
    ])
    func integersAreThoseOfTheTree(_ text: String) throws {
        let (token, tree) = (try tape(text) { $0.integer(0) }, try JSON(parsing: text).integer)
        #expect(token == tree)
    }

    // MARK: Names

    @Test(
        "names that are one text are one name, however they are written",
        arguments: [
            ("a", #"\u0061"#), ("é", "e\u{301}"), ("é", #"\u00e9"#), ("K", "\u{212A}"), ("\u{212A}", "K"), ("", ""),
            ("payout_id_that_is_long", "payout_id_that_is_long"),
        ])
    func equalNames(_ first: String, _ second: String) {
        for between in ["", #""x":0,"#, (0..<40).map { "\"n\($0)\":0," }.joined()] {
            let text = "{\"\(first)\":1,\(between)\"\(second)\":2}"
            #expect(problem(text)?.problem == "the same key twice", "\(text)")
            #expect(problem(text)?.offset == text.utf8.count - second.utf8.count - 5)
        }
    }

    @Test("names that are like each other are two names, among few and among many")
    func differentNames() throws {
        // Of one length, with the same first and last letter.
        for count in [2, 18, 31, 32, 33, 34, 200] {
            let names = (0..<count).map { "a\(1000 + $0)z" } + ["", "a", "K", "k", "é", "e"]
            let read = try JSON(parsing: "{" + names.map { "\"\($0)\":0" }.joined(separator: ",") + "}")
            #expect(read.object?.map(\.0) == names)
            let twice = names.map { "\"\($0)\":0" } + ["\"a1000z\":0"]
            #expect(problem("{" + twice.joined(separator: ",") + "}")?.path == "*")
        }
    }

    @Test("the path goes on where an inner object ended, and through lists")
    func paths() {
        for (text, path) in [
            (#"{"a":{"b":1},"c":x}"#, "c"), (#"{"a":[{"b":{}},{"c":x}]}"#, "a.c"), (#"[{"a":1},x]"#, ""), (#"[[],{"a":[x]}]"#, "a"),
            (#"{"a":{"b":1}"#, ""), (#"{"a":{"b":1}} x"#, ""), (#"{} {}"#, ""), (#"{"a":{"b":{"c":1},"d" 1}}"#, "a.d"),
        ] {
            #expect(problem(text)?.path == path, "\(text)")
        }
    }

    // MARK: Canonical bytes

    private func text(_ rng: inout SplitMix64) -> String {
        let pieces = [
            "a", "b", "payout", "payout_", #"\""#, #"\\"#, #"\/"#, "/", #"\b"#, #"\f"#, #"\n"#, #"\u0000"#, #"\u007f"#, "\u{7F}",
            #"\u00e9"#,
            "é", "e\u{301}", "你", #"\uD83D\uDE00"#, "😀", " ", "Z", "_",
        ]
        return (0..<Int.random(in: 0...4, using: &rng)).map { _ in pieces.randomElement(using: &rng)! }.joined()
    }
    private func value(_ rng: inout SplitMix64, depth: Int) -> String {
        let space = Bool.random(using: &rng) ? "" : " \n"
        switch Int.random(in: 0..<(depth < 5 ? 7 : 5), using: &rng) {
        case 0: return "null" + space
        case 1: return "true"
        case 2: return space + "-1.50E+3"
        case 3, 4: return "\"\(text(&rng))\""
        case 5:
            return "[" + (0..<Int.random(in: 0...4, using: &rng)).map { _ in value(&rng, depth: depth + 1) }.joined(separator: ",") + "]"
        default: return object(&rng, depth: depth)
        }
    }
    private func object(_ rng: inout SplitMix64, depth: Int) -> String {
        let count = Int.random(in: 0...(depth == 1 ? 24 : 4), using: &rng)
        let members = (0..<count).map { _ in "\"\(text(&rng))\" :\(value(&rng, depth: depth + 1))" }
        return "{" + members.joined(separator: " ,") + "}"
    }

    @Test("the canonical bytes of some members are those of a tree of them", arguments: [71, 72, 73] as [UInt64])
    func canonical(seed: UInt64) throws {
        var (rng, good) = (SplitMix64(seed: seed), 0)
        for _ in 0..<3000 {
            let sent =
                "{\"type\":\(value(&rng, depth: 2)),\"x\":1,\"data\":\(object(&rng, depth: 1)),\"\\u0074ime\":\(value(&rng, depth: 2))}"
            guard problem(sent) == nil else { continue }
            good += 1
            let tree = try JSON(parsing: sent)
            let kept = JSON.object(["data", "time", "type"].compactMap { name in tree[name].map { (name, $0) } })
            let bytes = try tape(sent) { $0.canonicalBytes(of: ["data", "subject", "time", "type"], in: 0) }
            guard bytes == kept.canonicalBytes else {
                Issue.record("seed \(seed): \(sent)")
                return
            }
        }
        #expect(good > 500)
    }

    @Test("texts with as many tokens as there can be in so few bytes")
    func crowded() throws {
        let open = String(repeating: "[", count: 16), close = String(repeating: "]", count: 16)
        for text in ["0", "[]", "[0]", "[0,0,0,0]", open + close, open + "0" + close, "{\"\":0}", open.dropLast() + "{\"\":\"\""] {
            let (whole, part) = (problem(text), problem(String(text.dropLast())))
            #expect(text.hasSuffix("\"\"") ? whole?.problem == "text ends inside an object" : whole == nil)
            #expect(text.count == 1 || part != nil)
        }
        #expect(try JSON(parsing: "[" + Array(repeating: "0", count: 5000).joined(separator: ",") + "]").array?.count == 5000)
    }

    @Test("strings of every length, with what ends or breaks them at every place")
    func placesInStrings() throws {
        for length in 0...40 {
            let plain = String(repeating: "~", count: length)
            #expect(try JSON(parsing: "\"\(plain)\"").string == plain)
            for at in 0...length {
                func text(_ inside: String) -> String { "\"\(plain.prefix(at))\(inside)\(plain.dropFirst(at))\"" }
                #expect(problem(text("\u{1F}"))?.offset == at + 1 && problem(text("\\x"))?.offset == at + 2)
                #expect(problem(text("\""))?.offset == at + 2)
                for (sent, read) in [("\u{7F}", "\u{7F}"), ("é", "é"), ("\\n", "\n"), (" ", " "), ("\\\"", "\""), ("~!#[]^", "~!#[]^")] {
                    #expect(try JSON(parsing: text(sent)).string == plain.prefix(at) + read + plain.dropFirst(at))
                }
            }
        }
    }
}
