import Core
import StrictYAML
import Testing

@Suite struct StrictYAMLTests {
    enum Word: String, CaseIterable { case sms, push, mail }

    private func read(_ text: String, _ body: (YAMLMapping) -> Void = { _ in }) -> [String] {
        let findings = Findings()
        if let map = StrictYAML.parse(text, file: "f.yaml", findings)?.mapping() { body(map) }
        return findings.problems.map(\.description)
    }

    @Test func scalarsStayTheTextThatWasWritten() {
        let problems = read("country: NO\nopen: 22:00\ncode: 05\nversion: 1.10\nyes: \"a # b\"\nblock: |\n  one\n  two\n") { map in
            #expect(map["country"]?.text() == "NO")
            #expect(map["open"]?.text() == "22:00")
            #expect(map["code"]?.text() == "05")
            #expect(map["version"]?.text() == "1.10")
            #expect(map["yes"]?.text() == "a # b")
            #expect(map["block"]?.text() == "one\ntwo\n")
            map.close()
        }
        #expect(problems.isEmpty)
    }

    @Test func typedValues() {
        let problems = read("n: 12\nx: 0.5\nb: true\nl: [sms, push]\nd: [500ms, 30s, 10m, 2h, 7d]\n") { map in
            #expect(map["n"]?.int(in: 1...20) == 12)
            #expect(map["x"]?.double(in: 0...1) == 0.5)
            #expect(map["b"]?.bool() == true)
            #expect(map["l"]?.words(Word.self) == [.sms, .push])
            #expect(map["d"]?.list().compactMap { $0.duration() } == [.milliseconds(500), .seconds(30), .minutes(10), .hours(2), .days(7)])
        }
        #expect(problems.isEmpty)
    }

    @Test(arguments: [
        ("n: \"12\"", "f.yaml:1:4: error: n: expected a whole number (\"12\" is none)"),
        ("n: 012", "f.yaml:1:4: error: n: expected a whole number (\"012\" is none)"),
        ("n: 1_000", "f.yaml:1:4: error: n: expected a whole number (\"1_000\" is none)"),
        ("n: 99", "f.yaml:1:4: error: n: 99 is out of range (at least 1, at most 20)"),
        ("n: [1]", "f.yaml:1:4: error: n: expected a whole number"), ("n:", "f.yaml:1:3: error: n: expected a whole number (\"\" is none)"),
    ])
    func wrongNumbers(_ text: String, _ expected: String) {
        #expect(read(text) { _ = $0["n"]?.int(in: 1...20) } == [expected])
    }

    @Test(arguments: ["10", "m", "10 m", "1.5h", "-3s", "10M", "9999999999s", "1h30m", ""]) func wrongDurations(_ text: String) {
        #expect(
            read("a:\n  d: \"\(text)\"") { _ = $0["a"]?.mapping()?["d"]?.duration() } == [
                "f.yaml:2:6: error: a.d: expected a duration (a number and ms, s, m, h or d: 30s, 10m, 2h)"
            ])
    }

    @Test func durationsHaveBounds() {
        #expect(
            read("d: 3h") { _ = $0["d"]?.duration(in: .seconds(1) ... .hours(2)) } == [
                "f.yaml:1:4: error: d: 3h is out of range (1s to 2h)"
            ])
    }

    @Test func booleansAreTwoWords() {
        #expect(read("b: yes") { _ = $0["b"]?.bool() } == ["f.yaml:1:4: error: b: expected true or false"])
        #expect(read("b: \"true\"") { _ = $0["b"]?.bool() } == ["f.yaml:1:4: error: b: expected true or false"])
    }

    @Test func unknownKeysAndWordsAreFoundWhereTheyStand() {
        let problems = read("routes:\n  - channel: sms\n  - chanel: smss\n    other: 1\n") { map in
            for route in map.required("routes")?.list() ?? [] {
                let route = route.mapping()
                _ = route?.required("channel")?.word(Word.self)
                route?.close()
            }
        }
        #expect(
            problems == [
                "f.yaml:3:5: error: routes[1]: missing key \"channel\"",
                "f.yaml:3:5: error: routes[1].chanel: unknown key (did you mean \"channel\"?)",
                "f.yaml:4:5: error: routes[1].other: unknown key (known: channel)",
            ])
        #expect(read("c: smss") { _ = $0["c"]?.word(Word.self) } == ["f.yaml:1:4: error: c: unknown word \"smss\" (did you mean \"sms\"?)"])
        #expect(
            read("sms: 1\npsh: 2") { _ = $0.all(keyedBy: Word.self) } == ["f.yaml:2:1: error: psh: unknown key (did you mean \"push\"?)"])
    }

    @Test func wrongShapes() {
        #expect(
            read("a: 1") { _ = $0["a"]?.mapping() } == [
                "f.yaml:1:4: error: a: expected a mapping, found a single value (keys, each on its own line)"
            ])
        #expect(
            read("a: {b: 1}") { _ = $0["a"]?.list() } == [
                "f.yaml:1:4: error: a: expected a list, found a mapping ([a, b] or one \"- a\" a line)"
            ])
        #expect(read("a: ~") { _ = $0["a"]?.text() } == ["f.yaml:1:4: error: a: expected a text, found nothing"])
        #expect(read("- 1\n- 2") == ["f.yaml:1:1: error: expected a mapping, found a list (keys, each on its own line)"])
        #expect(read("") == ["f.yaml: error: the file is empty"])
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: error: a: the key stands here twice (first on line 1)"),
        ("x:\n  a: 1\n  b:\n    a: 9\n  a: 3\n", "f.yaml:5:3: error: a: the key stands here twice (first on line 2)"),
        ("x:\n  - a: 1\n    b: 2\n    \"a\": 3\n", "f.yaml:4:5: error: a: the key stands here twice (first on line 2)"),
        ("x: { a: 1, a: 2 }\n", "f.yaml:1:12: error: a: the key stands here twice (first on line 1)"),
        ("y: 1\n# a: no\na: 1\n# a: 2\n\na : 3\n", "f.yaml:6:1: error: a: the key stands here twice (first on line 3)"),
    ])
    func aKeyThatStandsTwiceIsFoundTheSecondTime(_ text: String, _ expected: String) { #expect(read(text) == [expected]) }

    @Test(arguments: [
        ("a: 1\n\tb: 2\n", "f.yaml:2:1: error: a tab cannot stand here (indent with spaces)"),
        (
            "a: b: c\n",
            "f.yaml:1:5: error: mapping values are not allowed in this context (put quotes around a text that holds a colon and a space)"
        ),
        ("a: \"x\n", "f.yaml:2:1: error: found unexpected end of stream"),
        (
            "a: 1\nb: @x\n",
            "f.yaml:2:4: error: found character that cannot start any token (put quotes around a text that begins with this character)"
        ),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: error: a second document begins here"),
        ("a: &x 1\nb: *x\n", "f.yaml:1:4: error: a: anchors and aliases are not supported (write the value out)"),
    ])
    func syntaxErrorsHaveAPlace(_ text: String, _ expected: String) { #expect(read(text).first == expected) }

    @Test func controlCharactersHaveAPlace() {
        #expect(read("a: 1\nb: x\u{1}y\n") == ["f.yaml:2:5: error: a character that no text file should hold"])
    }

    @Test func aPlaceInsideATextIsExact() {
        let text = "a: \"银行 {bank}, {oder} and {oder}\"\nb: |\n  first\n  second {oder}\n"
        let problems = read(text) { map in
            map["a"]?.fail("bad", at: "{oder}", skipping: 1)
            map["b"]?.fail("bad", at: "{oder}")
            map["b"]?.fail("bad", at: "not there")
        }
        #expect(problems == ["f.yaml:1:27: error: a: bad", "f.yaml:4:10: error: b: bad", "f.yaml:2:4: error: b: bad"])
    }

    @Test func anAliasCannotExplode() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for n in 1...8 { text += "a\(n): &a\(n) [" + Array(repeating: "*a\(n - 1)", count: 9).joined(separator: ", ") + "]\n" }
        #expect(read(text).count == 9)
    }

    @Test func allMistakesComeTogether() {
        let problems = read("n: x\nb: maybe\nextra: 1\n") { map in
            _ = map["n"]?.int()
            _ = map["b"]?.bool()
            _ = map.required("gone")
            map.close()
        }
        #expect(problems.count == 4)
    }
}
