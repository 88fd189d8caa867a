import Core
import Crypto
import Pages

/// One owner's messages, oldest first.
private struct Person {
    var name: String
    var rows: [Row]
}

extension Page {
    /// How many owners the page shows, those with the newest messages; and how many messages each of their screens.
    static let shownPeople = 24
    static let shownRows = 12

    /// The live part: counts, one card for each owner in the order of their first message, in-app inboxes.
    func wall(_ request: Incoming) async -> String {
        let count = ledger.count
        let people = people(only: request.query.filled("to"))
        let inboxes = await options.inbox?() ?? []
        let cards = people.map { card($0) }.joined()
        let inboxCards = inboxes.suffix(Self.shownPeople).map { inboxCard($0) }.joined()
        let total = count == 1 ? "1 message" : "\(count) messages"
        let byProvider = StandIn.allCases.filter { ledger.count(of: $0) > 0 }.map { "\($0.title) \(ledger.count(of: $0))" }.joined(
            separator: " · ")
        return """
            <div id="wall" data-count="\(count)">
            <p id="counts"><b>\(total)</b>\(byProvider.isEmpty ? "" : " · \(byProvider)")</p>
            \(people.isEmpty ? Self.empty : "")
            <div id="people" class="people">\(cards)</div>
            \(inboxCards.isEmpty ? "" : "<h2>Inbox <small>inside the app</small></h2><div id=\"inboxes\" class=\"people\">\(inboxCards)</div>")
            </div>
            """
    }

    private static let empty = """
        <div id="empty" class="empty"><p><b>Nothing has arrived yet.</b></p>
        <p>Send an event, and the phones and mailboxes of the people it concerns show up here.</p></div>
        """

    private func people(only recipient: String?) -> [Person] {
        var order: [String] = []
        var byOwner: [String: [Row]] = [:]
        var names: [String: String] = [:]
        for row in ledger.visible() {
            if let recipient, row.recipient != recipient { continue }
            let name = names[row.recipient] ?? options.owner?(row.recipient) ?? row.recipient
            names[row.recipient] = name
            if byOwner[name] == nil { order.append(name) }
            byOwner[name, default: []].append(row)
        }
        let newest = Set(order.sorted { byOwner[$0]!.last!.n > byOwner[$1]!.last!.n }.prefix(Self.shownPeople))
        return order.filter(newest.contains).map { Person(name: $0, rows: byOwner[$0]!) }
    }

    // MARK: Cards

    private func card(_ person: Person) -> String {
        let handheld = person.rows.filter { $0.channel != .mail }
        let mail = person.rows.filter { $0.channel == .mail }
        let addresses = person.rows.reduce(into: [Row]()) { seen, row in
            if !seen.contains(where: { $0.recipient == row.recipient }) { seen.append(row) }
        }
        let known = addresses.first?.recipient != person.name
        let id = Self.id(of: person.name)
        let retired = addresses.filter { switches.isRetired($0.recipient) }.map { Self.masked($0.recipient) }
        let subtitle = known ? addresses.map { Self.masked($0.recipient) }.joined(separator: " · ") : addresses.first.map(Self.kind) ?? ""
        let width = handheld.isEmpty || mail.isEmpty ? "one" : "both"
        let version = "\(person.rows.last?.n ?? 0).\(person.rows.count).\(retired.count)"
        let name = escaped(known ? person.name : Self.masked(person.name))
        return """
            <article id="\(id)" class="\(width)" data-version="\(version)" aria-labelledby="\(id)-name">
            <header><h3 id="\(id)-name"><bdi>\(name)</bdi></h3><p>\(escaped(subtitle))</p></header>
            <div class="body">\(handheld.isEmpty ? "" : phone(handheld))
            \(mail.isEmpty ? "" : mailbox(mail))</div>
            <footer>\(addresses.map(retireForm).joined())</footer>
            </article>
            """
    }

    private func phone(_ rows: [Row]) -> String {
        let hidden = rows.count - Self.shownRows
        let earlier = hidden > 0 ? "<p class=\"earlier\">\(hidden) earlier</p>" : ""
        return
            "<div class=\"phone\"><div class=\"screen\" tabindex=\"0\" role=\"group\" aria-label=\"Messages\">\(earlier)<ol>\(rows.suffix(Self.shownRows).map(message).joined())</ol></div></div>"
    }

    private func message(_ row: Row) -> String {
        row.channel == .push ? banner(row) : bubble(row)
    }

    private func bubble(_ row: Row) -> String {
        let parts = Segments(row.text)
        let size = "\(parts.count) \(parts.count == 1 ? "part" : "parts") \(parts.alphabet.rawValue)"
        return """
            <li class="sms"><p class="from"><bdi>\(escaped(row.sender))</bdi> \(Self.time(row.at))</p>
            <p class="bubble" dir="auto">\(escaped(row.text))</p>
            <p class="meta">SMS · \(size) · \(row.provider.title)</p></li>
            """
    }

    private func banner(_ row: Row) -> String {
        let app = row.sender.split(separator: ".").last.map(String.init) ?? row.sender
        let title = row.title.map { "<b dir=\"auto\">\(escaped($0))</b>" } ?? ""
        return """
            <li class="push"><span class="icon" aria-hidden="true">\(escaped(app.prefix(1).uppercased()))</span>
            <div><p class="from"><bdi>\(escaped(app))</bdi> \(Self.time(row.at))</p>\(title)<p dir="auto">\(escaped(row.text))</p>
            <p class="meta">Push · \(row.provider.title)\(row.replaces == nil ? "" : " · replaced the one before")</p></div></li>
            """
    }

    private func mailbox(_ rows: [Row]) -> String {
        let shown = rows.suffix(Self.shownRows).reversed().enumerated().map { mail($0.element, isOpen: $0.offset == 0) }.joined()
        let hidden = rows.count - Self.shownRows
        return "<div class=\"mailbox\"><h4>Mailbox</h4>\(shown)\(hidden > 0 ? "<p class=\"earlier\">\(hidden) earlier</p>" : "")</div>"
    }

    private func mail(_ row: Row, isOpen: Bool) -> String {
        let subject = row.title.flatMap { $0.isEmpty ? nil : $0 } ?? "(no subject)"
        let frame =
            row.html == nil
            ? ""
            : """
            <iframe sandbox loading="lazy" src="/_mail/\(row.n)" title="\(escaped(subject))"></iframe>
            """
        let text = "<p class=\"plain\" dir=\"auto\">\(escaped(row.text))</p>"
        let alternative = row.html == nil ? text : "<details data-key=\"t\(row.n)\"><summary>Plain text part</summary>\(text)</details>"
        return """
            <details class="mail" data-key="m\(row.n)"\(isOpen ? " open" : "")><summary><b dir="auto">\(escaped(subject))</b>
            <span class="from"><bdi>\(escaped(row.sender))</bdi> \(Self.time(row.at))</span></summary>\(frame)\(alternative)</details>
            """
    }

    private func retireForm(_ row: Row) -> String {
        let gone = switches.isRetired(row.recipient)
        let what = row.channel == .mail ? "mailbox" : row.channel == .push ? "device" : "number"
        return """
            <form method="post" action="/_retire"><input type="hidden" name="row" value="\(row.n)"><input type="hidden" name="back" value="\(gone ? 1 : 0)">
            \(gone ? "<b>✗ This \(what) is gone.</b> " : "")<button class="small">\(gone ? "Bring \(what) back" : "Retire \(what)")<span class="hidden">
            \(escaped(Self.masked(row.recipient)))</span></button></form>
            """
    }

    private func inboxCard(_ inbox: Sandbox.Inbox) -> String {
        let id = "inbox-" + Self.id(of: inbox.owner)
        let unread = inbox.items.count { !$0.isRead }
        let items = inbox.items.suffix(Self.shownRows).reversed().map { item in
            """
            <li\(item.isRead ? "" : " class=\"unread\"")><p class="from">\(item.isRead ? "Read" : "Unread") \(Self.time(item.at))</p>
            <b dir="auto">\(escaped(item.title))</b><p dir="auto">\(escaped(item.body))</p></li>
            """
        }.joined()
        return """
            <article id="\(id)" data-version="\(inbox.items.count).\(unread).\(inbox.items.last?.at.milliseconds ?? 0)" aria-labelledby="\(id)-name">
            <header><h3 id="\(id)-name"><bdi>\(escaped(inbox.owner))</bdi></h3><p>\(unread) unread</p></header><ol class="inbox">\(items)</ol></article>
            """
    }

    // MARK: Pieces

    private static func time(_ moment: Timestamp) -> String {
        let text = moment.description
        return "<time datetime=\"\(text)\" title=\"\(text)\">\(text.dropFirst(11).prefix(8))</time>"
    }

    private static func kind(_ row: Row) -> String {
        switch row.channel {
        case .mail: "mailbox"
        case .push: "device of \(row.provider.title)"
        default: "phone number"
        }
    }

    /// A name for the element that neither breaks nor tells: the first 12 hex digits of its SHA-256.
    private static func id(of name: String) -> String {
        "p" + SHA256.hash(data: Array(name.utf8)).prefix(6).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Enough to tell two apart: `+86***1234`, `m***@example.com`, `0ded…7b0a`. The page may be on a screen that others see.
    static func masked(_ recipient: String) -> String {
        if let at = recipient.lastIndex(of: "@") { return "\(recipient.prefix(1))***\(recipient[at...])" }
        if isPhoneNumber(recipient) { return "\(recipient.prefix(3))***\(recipient.suffix(4))" }
        return recipient.count > 12 ? "\(recipient.prefix(4))…\(recipient.suffix(4))" : recipient
    }
}
