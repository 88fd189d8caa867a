public import Core

/// One message that a stand-in truly accepted. Numbered from 1 without gaps; never changed, never removed from the file.
public struct Row: Sendable, Hashable {
    public var n: Int
    public var at: Timestamp
    public var channel: Core.Channel
    public var provider: StandIn
    /// As the provider was told it: E.164 number, device token, mail address.
    public var recipient: String
    /// SMS sender, app topic or project, mail address in `From`.
    public var sender: String
    /// Title of a push, subject of a mail.
    public var title: String?
    /// SMS text, push body, the text part of a mail.
    public var text: String
    public var html: String?
    /// APNs collapse id, FCM tag, idempotency key, Message-ID: whatever tells a repeat from a new message.
    public var key: String?
    /// What of the request may point back to its sender: `apns_id`, `callback`, `ref`, `message_id`, `envelope_from`, `data.…`.
    public var ids: [String: String]
    /// The row that this one took off the screen: same device, same collapse id or tag.
    public var replaces: Int?

    init(
        _ provider: StandIn, to recipient: String, from sender: String, title: String? = nil, text: String, html: String? = nil,
        key: String? = nil, ids: [String: String] = [:]
    ) {
        (n, at, channel) = (0, Timestamp(milliseconds: 0), provider.channel)
        (self.provider, self.recipient, self.sender, self.title, self.text, self.html) = (provider, recipient, sender, title, text, html)
        (self.key, self.ids) = (key, ids)
    }

    /// What it weighs in memory, roughly.
    var size: Int { 256 + recipient.utf8.count + text.utf8.count + (title?.utf8.count ?? 0) + (html?.utf8.count ?? 0) }
}

extension Row {
    /// The row as one line of `ledger.jsonl`; absent values are left out. `at` is milliseconds since 1970.
    public var json: JSON {
        var members: [(String, JSON)] = [
            ("n", .integer(n)), ("at", .integer(at.milliseconds)), ("channel", .string(channel.rawValue)),
            ("provider", .string(provider.rawValue)), ("recipient", .string(recipient)), ("sender", .string(sender)),
        ]
        if let title { members.append(("title", .string(title))) }
        members.append(("text", .string(text)))
        if let html { members.append(("html", .string(html))) }
        if let key { members.append(("key", .string(key))) }
        if !ids.isEmpty { members.append(("ids", .object(ids.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))) }
        if let replaces { members.append(("replaces", .integer(replaces))) }
        return .object(members)
    }

    /// Reads what `json` wrote; nil for anything else.
    public init?(_ json: JSON) {
        guard let n = json["n"]?.integer, let at = json["at"]?.integer, let recipient = json["recipient"]?.string,
            let provider = json["provider"]?.string.flatMap(StandIn.init(rawValue:)), let sender = json["sender"]?.string,
            let text = json["text"]?.string
        else { return nil }
        self.init(provider, to: recipient, from: sender, title: json["title"]?.string, text: text, html: json["html"]?.string)
        (self.n, self.at, key) = (Int(n), Timestamp(milliseconds: at), json["key"]?.string)
        ids = Dictionary((json["ids"]?.object ?? []).map { ($0.0, $0.1.string ?? "") }) { first, _ in first }
        replaces = json["replaces"]?.integer.map(Int.init)
    }
}
