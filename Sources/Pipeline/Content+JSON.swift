public import Core

extension Content {
    /// What is sealed with the attempt and shown by `audit delivery --content`.
    public var json: JSON {
        switch self {
        case .sms(let text): ["channel": "sms", "text": .string(text)]
        case .push(let title, let body): ["channel": "push", "title": .string(title), "body": .string(body)]
        case .mail(let subject, let text, let html):
            ["channel": "mail", "subject": .string(subject), "text": .string(text), "html": .string(html)]
        case .inApp(let title, let body): ["channel": "in_app", "title": .string(title), "body": .string(body)]
        }
    }

    /// The bytes of `json`.
    var bytes: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.open()
        writer.member("channel", channel.rawValue)
        switch self {
        case .sms(let text): writer.member("text", text)
        case .push(let title, let body), .inApp(let title, let body):
            writer.member("title", title)
            writer.member("body", body)
        case .mail(let subject, let text, let html):
            writer.member("subject", subject)
            writer.member("text", text)
            writer.member("html", html)
        }
        writer.close()
        return writer.bytes
    }

    /// Nil when the JSON is not what `json` writes.
    public init?(json: JSON) {
        let (title, body) = (json["title"]?.string, json["body"]?.string)
        switch json["channel"]?.string.flatMap(Channel.init) {
        case .sms:
            guard let text = json["text"]?.string else { return nil }
            self = .sms(text: text)
        case .push:
            guard let title, let body else { return nil }
            self = .push(title: title, body: body)
        case .inApp:
            guard let title, let body else { return nil }
            self = .inApp(title: title, body: body)
        case .mail:
            guard let subject = json["subject"]?.string, let text = json["text"]?.string, let html = json["html"]?.string else {
                return nil
            }
            self = .mail(subject: subject, text: text, html: html)
        case .voice, nil: return nil
        }
    }
}
