import Core
import Pages

/// SMS and push of one notice in every language, side by side.
struct Languages {
    let wish: Wish
    let view: View

    var text: String {
        guard !view.texts.isEmpty else { return "<p class=\"empty\">There is no text to show until the mistakes are mended.</p>" }
        return "<ol class=\"languages\">\(TextLocale.allCases.map(row).joined())</ol>"
    }

    private func row(_ locale: TextLocale) -> String {
        guard let sms = view.text(.sms, locale), let push = view.text(.push, locale) else { return "" }
        let id = "in-\(locale.rawValue)"
        return """
            <li id="\(id)"><div class="which"><h3 lang="\(locale.rawValue)"><a href="/?\(escaped(wish.query { $0.scenario.locale = locale }))">
            \(locale.name)</a></h3><p class="facts">\(locale.rawValue)</p>
            \(locale.isReviewed ? "" : "<p class=\"mark warn\">Not yet reviewed by a native speaker</p>")</div>
            <div><h4>SMS <span class="facts">\(sms.facts)</span></h4>\(sms.bubble)\(sms.notes.map { "<p class=\"mark warn\">\($0)</p>" }.joined())</div>
            <div><h4>Push <span class="facts">\(push.facts)</span></h4>\(push.banner)</div></li>
            """
    }
}
