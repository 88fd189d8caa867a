public import Core

/// What one notice says on every channel in one language. A class: a rendering needs one text of it, and no copy of the others.
final class Notice: Sendable {
    struct SMS: Sendable {
        var text: CompiledText
        var unsigned: CompiledText
        var supplier: SupplierTemplate?
    }
    struct Headed: Sendable {
        var title, body: CompiledText
    }
    struct Mail: Sendable {
        var subject, what: CompiledText
        /// Later stages say everything in `what`.
        var money, next, you: CompiledText?

        /// In the list of a mailbox, behind the subject, which says what happened.
        var preheader: CompiledText { next ?? what }
        var texts: [CompiledText] { [subject, what] + [money, next, you].compactMap { $0 } }
    }
    let sms: SMS
    let push: Headed
    let mail: Mail
    let inApp: Headed

    init(sms: SMS, push: Headed, mail: Mail, inApp: Headed) {
        (self.sms, self.push, self.mail, self.inApp) = (sms, push, mail, inApp)
    }

    func texts(_ channel: Channel) -> [CompiledText] {
        switch channel {
        case .sms: [sms.text]
        case .push: [push.title, push.body]
        case .mail: mail.texts
        case .inApp: [inApp.title, inApp.body]
        case .voice: []
        }
    }
}

/// Mainland suppliers take no free text: a registered template's code and its values, in the registered order.
public struct SupplierTemplate: Hashable, Sendable {
    public var code: String
    public var parameters: [Field]
}

/// The words and phrases one language's texts share. A class, because every rendering carries it: one reference instead of a dozen.
final class Words: Sendable {
    struct Funds: Sendable {
        var short, long: CompiledText
    }
    struct Headings: Sendable {
        var what, money, next, you: CompiledText
    }
    let terms: [Vocabulary: [String: CompiledText]]
    let funds: [String: Funds]
    let links: [String: CompiledText]
    let greeting, footer: CompiledText
    let headings: Headings
    let privatePreview: Notice.Headed
    /// What is added when one message stands for several orders.
    let moreOrders: CompiledText

    init(
        terms: [Vocabulary: [String: CompiledText]], funds: [String: Funds], links: [String: CompiledText], greeting: CompiledText,
        headings: Headings, footer: CompiledText, privatePreview: Notice.Headed, moreOrders: CompiledText
    ) {
        (self.terms, self.funds, self.links) = (terms, funds, links)
        (self.greeting, self.headings, self.footer, self.privatePreview) = (greeting, headings, footer, privatePreview)
        self.moreOrders = moreOrders
    }
}
