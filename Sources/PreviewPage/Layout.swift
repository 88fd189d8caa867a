import Core
import Pages

/// The whole page around what is shown. What carries `data-part` is replaced by the script one by one, the rest stays.
struct Layout {
    let wish: Wish
    let span: View.Span
    let view: View

    private var scenario: Scenario { wish.scenario }

    var text: String {
        """
        \(Self.head("\(name) · Clarion preview"))
        <body><a class="skip" href="#shown">To the texts</a>
        <header class="top"><div><h1>Clarion <span>preview</span></h1>
        <p id="revision" data-part>\(revision)</p></div>
        <div class="live"><p id="state" role="status">Not live: press Show to see what is new</p></div></header>
        <div class="switchboard"><nav aria-label="View">\(views)</nav>
        \(Switchboard(wish: wish, span: span, choices: view.choices).text)</div>
        <main id="main"><p id="news" role="status" class="hidden"></p>
        \(Findings(view: view).text)
        <section id="shown" data-part aria-labelledby="h-shown"\(isStale ? " class=\"stale\"" : "") tabindex="-1">
        <div class="title"><h2 id="h-shown">\(escaped(name)) <small>\(subtitle)</small></h2>\(marks)</div>
        \(span == .oneLanguage ? Cards(wish: wish, view: view).text : Languages(wish: wish, view: view).text)
        </section></main>
        <footer class="end"><p>Sample values, rendered as the worker would. This page is seen from this machine alone.</p></footer>
        </body></html>
        """
    }

    static func head(_ title: String) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>\(escaped(title))</title>
        <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"><script src="/app.js" defer></script></head>
        """
    }

    /// A page that says why there is nothing to see, and the way back.
    static func refusal(_ refusal: Refusal) -> String {
        """
        \(head("Clarion preview"))
        <body class="refusal"><main><h1>\(escaped(refusal.words))</h1><p>\(escaped(refusal.hint))</p>
        <p><a class="button" href="/">To the preview</a></p></main></body></html>
        """
    }

    private var name: String { view.choices.kinds.first { $0.kind == scenario.kind }?.name ?? scenario.kind.rawValue }

    private var subtitle: String {
        let wording = scenario.wording.flatMap { name in view.choices.wordings.first { $0.name == name } }
        let stage =
            scenario.stage.title + (variant.map { ", \(escaped($0))" } ?? "")
            + (wording.map { ", wording \(escaped($0.name)) of \($0.weight) %" } ?? "")
        return "\(scenario.kind.rawValue) · \(stage)"
            + (span == .oneLanguage ? " · <bdi lang=\"\(scenario.locale.rawValue)\">\(scenario.locale.name)</bdi>" : "")
    }

    /// The variant that is shown.
    private var variant: String? {
        scenario.stage == .opened ? scenario.variant.flatMap { view.choices.variants.contains($0) ? $0 : nil } : nil
    }

    private var revision: String { view.revision.map { "Texts of revision <code>\(escaped($0))</code>" } ?? "No texts" }
    private var isStale: Bool { !view.problems.isEmpty && !view.texts.isEmpty }

    private var marks: String {
        var marks = ""
        if isStale { marks += "<p class=\"mark bad\">As they were before the mistake</p>" }
        if span == .oneLanguage, !scenario.locale.isReviewed {
            marks += "<p class=\"mark warn\">Not yet reviewed by a native speaker</p>"
        }
        if let other = scenario.wording, !view.choices.wordings.contains(where: { $0.name == other }) {
            marks += "<p class=\"mark\">The usual text: this kind has no wording “\(escaped(other))”</p>"
        }
        if let other = scenario.variant, variant == nil {
            let why = scenario.stage == .opened ? "this kind has no variant “\(escaped(other))”" : "only the first notice has variants"
            marks += "<p class=\"mark\">The usual text: \(why)</p>"
        }
        return marks
    }

    private var views: String {
        [("/", "One language", View.Span.oneLanguage), ("/all", "All languages", .allLanguages)].map { path, words, span in
            "<a id=\"view-\(span)\" data-part href=\"\(path)?\(escaped(wish.query()))\"\(span == self.span ? " aria-current=\"page\"" : "")>\(words)</a>"
        }.joined()
    }
}

/// The form of all switches: a plain GET, which the script only makes quicker.
struct Switchboard {
    let wish: Wish
    let span: View.Span
    let choices: View.Choices

    var text: String {
        let scenario = wish.scenario
        var zones = choices.zones
        if let zone = scenario.zone, !zones.contains(zone) { zones.append(zone) }
        let kinds = choices.kinds.map { Option($0.kind.rawValue, $0.name) }
        let stages = NoticeStage.allCases.map { Option($0.rawValue, $0.title) }
        let variants = [Option("", "Usual text")] + choices.variants.map { Option($0, $0.capitalizedFirst) }
        let locales = TextLocale.allCases.map { Option($0.rawValue, $0.name, lang: $0.rawValue) }
        let sizes = Scenario.Size.allCases.map { Option($0.rawValue, $0.title) }
        let fixtures = [Option("", "Sample values")] + choices.fixtures.map { Option($0, $0) }
        var fields = select("kind", "What happened", kinds, scenario.kind.rawValue)
        fields += select("stage", "Stage", stages, scenario.stage.rawValue)
        fields += choices.variants.isEmpty ? hidden("variant", scenario.variant) : select("variant", "Variant", variants, scenario.variant)
        // One that the kind does not have is shown as what it is: the usual text.
        let wordings =
            [Option("", "Of most customers")] + choices.wordings.map { Option($0.name, "\($0.name.capitalizedFirst), \($0.weight) %") }
        fields += choices.wordings.isEmpty ? hidden("wording", scenario.wording) : select("wording", "Wording", wordings, scenario.wording)
        if span == .oneLanguage { fields += select("locale", "Language", locales, scenario.locale.rawValue) }
        fields += select("zone", "Time zone", zones.map { Option($0, $0.replacing("_", with: " ")) }, scenario.zone ?? zones.first)
        fields += select("size", "Values", sizes, scenario.size.rawValue)
        if !choices.fixtures.isEmpty { fields += select("fixture", "Fixture", fixtures, scenario.fixture) }
        if span == .allLanguages {
            fields += hidden("locale", scenario.locale.rawValue) + hidden("mail", wish.look.part.rawValue)
            fields += hidden("dark", wish.look.isDark ? "on" : nil) + hidden("narrow", wish.look.isNarrow ? "on" : nil)
        }
        return """
            <form id="switches" method="get" action="\(span == .oneLanguage ? "/" : "/all")" autocomplete="off" aria-label="What is shown">
            <div id="fields" class="fields">\(fields)</div><button id="show" class="go">Show</button></form>
            """
    }

    struct Option {
        var value, words: String
        var lang: String?
        init(_ value: String, _ words: String, lang: String? = nil) { (self.value, self.words, self.lang) = (value, words, lang) }
    }

    private func select(_ name: String, _ words: String, _ options: [Option], _ chosen: String?) -> String {
        let options = options.map { option in
            let lang = option.lang.map { " lang=\"\($0)\"" } ?? ""
            let isChosen = option.value == chosen ?? ""
            return "<option value=\"\(escaped(option.value))\"\(lang)\(isChosen ? " selected" : "")>\(escaped(option.words))</option>"
        }.joined()
        return "<label data-part id=\"field-\(name)\">\(words) <select id=\"\(name)\" name=\"\(name)\">\(options)</select></label>"
    }

    /// Keeps what has no switch here.
    private func hidden(_ name: String, _ value: String?) -> String {
        "<input data-part id=\"field-\(name)\" type=\"hidden\" name=\"\(name)\" value=\"\(escaped(value ?? ""))\">"
    }
}

extension RawRepresentable<String> {
    /// `resolved_arrived` as people read it.
    var title: String { rawValue.replacing("_", with: " ").capitalizedFirst }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension TextLocale {
    /// In the language itself.
    var name: String {
        switch self {
        case .zhHans: "简体中文"
        case .zhHant: "繁體中文"
        case .en: "English"
        case .ja: "日本語"
        case .ko: "한국어"
        case .ar: "العربية"
        case .es: "Español"
        case .ptBR: "Português (Brasil)"
        case .fr: "Français"
        case .de: "Deutsch"
        case .id: "Bahasa Indonesia"
        case .vi: "Tiếng Việt"
        case .th: "ไทย"
        }
    }
}
