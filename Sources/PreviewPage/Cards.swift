import Core
import Pages

/// One scenario in one language: what lies on the phone, on the lock screen, in the app and in the mailbox.
struct Cards {
    let wish: Wish
    let view: View

    var text: String {
        let locale = wish.scenario.locale
        guard !view.texts.isEmpty else { return "<p class=\"empty\">There is no text to show until the mistakes are mended.</p>" }
        return """
            <div class="cards">\(view.text(.sms, locale).map(sms) ?? "")
            \(lockScreens(view.text(.push, locale), view.text(.push, isNeutral: true, locale)))
            \(view.text(.inApp, locale).map(inApp) ?? "")
            \(view.text(.mail, locale).map(mail) ?? "")</div>
            """
    }

    // MARK: Phone

    private func sms(_ text: View.Text) -> String {
        card("sms", "SMS", facts: text.facts, notes: text.notes) {
            """
            <div class="device" dir="\(text.direction)"><div class="screen"><p class="sender">\(text.face)<bdi>\(escaped(text.brand))</bdi></p>\(text.bubble)</div></div>\(text.cuts)
            """
        }
    }

    private func lockScreens(_ usual: View.Text?, _ neutral: View.Text?) -> String {
        guard let usual else { return "" }
        return card("push", "Lock screen", facts: usual.facts, notes: usual.notes) {
            """
            <div class="device"><div class="screen lock"><p class="clock" aria-hidden="true">9:41</p>\(usual.banner)</div></div>
            \(neutral.map { "<h4>For customers who want no details here</h4>\($0.banner)" } ?? "")
            """
        }
    }

    private func inApp(_ text: View.Text) -> String {
        card("in-app", "Inbox in the app", facts: text.facts, notes: text.notes) {
            guard case .inApp(let title, let body)? = text.content else { return text.failure }
            return """
                <div class="device" dir="\(text.direction)"><div class="screen inbox"><p class="bar" aria-hidden="true">Notifications</p>
                <div class="item" \(text.language)><b>\(escaped(title))</b><p>\(escaped(body))</p></div></div></div>
                """
        }
    }

    // MARK: Mailbox

    private func mail(_ text: View.Text) -> String {
        card("mail", "Mailbox", facts: text.facts, notes: text.notes) {
            guard case .mail(let subject, let plain, _)? = text.content else { return text.failure }
            let look = wish.look
            let frame =
                look.part == .html
                ? """
                <iframe sandbox class="\(look.isNarrow ? "narrow" : "wide")" src="/mail?\(escaped(wish.query()))" title="The mail’s HTML"></iframe>
                """
                : "<div class=\"plain \(look.isNarrow ? "narrow" : "wide")\(look.isDark ? " dark" : "")\" \(text.language)>\(escaped(plain))</div>"
            return """
                <div class="looks" role="group" aria-label="How the mail is shown">
                \(choice("mail", "html", "HTML", look.part == .html, type: "radio"))
                \(choice("mail", "text", "Text part", look.part == .text, type: "radio"))
                \(choice("dark", "on", "Dark", look.isDark))\(choice("narrow", "on", "320 px", look.isNarrow))</div>
                <h4>In the list of the mailbox</h4><div class="row" dir="\(text.direction)">\(text.face)<div><p class="sender"><bdi>\(escaped(text.brand))</bdi></p>
                <p class="subject" \(text.language)>\(escaped(subject))</p>
                <p class="preheader" \(text.language)>\(escaped(text.preheader ?? ""))</p></div></div>
                <h4>Opened</h4><div class="mail"><div class="envelope" dir="\(text.direction)">\(text.face)<div><p class="sender">
                <bdi>\(escaped(text.brand))</bdi></p><p class="subject" \(text.language)>\(escaped(subject))</p></div></div>\(frame)</div>
                """
        }
    }

    private func choice(_ name: String, _ value: String, _ words: String, _ isOn: Bool, type: String = "checkbox") -> String {
        """
        <label><input form="switches" id="\(name)-\(value)" type="\(type)" name="\(name)" value="\(value)"\(isOn ? " checked" : "")>\(words)</label>
        """
    }

    // MARK: Pieces

    private func card(_ id: String, _ title: String, facts: String, notes: [String], _ body: () -> String) -> String {
        """
        <article id="\(id)" aria-labelledby="h-\(id)"><header><h3 id="h-\(id)">\(title)</h3><p class="facts">\(facts)</p></header>
        <div class="body">\(body())\(notes.map { "<p class=\"mark warn\">\($0)</p>" }.joined())</div></article>
        """
    }
}

extension View.Text {
    /// For the element that quotes it.
    var language: String { "lang=\"\(locale.rawValue)\" dir=\"\(direction)\"" }
    var direction: String { isRightToLeft ? "rtl" : "ltr" }

    /// Who speaks, as a picture.
    var face: String { "<span class=\"face\" aria-hidden=\"true\">\(escaped(brand.prefix(1).uppercased()))</span>" }

    /// A notification as a lock screen shows it.
    var banner: String {
        guard case .push(let title, let body)? = content else { return failure }
        return """
            <div class="push" dir="\(direction)">\(face)<div><p class="from"><bdi>\(escaped(brand))</bdi> <span aria-hidden="true">now</span></p>
            <div \(language)><b>\(escaped(title))</b><p>\(escaped(body))</p></div></div></div>
            """
    }

    var failure: String { "<p class=\"mark bad\">Cannot be made: \(escaped(problem ?? "unknown"))</p>" }

    /// Its measures.
    var facts: String {
        switch content {
        case .sms(let text):
            let measure = SMSMeasure(text)
            return "\(counted(measure.parts, "part")) · \(measure.units) of \(measure.capacity(parts: measure.parts)) units"
                + " · \(measure.encoding.rawValue)"
        case .push(let title, let body), .inApp(let title, let body):
            return "title \(counted(title.count, "character")) · text \(body.count)"
        case .mail(let subject, let text, let html):
            return "subject \(counted(subject.count, "character")) · HTML \(kilobytes(html)) of 60 · text part \(kilobytes(text))"
        case nil: return ""
        }
    }

    private func kilobytes(_ text: String) -> String { "\(text.utf8.count / 1000).\(text.utf8.count % 1000 / 100) kB" }

    /// What makes an SMS dearer than it need be.
    var notes: [String] {
        guard isGSM, case .sms(let text)? = content, let outside = SMSMeasure(text).firstOutsideGSM else { return [] }
        let code =
            "U+" + String(repeating: "0", count: max(0, 4 - String(outside.value, radix: 16).count))
            + String(outside.value, radix: 16, uppercase: true)
        let other = GSMAlphabet.replacement(for: outside).map { "; “\(escaped($0))” is" } ?? ""
        return [
            "“\(escaped(String(outside)))” (\(code)) is not in the GSM alphabet\(other). One such character leaves 70 characters of a part instead of 160."
        ]
    }

    /// The text as the phone joins it, its parts in turn lighter and darker.
    var bubble: String {
        guard case .sms(let text)? = content else { return failure }
        let parts = SMSMeasure.split(text).map { "<span>\(marked($0))</span>" }.joined()
        return "<p class=\"bubble\" \(language)>\(parts)</p>"
    }

    private func marked(_ text: String) -> String {
        guard isGSM else { return escaped(text) }
        return text.unicodeScalars.map { scalar in
            GSMAlphabet.septets(scalar) == nil ? "<mark>\(escaped(String(scalar)))</mark>" : escaped(String(scalar))
        }.joined()
    }

    /// Each part by itself; nothing when there is only one.
    var cuts: String {
        guard case .sms(let text)? = content else { return "" }
        let (parts, encoding) = (SMSMeasure.split(text), SMSMeasure(text).encoding)
        guard parts.count > 1 else { return "" }
        let items = parts.map { part in
            let units = encoding == .gsm7 ? part.unicodeScalars.reduce(0) { $0 + (GSMAlphabet.septets($1) ?? 1) } : part.utf16.count
            return "<li><span class=\"facts\">\(units) units</span><p class=\"piece\" \(language)>\(escaped(part))</p></li>"
        }
        return "<details class=\"cuts\" open><summary>Where it is cut</summary><ol>\(items.joined())</ol></details>"
    }
}

private func counted(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }
