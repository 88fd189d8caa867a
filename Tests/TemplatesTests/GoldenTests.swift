import Core
import Foundation
import Templates
import Testing

/// Every shipped text, rendered, byte for byte. `CLARION_RECORD=1` writes the files anew and fails, so that a record is never a pass.
@Suite struct GoldenTests {
    static let folder = Shipped.root.appending(path: "Tests/Fixtures/golden")
    static var isRecording: Bool { ProcessInfo.processInfo.environment["CLARION_RECORD"] != nil }

    static func fingerprint(_ text: String) -> String {
        Shipped.fnv(Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// HTML by length and fingerprint: its words are those of the text part, and three pages are kept whole.
    static func lines(_ content: Content) -> String {
        switch content {
        case .sms(let text):
            let measure = SMSMeasure(text)
            return "[\(measure.encoding.rawValue) \(measure.units), \(measure.parts)] \(text)\n"
        case .push(let title, let body), .inApp(let title, let body): return "\(title)\n\(body)\n"
        case .mail(let subject, let text, let html): return "\(subject)\n\n\(text)[html \(html.utf8.count) bytes \(fingerprint(html))]\n"
        }
    }

    static func all(_ set: TemplateSet, _ kind: Kind, _ locale: TextLocale, _ stage: NoticeStage, _ variant: String? = nil) throws -> String
    {
        try TemplateSet.channels.map { channel in
            let content = try set.render(Requests.request(set, kind, channel, locale, stage: stage, variant: variant))
            return "== \(stage.rawValue)\(variant.map { "." + $0 } ?? "") \(channel.rawValue)\n" + lines(content)
        }.joined()
    }

    static func compare(_ text: String, _ name: String) throws {
        let file = folder.appending(path: name)
        if isRecording {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
            Issue.record("recorded \(name): look at the change and run again without CLARION_RECORD")
            return
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        // The first line that differs says more than two whole files.
        if Array(golden.utf8) != Array(text.utf8) {
            let pair = zip(
                golden.split(separator: "\n", omittingEmptySubsequences: false),
                text.split(separator: "\n", omittingEmptySubsequences: false)
            ).first { $0 != $1 }
            Issue.record("\(name): golden \"\(pair?.0 ?? "ends")\", now \"\(pair?.1 ?? "ends")\"")
        }
    }

    @Test(arguments: Kind.allCases, TextLocale.allCases) func kind(_ kind: Kind, _ locale: TextLocale) throws {
        let set = try #require(Shipped.set)
        var text = try Self.all(set, kind, locale, .opened)
        for variant in set.variants(of: kind) { text += try Self.all(set, kind, locale, .opened, variant) }
        // The words of later stages stand in full in `shared`; here each has its fingerprint, since the values differ by kind.
        for stage in NoticeStage.allCases where stage != .opened {
            text += "== \(stage.rawValue) \(Self.fingerprint(try Self.all(set, kind, locale, stage)))\n"
        }
        try Self.compare(text, "\(kind.rawValue).\(locale.rawValue).txt")
    }

    @Test(arguments: TextLocale.allCases) func shared(_ locale: TextLocale) throws {
        let set = try #require(Shipped.set)
        var text = ""
        for stage in NoticeStage.allCases where stage != .opened { text += try Self.all(set, .bankDelay, locale, stage) }
        for channel in TemplateSet.channels {
            text += "== generic \(channel.rawValue)\n" + Self.lines(try set.generic(Requests.request(set, .riskHold, channel, locale)))
        }
        var hidden = Requests.request(set, .riskHold, .push, locale)
        hidden.privatePreview = true
        text += "== private_preview push\n" + Self.lines(try set.render(hidden))
        try Self.compare(text, "shared.\(locale.rawValue).txt")
    }

    /// One from left to right in each script of the reviewed languages, and one from right to left.
    @Test(arguments: [TextLocale.zhHans, .zhHant, .en, .ar]) func page(_ locale: TextLocale) throws {
        let set = try #require(Shipped.set)
        guard case .mail(_, _, let html) = try set.render(Requests.request(set, .riskHold, .mail, locale)) else { return }
        try Self.compare(html, "risk_hold.\(locale.rawValue).html")
    }
}
