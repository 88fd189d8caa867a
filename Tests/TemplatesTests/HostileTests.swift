import Core
import Testing

@testable import Templates

/// Names that somebody outside chose, in every field that prints one, on every channel: text, and nothing else.
@Suite("hostile names are delivered as harmless text") struct HostileTests {
    struct Name: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
    }
    static let names = [
        Name(testDescription: "control", text: "Ba\u{0}nk\u{1B}[31m\u{7}\u{9B}2J\r\nBcc: x@y.zz\u{85}\u{2028}Subject: x"),
        Name(testDescription: "bidi", text: "\u{202E}knaB\u{2066}a\u{2069}\u{200F}\u{61C}b\u{202C}"),
        Name(testDescription: "zero width", text: "Ba\u{200B}n\u{200C}k\u{FEFF}\u{2060}\u{AD} of\u{E0001}\u{E0041} X"),
        Name(testDescription: "markup", text: "a<script>alert(1)</script><img src=x onerror=1>b&lt;i&gt;\" onload=\"1' x='>"),
        Name(testDescription: "open tag", text: "Bank & <img src=x onerror=alert(1)"),
        Name(testDescription: "formula", text: "=HYPERLINK(\"x\";A1)|'cmd /C calc'!A0"),
        Name(testDescription: "markers", text: "{amount}{{heading}}{funds, select, other {x}}#%@$(x)${y}"),
        Name(testDescription: "signature", text: "【假】Bank】\u{A0}\u{3000}x"),
        Name(testDescription: "1 MB", text: String(repeating: "A银\u{301}👩\u{200D}", count: 1 << 16)),
    ]
    /// What stands in the place of a name when it is looked for.
    private static let stand = "Qzvq7"

    let set: TemplateSet
    init() throws { set = try #require(Shipped.set) }

    private func requests(_ locale: TextLocale) -> [RenderRequest] {
        Kind.allCases.flatMap { kind in
            TemplateSet.channels.flatMap { channel in
                NoticeStage.allCases.map { Requests.request(set, kind, channel, locale, stage: $0) }
                    + set.variants(of: kind).map { Requests.request(set, kind, channel, locale, variant: $0) }
            }
        }
    }

    /// Every field that holds text from outside. The kinds of values come from the samples: a new field of text is met here by itself.
    private func fields(_ request: RenderRequest) -> [Field] {
        request.facts.values.compactMap { field, value in if case .text = value { field } else { nil } }.sorted {
            $0.rawValue < $1.rawValue
        }
    }

    @Test(arguments: names, [TextLocale.zhHans, .en, .ar]) func staysText(_ name: Name, _ locale: TextLocale) throws {
        let plain = PlainText(fromOutside: name.text)
        #expect(!plain.description.isEmpty && plain.description.unicodeScalars.count <= 60)
        var met: Set<Field> = []
        for request in requests(locale) {
            for field in fields(request) {
                let (there, here) = (try said(request, field, PlainText(Self.stand)), try said(request, field, plain))
                for (text, expected) in zip(here, there) {
                    if text.text != expected.text { met.insert(field) }
                    check(text, expected.text, plain.description, "\(request.kind) \(request.stage) \(request.channel) \(field)")
                }
            }
        }
        #expect(met == [.bank, .wallet, .traceRef])
    }

    private struct Said {
        var text: String
        var isHTML = false, isSMS = false
    }

    private func said(_ request: RenderRequest, _ field: Field, _ name: PlainText) throws -> [Said] {
        var request = request
        request.facts.set(field, name)
        switch try set.render(request) {
        case .sms(let text): return [Said(text: text, isSMS: true)]
        case .push(let title, let body), .inApp(let title, let body): return [Said(text: title), Said(text: body)]
        case .mail(let subject, let text, let html): return [Said(text: subject), Said(text: text), Said(text: html, isHTML: true)]
        }
    }

    /// - Parameter expected: the same text with a word for the name.
    private func check(_ said: Said, _ expected: String, _ name: String, _ place: String) {
        if let hidden = said.text.unicodeScalars.first(where: { $0 != "\n" && PlainText.isHidden($0) }) {
            Issue.record("\(place): U+\(String(hidden.value, radix: 16))")
        }
        if said.isSMS {
            let (parts, most) = (SMSMeasure(said.text).parts, TextLocale.allCases.map { LocaleRules.of($0).mostParts }.max() ?? 0)
            #expect(parts <= most && !said.text.contains("\n") && !said.text.dropFirst().contains("【"), "\(place): \(said.text)")
            // Folded: only what stays as it is can be compared.
            guard PlainText.isCommon(name) else { return }
        }
        let written = said.isHTML ? Self.escaped(name) : name
        if said.text != expected.replacing(Self.stand, with: written) { Issue.record("\(place): \(said.text)") }
    }

    private static func escaped(_ text: String) -> String {
        [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")].reduce(text) { $0.replacing($1.0, with: $1.1) }
    }

    @Test("a name of nothing visible leaves no hole", arguments: TemplateSet.channels) func empty(_ channel: Channel) {
        var request = Requests.request(set, .bankDelay, channel, .en)
        request.facts.set(.bank, PlainText(fromOutside: "\u{200B}\u{202E}<b>\r\n"))
        let problem = #expect(throws: RenderProblem.self) { try set.render(request) }
        #expect(problem?.reason == .fieldMissing && problem?.field == .bank)
    }
}
