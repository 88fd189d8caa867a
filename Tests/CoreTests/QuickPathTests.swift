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

    @Test func durationsKeepTheirMilliseconds() {
        for n in [0, 1, -1, 999, -999, 1000, 86_400_000, -86_400_000, .max / 2, .min / 2] as [Int64] {
            #expect(Duration.milliseconds(n).milliseconds == n)
        }
        #expect(Duration.microseconds(1999).milliseconds == 1 && Duration.microseconds(-1999).milliseconds == -1)
    }
}
