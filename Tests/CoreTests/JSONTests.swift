@testable import Core
import Testing

@Suite("strict JSON")
struct JSONTests {
    private func problem(_ bytes: [UInt8]) -> JSONProblem? {
        do {
            _ = try JSON(parsing: bytes)
            return nil
        } catch {
            return error
        }
    }
    private func problem(_ text: String) -> JSONProblem? { problem(Array(text.utf8)) }

    @Test(
        arguments: [
            ("null", JSON.null), (" true\n", true), ("false", false), ("0", .number("0")), ("-0.5e+10", .number("-0.5e+10")),
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u4F60\uD83D\ude00""#, "é你😀"), ("\"你😀\"", "你😀"),
            ("[]", []), ("[ 1 , [ ] ]", [1, []]), ("{}", .object([])), (#"{ "a" : null , "b":[{}] }"#, ["a": nil, "b": [.object([])]]),
            (#""\u0000""#, "\u{0}"), ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
        ] as [(String, JSON)])
    func reads(_ text: String, _ value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(arguments: [
        ("", "", "empty text"), ("  ", "", "empty text"), ("nul", "", "not a JSON value"), ("TRUE", "", "not a JSON value"),
        ("'a'", "", "not a JSON value"), ("1 2", "", "more text after the end of the value"),
        ("{} {}", "", "more text after the end of the value"),
        ("\"a", "", "text ends inside a string"), ("\"\n\"", "", "a control character inside a string"),
        (#""\x""#, "", "an unknown escape in a string"),
        (#""\u12G4""#, "", "not four hex digits after \\u"), (#""\u12"#, "", "text ends inside a string"), ("[1,]", "", "not a JSON value"),
        ("[1", "", "text ends inside an array"), ("[1 2]", "", "expected ',' or ']' in an array"),
        (#"{"a":1,}"#, "", "a member name must be a string"),
        (#"{"a" 1}"#, "a", "expected ':' after a member name"), ("{a:1}", "", "a member name must be a string"),
        (#"{"a":1"#, "", "text ends inside an object"),
        (#"{"a":{"b":1;}}"#, "a", "expected ',' or '}' in an object"), (#"{"a":"#, "a", "text ends where a value should be"),
        (#"{"data":{"kind":tru}}"#, "data.kind", "not a JSON value"),
        (#"{"a":1,"a":2}"#, "a", "the same key twice"), (#"{"data":{"kind":"x","seq":1,"kind":"x"}}"#, "data.kind", "the same key twice"),
        (#"{"a":1,"\u0061":2}"#, "a", "the same key twice"),
    ])
    func refusesAndNamesThePlace(_ text: String, _ path: String, _ words: String) {
        #expect(problem(text)?.path == path)
        #expect(problem(text)?.problem == words)
    }

    @Test(arguments: [
        "01", "-", "-a", "+1", ".5", "1.", "1.e5", "1e", "1e+", "0x10", "Infinity", "NaN", "1_000", "--1",
        String(repeating: "1", count: 65),
    ])
    func refusesNumber(_ text: String) {
        #expect(problem(text) != nil)
        #expect(problem("[\(text)]") != nil)
    }

    @Test func numbersKeepTheirText() throws {
        for text in ["1.10", "1E5", "12345678901234567890", "-0", "0.1e-2"] { #expect(try JSON(parsing: text).text == text) }
        #expect(try JSON(parsing: "9223372036854775807").integer == .max)
        #expect(try JSON(parsing: "-9223372036854775808").integer == .min)
        for text in ["9223372036854775808", "1.0", "1e3", "\"1\"", "true"] { #expect(try JSON(parsing: text).integer == nil) }
    }

    @Test(arguments: [
        #""\uD800""#, #""\uDC00""#, #""\uD800x""#, #""\uD800\n""#, #""\uD800\uD800""#, #""\uD83D\u0041""#, #""\uDE00\uD83D""#,
    ])
    func refusesHalfOfAPair(_ text: String) {
        #expect(problem(text)?.problem == "half of a surrogate pair")
    }

    @Test(
        "bytes that are not UTF-8: stray, overlong, surrogate, over U+10FFFF, cut off",
        arguments: [
            [0x80], [0xC3], [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0xFF], [0xE4, 0xBD],
        ] as [[UInt8]])
    func refusesBadUTF8(_ bytes: [UInt8]) {
        #expect(problem([0x22] + bytes + [0x22])?.problem == "bytes that are not UTF-8")
    }

    @Test func refusesByteOrderMark() {
        #expect(problem([0xEF, 0xBB, 0xBF] + Array("{}".utf8))?.problem == "byte order mark before the text")
        #expect(problem([0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00]) != nil)
    }

    @Test func sixteenLevelsAreRead() throws {
        func nested(_ levels: Int, _ open: String, _ close: String) -> String {
            String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            _ = try JSON(parsing: nested(16, open, close))
            #expect(problem(nested(17, open, close))?.problem == "nested deeper than 16 levels")
            #expect(problem(nested(100_000, open, close))?.problem == "nested deeper than 16 levels")
        }
        #expect(problem(nested(17, "{\"a\":", "}"))?.path == Array(repeating: "a", count: 16).joined(separator: "."))
    }

    @Test("a name in a path is a word; what may be a value in the wrong place is not shown")
    func pathsAreClean() {
        for name in ["<b>\\u202E\\n", String(repeating: "x", count: 41), "who@example.com", "+8613800000000", "sk_live_41f9"] {
            #expect(problem("{\"\(name)\":tru}")?.path == "*")
        }
        #expect(problem("{\"last4\":{\"push_token\":tru}}")?.path == "last4.push_token")
    }

    @Test func canonicalBytesIgnoreOrderAndSpace() throws {
        let a = try JSON(parsing: #"{"b":[1,{"y":2,"x":"\u00e9"}],"a":null,"B":true}"#)
        let b = try JSON(parsing: " { \"B\":true, \"a\" : null,\"b\":[ 1 , {\"x\":\"é\",\"y\":2}]}\n")
        #expect(a.canonicalBytes == b.canonicalBytes)
        #expect(String(decoding: a.canonicalBytes, as: UTF8.self) == #"{"B":true,"a":null,"b":[1,{"x":"é","y":2}]}"#)
        #expect(a != b)
        #expect(try JSON(parsing: "[1,2]").canonicalBytes != JSON(parsing: "[2,1]").canonicalBytes)
    }

    @Test func writesControlCharactersEscaped() throws {
        let all = JSON.string(String(String.UnicodeScalarView((0..<0x20).compactMap { Unicode.Scalar(UInt8($0)) })) + "\u{7F}\"\\/é")
        #expect(all.text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        #expect(all.text.hasPrefix(#""\u0000\u0001"#) && all.text.hasSuffix(#"\u007f\"\\/é""#))
        #expect(try JSON(parsing: all.text) == all)
    }

    @Test func looksUpMembers() throws {
        let json = try JSON(parsing: #"{"s":"x","n":-7,"b":true,"a":[1],"o":{"i":null}}"#)
        #expect(json["s"]?.string == "x" && json["n"]?.integer == -7 && json["b"]?.bool == true && json["a"]?.array?.count == 1)
        #expect(json["o"]?["i"]?.isNull == true && json["o"]?.object?.count == 1)
        #expect(json["x"] == nil && json["s"]?["x"] == nil && json["s"]?.integer == nil && json["n"]?.string == nil)
    }

    // MARK: Random

    private func randomValue(_ rng: inout SplitMix64, depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth < 6 ? 7 : 5), using: &rng) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &rng))
        case 2: return .number(String(Int64.random(in: .min ... .max, using: &rng)))
        case 3:
            return .number(
                "\(Int.random(in: -99...99, using: &rng)).\(UInt16.random(in: 0...999, using: &rng))E-\(UInt8.random(in: 0...9, using: &rng))"
            )
        case 4: return .string(randomText(&rng))
        case 5: return .array((0..<Int.random(in: 0...4, using: &rng)).map { _ in randomValue(&rng, depth: depth + 1) })
        default:
            var names: Set<String> = []
            let members = (0..<Int.random(in: 0...4, using: &rng)).map { _ in (randomText(&rng), randomValue(&rng, depth: depth + 1)) }
            return .object(members.filter { names.insert($0.0).inserted })
        }
    }

    private func randomText(_ rng: inout SplitMix64) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...8, using: &rng) {
            let limits: [UInt32] = [0x20, 0x80, 0x800, 0xFFFF, 0x10FFFF]
            if let scalar = Unicode.Scalar(UInt32.random(in: 0...limits.randomElement(using: &rng)!, using: &rng)) { text.append(scalar) }
        }
        return String(text)
    }

    @Test("what is written reads back equal", arguments: [1, 2, 3] as [UInt64])
    func roundTrips(seed: UInt64) throws {
        var rng = SplitMix64(seed: seed)
        for _ in 0..<2000 {
            let value = randomValue(&rng, depth: 1)
            #expect(try JSON(parsing: value.bytes) == value, "seed \(seed)")
            #expect(try JSON(parsing: value.canonicalBytes).canonicalBytes == value.canonicalBytes, "seed \(seed)")
        }
    }

    @Test("20,000 damaged texts: an error or a value, never a trap", arguments: [11, 12, 13, 14] as [UInt64])
    func survivesDamage(seed: UInt64) throws {
        var rng = SplitMix64(seed: seed)
        let seeds = try fixtureLines("bad-events.jsonl").prefix(40).map { Array($0.utf8.prefix(1200)) }
        for _ in 0..<5000 {
            var bytes = Bool.random(using: &rng) ? seeds.randomElement(using: &rng)! : randomValue(&rng, depth: 1).bytes
            for _ in 0..<Int.random(in: 1...4, using: &rng) where !bytes.isEmpty {
                let at = Int.random(in: 0..<bytes.count, using: &rng)
                switch Int.random(in: 0..<4, using: &rng) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &rng)
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(Array("{}[]\",:\\u0dDeE-+.".utf8).randomElement(using: &rng)!, at: at)
                default: bytes.removeSubrange(at...)
                }
            }
            if let value = try? JSON(parsing: bytes) { #expect(try JSON(parsing: value.bytes) == value, "seed \(seed)") }
        }
    }
}
