@testable import Core
import Testing

/// Where a quick way stands in for a slow one, both must say the same.
@Suite("quick ways")
struct QuickPathTests {
    /// Texts of pieces that matter to one way or the other.
    private func texts(_ pieces: [String], seed: UInt64, upTo count: Int = 30) -> [String] {
        var rng = SplitMix64(seed: seed)
        return (0..<4000).map { _ in
            (0..<Int.random(in: 0...count, using: &rng)).map { _ in pieces.randomElement(using: &rng)! }.joined()
        }
    }

    // MARK: Words

    private func keepsItsPlaces<Word: ClosedWord>(_: Word.Type) {
        let words = Array(Word.allCases)
        #expect(words.map { Int($0.ordinal) } == Array(words.indices))
        #expect(Set(words).count == words.count && Set(words.map(\.rawValue)).count == words.count)
        for (n, word) in words.enumerated() {
            #expect(word == words[n] && !(word != words[n]) && word == Word(rawValue: word.rawValue))
            for other in words[..<n] { #expect(word != other && !(word == other)) }
        }
    }

    @Test func wordsAreToldApartByTheirPlaces() {
        keepsItsPlaces(Channel.self)
        keepsItsPlaces(Priority.self)
        keepsItsPlaces(Platform.self)
        keepsItsPlaces(Kind.self)
        keepsItsPlaces(FundsState.self)
        keepsItsPlaces(Resolution.self)
        keepsItsPlaces(NoticeStage.self)
        keepsItsPlaces(TextLocale.self)
        keepsItsPlaces(Mode.self)
        keepsItsPlaces(DeliveryState.self)
        keepsItsPlaces(AttemptState.self)
        keepsItsPlaces(ReasonCode.self)
        keepsItsPlaces(Field.self)
        keepsItsPlaces(Vocabulary.self)
        keepsItsPlaces(Audience.self)
        keepsItsPlaces(Episode.Status.self)
        keepsItsPlaces(DedupeMark.Status.self)
        keepsItsPlaces(Anomaly.Stage.self)
        #expect(Channel.allCases.sorted() == Channel.allCases && Priority.allCases.map(\.lane) == [2, 1, 0])
    }

    // MARK: Plain text

    /// By the properties of every scalar.
    private func plain(_ text: String, limit: Int) -> String {
        var out = String.UnicodeScalarView()
        var (inTag, space) = (false, false)
        for scalar in text.unicodeScalars {
            if inTag {
                inTag = scalar != ">"
            } else if scalar == "<" {
                inTag = true
            } else if scalar.properties.isWhitespace {
                space = !out.isEmpty
            } else if !isHidden(scalar) {
                if space { out.append(" ") }
                space = false
                out.append(scalar)
            }
        }
        var scalars = out.prefix(limit)
        if scalars.last == " " { scalars.removeLast() }
        return String(scalars)
    }

    private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        let hidden: [Unicode.GeneralCategory] = [
            .control, .format, .privateUse, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator,
        ]
        return hidden.contains(scalar.properties.generalCategory)
    }

    @Test("plain text is what the properties of its scalars make of it", arguments: [41, 42] as [UInt64])
    func plainText(seed: UInt64) {
        let pieces = [
            "a", "Z", "9", "~", " ", " ", "<", ">", "&", "\n", "\u{7F}", "\u{A0}", "银", "一", "龥", "\u{9FBF}", "\u{9FC0}", "\u{4DFF}",
            "\u{3000}",
            "é", "e\u{301}", "\u{202E}", "😀", "\u{E000}", "行",
        ]
        for text in texts(pieces, seed: seed) + texts(["a", "b", " ", "银", "行"], seed: seed) {
            for limit in [0, 5, 12, 60, .max] {
                let made = PlainText(text, limit: limit).description
                guard made.unicodeScalars.elementsEqual(plain(text, limit: limit).unicodeScalars) else {
                    Issue.record("seed \(seed), limit \(limit): \(text.unicodeScalars.map(\.value))")
                    return
                }
            }
        }
    }

    @Test func everyScalarHasTheStandingItsCategoryGives() {
        for value in UInt32(0)...0x2_FFFF {
            guard let scalar = Unicode.Scalar(value), PlainText.isHidden(scalar) != isHidden(scalar) else { continue }
            Issue.record("U+\(String(value, radix: 16))")
        }
    }

    // MARK: Addresses

    /// Part by part, as RFC 5321 has them.
    private func isMail(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: 0x40, omittingEmptySubsequences: false).map(Array.init)
        guard text.utf8.count <= 254, parts.count == 2, (1...64).contains(parts[0].count), !parts[1].isEmpty else { return false }
        let isDotted = parts.allSatisfy { !$0.split(separator: 0x2E, omittingEmptySubsequences: false).contains([]) }
        let domain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.".utf8)
        return isDotted && parts[0].allSatisfy { $0 > 0x20 && $0 < 0x7F && !"<>()[],;:\\\"".utf8.contains($0) }
            && parts[1].allSatisfy(domain.contains)
    }

    @Test("a mail address is one by its parts", arguments: [51, 52] as [UInt64])
    func mail(seed: UInt64) {
        let pieces = ["a", "b1", ".", "-", "_", "+", "@", "@x", ".de", "é", " ", "(", "\\", "\""]
        var good = 0
        for text in texts(pieces, seed: seed, upTo: 6) {
            #expect((MailAddress(text) != nil) == isMail(text), "seed \(seed): \(text)")
            good += isMail(text) ? 1 : 0
        }
        #expect(good > 20)
        let local = String(repeating: "a", count: 64), long = String(repeating: "d", count: 186)
        for text in ["\(local)@b.de", "\(local)a@b.de", "\(local)@\(long).de", "\(local)@\(long)d.de"] {
            #expect((MailAddress(text) != nil) == isMail(text))
        }
    }

    @Test func devicesNameTheirPlatform() {
        for (text, token, platform) in [
            ("ios:abc", "abc", Platform.ios), ("harmony:a:b", "a:b", .harmony), ("web::x", ":x", .web), ("abc:APA91b", "abc:APA91b", nil),
            ("harmonyx:a", "harmonyx:a", nil), (":a", ":a", nil), ("ios", "ios", nil),
        ] as [(String, String, Platform?)] {
            guard case .device(let device)? = Address(channel: .push, text: text) else {
                Issue.record("\(text)")
                continue
            }
            #expect(device.text == token && device.platform == platform)
        }
        #expect(Address(channel: .push, text: "ios:") == nil && Address(channel: .push, text: "ios:\u{301}") == nil)
    }

    // MARK: JSON and times

    @Test func canonicalNamesAreSortedByTheirBytes() {
        var rng = SplitMix64(seed: 61)
        let names = ["", "a", "aa", "ab", "b", "Z", "é", "z", "￿", "😀", "payout_id_of_more_than_fifteen", "payout_id_of_more_than_fiftee"]
        let sorted = names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        let expected = JSON.object(sorted.map { ($0, .string($0)) }).bytes
        for _ in 0..<50 {
            #expect(JSON.object(names.shuffled(using: &rng).map { ($0, .string($0)) }).canonicalBytes == expected)
        }
    }

    @Test func momentsAreWrittenInPart() {
        let moment = time("2025-11-12T03:04:05.006Z")
        #expect(moment.written(10) == "2025-11-12" && moment.written(13) == "2025-11-12T03" && moment.written(16) == "2025-11-12T03:04")
        #expect(moment.written(24) == moment.description && moment.written(99) == moment.description)
        let last = time("9999-12-31T23:59:59.999Z")
        #expect(last.description == "9999-12-31T23:59:59.999Z" && (last + .milliseconds(1)).description == "10000-01-01T00:00:00.000Z")
        #expect(time("0000-01-01T00:00:00Z").description == "0000-01-01T00:00:00.000Z")
        #expect(Timestamp(rfc3339: "x2025-11-12T03:04:05Zx".dropFirst().dropLast())?.seconds == moment.seconds)
    }

    /// Group by group, with the calendar asked for each part.
    private func moment(_ text: String) -> Int64? {
        let shape = /(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))/
        guard text.unicodeScalars.allSatisfy(\.isASCII), let parts = text.wholeMatch(of: shape)?.output,
            let year = Int(parts.1), let month = Int(parts.2), let day = Int(parts.3), let hour = Int(parts.4),
            let minute = Int(parts.5), let second = Int(parts.6), (1...12).contains(month), day >= 1,
            day <= CivilTime.days(in: month, of: year), hour < 24, minute < 60, second < 60
        else { return nil }
        let (hours, minutes) = (parts.9.flatMap { Int($0) } ?? 0, parts.10.flatMap { Int($0) } ?? 0)
        guard hours < 24, minutes < 60, let fraction = Int64(((parts.7.map(String.init) ?? "") + "000").prefix(3)) else { return nil }
        let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        let read = civil.moment(offset: (hours * 60 + minutes) * (parts.8 == "-" ? -60 : 60))
        guard (time("0000-01-01T00:00:00Z")...time("9999-12-31T23:59:59Z")).contains(read) else { return nil }
        return read.milliseconds + fraction
    }

    @Test("a moment is read as its parts say", arguments: [81, 82] as [UInt64])
    func momentsAreRead(seed: UInt64) {
        var rng = SplitMix64(seed: seed)
        let good = ["2025-11-12T03:30:00.123Z", "2024-02-29t23:59:59+23:59", "0000-01-01T00:00:00z", "9999-12-31T23:59:59.9999-00:01"]
        for _ in 0..<4000 {
            var bytes = Array(good.randomElement(using: &rng)!.utf8)
            for _ in 0..<Int.random(in: 0...2, using: &rng) {
                let at = Int.random(in: 0..<bytes.count, using: &rng)
                switch Int.random(in: 0..<4, using: &rng) {
                case 0: bytes.remove(at: at)
                case 1: bytes.insert(bytes[at], at: at)
                default: bytes[at] = Array("0123456789:-+.TZ /".utf8).randomElement(using: &rng)!
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(Timestamp(rfc3339: text)?.milliseconds == moment(text), "seed \(seed): \(text)")
        }
    }

    @Test func durationsKeepTheirMilliseconds() {
        for n in [0, 1, -1, 999, -999, 1000, 86_400_000, -86_400_000, .max / 2, .min / 2] as [Int64] {
            #expect(Duration.milliseconds(n).milliseconds == n)
        }
        #expect(Duration.microseconds(1999).milliseconds == 1 && Duration.microseconds(-1999).milliseconds == -1)
    }

    // MARK: Texts

    @Test("thirteen digits that stand together are looked at, and no fewer", arguments: [91, 92] as [UInt64])
    func cardsAreFoundAmongDigits(seed: UInt64) {
        let card = Array("4222222222222")
        #expect(CardRule.cut(String(card)) == "****2222")
        var rng = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let breaks = ["", "", "", " ", "-", "\u{A0}", "\u{2010}", "\u{2011}", "\u{3000}", "\u{FF0D}"]
            let digits = card.map { digit in
                Bool.random(using: &rng) ? String(digit) : String(Unicode.Scalar(0xFF10 + UInt32(String(digit))!)!)
            }
            let text = digits.map { $0 + breaks.randomElement(using: &rng)! }.joined()
            #expect(CardRule.cut(text).hasPrefix("****2222") && !CardRule.isClean("银行\(text)。"), "seed \(seed): \(text)")
            for other in ["\u{2012}", "a", "é", "银", "😀", "  ", ".", "\u{FF1A}", "\u{3001}"] {
                let parted = digits.prefix(6).joined() + other + digits.suffix(7).joined()
                #expect(CardRule.isClean(parted), "\(parted)")
            }
        }
    }

    @Test func referencesAreOfTheirLettersOnly() {
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./".unicodeScalars)
        for value in UInt32(0)...0x17F {
            guard let scalar = Unicode.Scalar(value) else { continue }
            #expect(Identifier.isValid(String(Character(scalar)), limit: 2) == letters.contains(scalar))
        }
        #expect(!Identifier.isValid("", limit: 2) && Identifier.isValid("ab", limit: 2) && !Identifier.isValid("abc", limit: 2))
    }

    @Test("a message is measured by its scalars and its UTF-16", arguments: [93, 94] as [UInt64])
    func messages(seed: UInt64) {
        for text in texts(["a", "Ab ", "€", "{", "é", "λ", "Ω"], seed: seed, upTo: 400).prefix(200)
            + texts(["a", "你", "😀", "€", "ß"], seed: seed, upTo: 200).prefix(200)
        {
            let measure = SMSMeasure(text)
            let costs = text.unicodeScalars.map { GSMAlphabet.septets($0) }
            #expect(measure.firstOutsideGSM == zip(text.unicodeScalars, costs).first { $0.1 == nil }?.0)
            let isGSM = !costs.contains(nil)
            #expect(measure.units == (isGSM ? costs.reduce(0) { $0 + ($1 ?? 0) } : text.utf16.count))
            #expect((measure.encoding == .gsm7) == isGSM && (measure.parts == 1) == (measure.units <= (isGSM ? 160 : 70)))
            #expect(SMSMeasure(text.dropFirst(0)) == measure)
        }
    }

    @Test func base64IsReadBack() {
        var rng = SplitMix64(seed: 95)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &rng) }
            let text = Base64.encode(bytes)
            #expect(Base64.decode(text) == bytes)
            guard let at = text.indices.randomElement(using: &rng) else { continue }
            var broken = text
            broken.replaceSubrange(at...at, with: "-")
            #expect(Base64.decode(broken) == nil && Base64.decode(String(text.dropLast())) == nil)
        }
    }

    @Test func factsStandInTheOrderOfTheirNames() throws {
        var rng = SplitMix64(seed: 96)
        let names = Field.allCases.map(\.rawValue).sorted()
        for _ in 0..<200 {
            var (facts, expected) = (Facts(), [Field: TemplateValue]())
            for n in 0..<Int.random(in: 0...60, using: &rng) {
                let field = Field.allCases.randomElement(using: &rng)!
                if Int.random(in: 0..<4, using: &rng) == 0 { facts.set(field, nil) } else { facts.set(field, count: n) }
                expected[field] = facts[field]
            }
            #expect(facts.values == expected && facts.json.object?.map(\.0) == names.filter { expected[Field(rawValue: $0)!] != nil })
            #expect(facts.bytes == facts.json.bytes && Facts(json: facts.json) == facts)
            var newer = Facts()
            newer.set(.order, World.order)
            newer.set(.until, count: 1)
            facts.merge(newer)
            #expect(facts.values == expected.merging(newer.values) { $1 })
        }
    }
}
