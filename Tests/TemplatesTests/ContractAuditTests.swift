import Core
import Testing

@testable import Templates

/// Every rule of the contract, broken on purpose in every shipped text that it holds for: kind × stage × variant × channel, in each language. Each break has to
/// be found in its file, on its line and in its column.
@Suite("breaking every text", .serialized) struct ContractAuditTests {
    /// One text of a file: `opened.mail.what`.
    struct Place {
        var file: String
        /// From 1.
        var line: Int
        /// Nil for the texts that no kind has of its own.
        var kind: Kind?
        /// `opened`, `variants.materials`, `progress`; empty in the generic texts.
        var form: String
        /// `sms`, `push.title`, `mail.what`, …
        var part: String
        /// The line as it is, up to the text's opening quotation mark; and the text.
        var head, text: String

        var channel: String { part.split(separator: ".").first.map(String.init) ?? part }
        /// `opened`, and all variants of it.
        var isFirst: Bool { form == "opened" || form.hasPrefix("variants.") }
        var stage: NoticeStage { isFirst ? .opened : NoticeStage(rawValue: form) ?? .opened }
        var variant: String? { form.hasPrefix("variants.") ? String(form.dropFirst("variants.".count)) : nil }
        /// Where a text as a whole is blamed.
        var start: String { "\(file):\(line):\(head.unicodeScalars.count + 1): error: " }
        /// Where a piece of it is, after so many scalars.
        func place(after scalars: Int) -> String { "\(file):\(line):\(head.unicodeScalars.count + 2 + scalars): error: " }
    }

    /// The texts of one language, with their places.
    struct Pages {
        let locale: TextLocale
        private(set) var places: [Place] = []
        private var lines: [String: [String]] = [:]

        init(_ locale: TextLocale) {
            self.locale = locale
            for file in Shipped.files where file.path.hasSuffix("/\(locale.rawValue).yaml") && !file.path.contains("/vague/") {
                lines[file.path] = file.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                if !file.path.contains("/terms/") { read(file.path) }
            }
        }

        private mutating func read(_ path: String) {
            let kind = path.split(separator: "/").dropLast().last.flatMap { Kind(rawValue: String($0)) }
            var keys: [(indent: Int, name: String)] = []
            for (index, line) in (lines[path] ?? []).enumerated() {
                let indent = line.prefix { $0 == " " }.count
                guard let colon = line.firstIndex(of: ":"), line.dropFirst(indent).first != "#", indent < line.count else { continue }
                keys.removeAll { $0.indent >= indent }
                keys.append((indent, String(line[..<colon].dropFirst(indent))))
                guard let quote = line[colon...].firstIndex(of: "\""), line.hasSuffix("\"") else { continue }
                let names = keys.map(\.name).filter { $0 != "stages" }
                let length = names.first == "variants" ? 2 : path.contains("/generic/") ? 0 : 1
                places.append(
                    Place(
                        file: path, line: index + 1, kind: kind, form: names.prefix(length).joined(separator: "."),
                        part: names.dropFirst(length).joined(separator: "."), head: String(line[..<quote]),
                        text: String(line[quote...].dropFirst().dropLast())))
            }
        }

        /// The mistakes that the compiler finds once these texts are changed; nil takes the whole line away.
        func problems(_ changed: [(place: Place, text: String?)], in others: [(path: String, old: String, new: String)] = []) -> Set<String>
        {
            var lines = lines
            // From below: taking a line away moves those behind it.
            for (place, text) in changed.sorted(by: { $0.place.line > $1.place.line }) {
                if let text {
                    lines[place.file]?[place.line - 1] = place.head + "\"\(text)\""
                } else {
                    lines[place.file]?.remove(at: place.line - 1)
                }
            }
            // What else is in the set is not read.
            let read = Shipped.files.filter {
                lines[$0.path] != nil || $0.path.hasSuffix("\(locale.rawValue).yaml") || $0.path.hasSuffix("/en.yaml")
                    || $0.path.hasSuffix(".html")
            }
            let files = read.map { file in
                var text = lines[file.path]?.joined(separator: "\n") ?? file.text
                for other in others where other.path == file.path {
                    precondition(text.contains(other.old), "\(other.path) does not hold \(other.old)")
                    text = text.replacing(other.old, with: other.new, maxReplacements: 1)
                }
                return (path: file.path, text: text)
            }
            do {
                let scope = TemplateSet.Scope(kinds: Kind.allCases, locales: [locale])
                _ = try TemplateSet.compile(files: files, scope: scope) { _ in [UInt8](repeating: 0, count: 8) }
                return []
            } catch {
                return Set(error.all.map(\.description))
            }
        }
    }

    private func expect(_ found: Set<String>, _ expected: [String], _ locale: TextLocale) {
        #expect(!expected.isEmpty)
        let missed = expected.filter { start in !found.contains { $0.hasPrefix(start) } }
        #expect(
            missed.isEmpty,
            "\(locale.rawValue), \(missed.count) of \(expected.count) breaks pass: \(missed.prefix(4).joined(separator: "\n"))")
    }

    /// Something behind each text that is chosen, and what is said of it there.
    private func append(
        _ locale: TextLocale, to isMeant: (Place) -> Bool, _ said: (Int, Place) -> (added: String, blamed: String, problem: String)?
    ) {
        let pages = Pages(locale)
        var changed: [(Place, String?)] = []
        var expected: [String] = []
        for (n, place) in pages.places.filter(isMeant).enumerated() {
            guard let (added, blamed, problem) = said(n, place) else { continue }
            let text = place.text + " " + added
            changed.append((place, text))
            // Its own mention, not one that is harmless.
            let before = text.ranges(of: blamed).last.map { text[..<$0.lowerBound].unicodeScalars.count } ?? 0
            expected.append("\(place.place(after: before))\(path(of: place)): \(problem)")
        }
        expect(pages.problems(changed), expected, locale)
    }

    private func path(of place: Place) -> String {
        let stage = place.form.isEmpty || place.kind == nil || place.isFirst ? place.form : "stages." + place.form
        return [stage, place.part].filter { !$0.isEmpty }.joined(separator: ".")
    }

    private func list(_ key: String, _ locale: TextLocale) -> [String] {
        let text = Shipped.files.first { $0.path == "templates/_shared/vague/\(locale.rawValue).yaml" }?.text ?? ""
        let lines = text.split(separator: "\n").map(String.init)
        guard let start = lines.firstIndex(where: { $0.drop { $0 == " " } == "\(key):" }) else { return [] }
        return lines[(start + 1)...].prefix { $0.contains("- \"") }.map { String($0.drop { $0 != "\"" }.dropFirst().dropLast()) }
    }

    private static func short(_ place: Place) -> Bool { place.channel == "sms" || place.channel == "push" }

    // MARK: What must be said

    @Test("the order, and each value that a kind has to tell, on every channel", arguments: TextLocale.allCases)
    func values(_ locale: TextLocale) {
        let pages = Pages(locale)
        var expected: [String] = []
        for place in pages.places where pages.places.last(where: { isBeside($0, place) })?.line == place.line {
            let fields = [Field.order] + (place.form.isEmpty ? [] : MustTell.fields(place.kind, place.stage, variant: place.variant))
            expected += fields.map { "\(place.start)\(path(of: place)): {\($0.rawValue)} is missing" }
        }
        expect(pages.problems(pages.places.map { ($0, "x") }), expected, locale)
    }

    /// Of the same notice, on the same channel.
    private func isBeside(_ a: Place, _ b: Place) -> Bool { a.file == b.file && a.form == b.form && a.channel == b.channel }

    @Test("where the money is, what comes next, and what there is to do", arguments: TextLocale.allCases)
    func blocks(_ locale: TextLocale) {
        let pages = Pages(locale)
        let first = pages.places.filter(\.isFirst)
        // A text that has the values it must have, and says nothing else.
        func bare(_ place: Place) -> [Field] { [.order] + MustTell.fields(place.kind, .opened, variant: place.variant) }
        var expected: [String] = []
        for place in first where ["sms", "in_app.body", "mail.money"].contains(place.part) {
            let fields = place.part == "mail.money" ? [] : bare(place)
            if !fields.contains(.funds) && !fields.contains(.traceRef) {
                let problem =
                    place.part == "in_app.body" ? "says neither where the money is nor where to see it" : "does not say where the money is"
                expected.append("\(place.start)\(path(of: place)): \(problem)")
            }
            let asksNothing = place.part == "in_app.body" && place.kind.map(MustTell.asksNothing) == true
            if place.part != "mail.money", !asksNothing, Set(fields).isDisjoint(with: [.eta, .deadline, .refundETA, .support]) {
                expected.append("\(place.start)\(path(of: place)): does not say what comes next")
            }
        }
        let texts = first.map { place in
            (place, Optional(place.part == "mail.money" ? "x" : bare(place).map { "{\($0.rawValue)}" }.joined(separator: " ")))
        }
        expect(pages.problems(texts), expected, locale)
    }

    @Test("a way to support or to the app, in every SMS", arguments: TextLocale.allCases) func ways(_ locale: TextLocale) {
        let pages = Pages(locale)
        // All that the SMS has to say, and no way.
        let places = pages.places.filter { $0.part == "sms" }
        let texts = places.map { place in
            (
                place,
                Optional("{order} " + MustTell.fields(place.kind, place.stage, variant: place.variant).map { "{\($0.rawValue)}" }.joined())
            )
        }
        expect(pages.problems(texts), places.map { "\($0.start)\(path(of: $0)): names no way to support or to the app" }, locale)
    }

    @Test("a first mail has all four blocks", arguments: TextLocale.allCases) func parts(_ locale: TextLocale) {
        let pages = Pages(locale)
        let gone = pages.places.filter { $0.isFirst && ["mail.money", "mail.next", "mail.you"].contains($0.part) }
        var expected: [String] = []
        for place in gone {
            guard var subject = pages.places.last(where: { isBeside($0, place) && $0.part == "mail.subject" }) else { continue }
            // What was taken away above it.
            subject.line -= gone.count { $0.file == subject.file && $0.line < subject.line }
            expected.append("\(subject.start)\(path(of: subject)): \(place.part) is missing")
        }
        expect(pages.problems(gone.map { ($0, nil) }), expected, locale)
    }

    @Test("support and the order stand in the footer of every mail", arguments: TextLocale.allCases) func footer(_ locale: TextLocale)
        throws
    {
        let path = "templates/_shared/terms/\(locale.rawValue).yaml"
        let lines = try #require(Shipped.files.first { $0.path == path }).text.split(separator: "\n", omittingEmptySubsequences: false)
        let line = try #require(lines.firstIndex { $0.hasPrefix("  footer:") }) + 1
        let footer = String(lines[line - 1])
        let without = footer.replacing("{support}", with: "x").replacing("{order}", with: "x")
        expect(
            Pages(locale).problems([], in: [(path, footer, without)]),
            ["support", "order"].map { "\(path):\(line):11: error: mail.footer: {\($0)} is missing" }, locale)
    }

    // MARK: What may not be said

    @Test("vague wording, each word of it", arguments: TextLocale.allCases) func vague(_ locale: TextLocale) {
        let words = list("refused", locale)
        append(locale, to: { _ in true }) { n, _ in
            let word = words[n % words.count]
            return (word, word, "vague wording \"\(word)\"")
        }
    }

    @Test("a claim that the money state forbids", arguments: TextLocale.allCases) func claims(_ locale: TextLocale) {
        let words = list("safe", locale) + list("posted", locale)
        append(locale, to: { _ in true }) { n, _ in
            let word = words[n % words.count]
            return (word, word, "\"\(word)\" is also said when the money is ")
        }
    }

    @Test("an amount in an SMS or a push", arguments: TextLocale.allCases) func amounts(_ locale: TextLocale) {
        append(locale, to: Self.short) { n, place in
            // The generic text allows next to nothing, and says so first.
            guard !place.form.isEmpty || n % 2 == 1 else { return nil }
            return n % 2 == 0 ? ("{amount}", "{amount}", "{amount} may not stand here") : ("€100", "€", "an amount may not stand here")
        }
        append(locale, to: Self.short) { n, place in
            place.form.isEmpty ? nil : ("{amount, if {x}}", "{amount", "{amount} may not stand here")
        }
    }

    private static let links = [
        ("https://a.example/x", "https:"), ("HTTP://a.example", "HTTP:"), ("examplepay://open", "://"), ("www.a.example", "www."),
        ("pay.example/app", "pay.example"), ("bit.ly/x1", "bit.ly"), ("t.co", "t.co"), ("(a-b.io)", "a-b.io"), ("{brand}.com", ".com"),
    ]

    @Test("a link in an SMS or a push", arguments: TextLocale.allCases) func links(_ locale: TextLocale) {
        append(locale, to: Self.short) { n, _ in
            let link = Self.links[n % Self.links.count]
            return (link.0, link.1, "a link may not stand here")
        }
    }

    @Test("anything that asks for a password or a code", arguments: TextLocale.allCases) func secrets(_ locale: TextLocale) {
        let words = list("words", locale)
        #expect(words.count >= 5)
        // "We never ask" stands beside it in some, and excuses nothing.
        append(locale, to: { _ in true }) { n, _ in
            let word = words[n % words.count]
            return (word, word, "asks for \"\(word)\"")
        }
    }

    @Test("a sender who is not named first", arguments: TextLocale.allCases) func sender(_ locale: TextLocale) {
        let pages = Pages(locale)
        let places = pages.places.filter { $0.channel == "sms" }
        expect(
            pages.problems(places.map { ($0, "x" + $0.text) }),
            places.map { "\($0.start)\(path(of: $0)): an SMS begins with " }, locale)
    }

    @Test("a reason for a restriction, as a value or in words", arguments: TextLocale.allCases) func discreet(_ locale: TextLocale) {
        let isRestricted: (Place) -> Bool = { $0.kind == .complianceRestricted }
        for field in [Field.reason, .materials, .field, .deadline, .progress] {
            append(locale, to: isRestricted) { n, _ in
                let written = n % 2 == 0 ? "{\(field.rawValue)}" : "{\(field.rawValue), if {x}}"
                return (written, "{\(field.rawValue)", "{\(field.rawValue)} may not be told")
            }
        }
        let words = list("discreet", locale)
        for round in 0..<(words.count + 9) / 10 {
            append(locale, to: isRestricted) { n, _ in
                let word = words[(round * 10 + n) % words.count]
                return (word, word, "\"\(word)\" may not be told")
            }
        }
    }

    @Test("an SMS or a push that no phone shows whole", arguments: TextLocale.allCases) func lengths(_ locale: TextLocale) {
        let pages = Pages(locale)
        let places = pages.places.filter { Self.short($0) && !$0.form.isEmpty }
        let found = pages.problems(places.map { ($0, $0.text + " " + String(repeating: "x", count: 700)) })
        expect(found, places.map { "\($0.start)\(path(of: $0)): " }, locale)
        #expect(found.count { $0.contains(" characters with usual values, ") } == places.count { $0.channel == "push" })
        #expect(found.count { $0.contains(" SMS parts with usual values, ") } == places.count { $0.channel == "sms" })
    }

    @Test("a word of ours that brings along a link, an amount or a value", arguments: TextLocale.allCases) func words(_ locale: TextLocale)
        throws
    {
        let path = "templates/_shared/terms/\(locale.rawValue).yaml"
        let lines = try #require(Shipped.files.first { $0.path == path }).text.split(separator: "\n", omittingEmptySubsequences: false)
        for (name, added, problem) in [
            ("id_document", "{amount}", "{amount} may not stand here (these words have no values)"),
            ("under_review", "bit.ly/x", "a link may not stand here"), ("account_closed", "$5", "an amount may not stand here"),
            ("minimum", "{reason}", "{reason} may not stand here (known: {rule_amount})"),
        ] {
            let index = try #require(lines.firstIndex { $0.hasPrefix("  \(name):") })
            let line = String(lines[index])
            let place = "\(path):\(index + 1):\(line.unicodeScalars.count + 1): error: "
            let found = Pages(locale).problems([], in: [(path, line, line.dropLast() + " " + added + "\"")])
            #expect(found.contains { $0.hasPrefix(place) && $0.contains(problem) }, "\(found)")
        }
    }
}
