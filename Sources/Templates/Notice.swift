public import Core

/// What one notice says on every channel in one language.
struct Notice: Sendable {
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

        var texts: [CompiledText] { [subject, what] + [money, next, you].compactMap { $0 } }
    }
    var sms: SMS
    var push: Headed
    var mail: Mail
    var inApp: Headed

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

/// The words and phrases one language's texts share.
struct Words: Sendable {
    struct Funds: Sendable {
        var short, long: CompiledText
    }
    var terms: [Vocabulary: [String: CompiledText]] = [:]
    var funds: [String: Funds] = [:]
    var links: [String: CompiledText] = [:]
    var greeting, headingWhat, headingMoney, headingNext, headingYou, footer: CompiledText
    var privatePreview: Notice.Headed
}
