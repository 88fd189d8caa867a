public import Core

extension Content {
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
