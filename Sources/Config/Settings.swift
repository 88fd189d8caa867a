public import Core

/// Everything of `clarion.yaml`, read and checked. Secrets are inside `Sensitive`: printing or dumping settings shows none.
public struct Settings: Sendable {
    /// The file they came from.
    public var file: String
    public var mode: Mode
    public var listen: Listen
    /// Where providers reach us from outside, without `/` at its end.
    public var receiptsURL: String?
    public var storeDirectory: String
    /// Nil: in the store's directory.
    public var fenceFile: String?
    /// Where the signed checkpoints of the log are written. Nil: in the store's directory.
    public var checkpointDirectory: String?
    public var templatesDirectory: String
    public var approval: Approval
    public var cataloguePaths: CataloguePaths
    public var policyFile: String
    public var brand: Brand
    /// The zone of a customer whose record names none.
    public var defaultZone: String
    /// Where our own people work, ISO 3166.
    public var country: String
    /// Word of `Vocabulary.feeNotes` for events that say nothing of the fee.
    public var feeNote: FeeNote
    public var eventTypePrefix: String
    public var limits: Limits
    public var staffMail: MailAddress?
    public var complianceMail: MailAddress?
    public var staffLocale: TextLocale
    public var keys: Keys
    public var apiKeys: [Role: KeyFile]
    public var retention: Retention
    public var sandbox: Sandbox
    public var allowlist: Allowlist
    public var accounts: [Account]
    /// Of the SMS accounts that say one, in their order: known without their secrets.
    public var smsPrices: [SMSPrice]
    /// Every value with where it came from, secrets hidden; in the order of the documentation.
    public var shown: [ShownSetting]

    public struct Listen: Sendable, Hashable {
        /// Without brackets.
        public var host: String
        /// 0 takes a free one.
        public var port: Int
        public var isBehindProxy: Bool
        public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
        public init(host: String, port: Int, isBehindProxy: Bool) {
            (self.host, self.port, self.isBehindProxy) = (host, port, isBehindProxy)
        }
    }

    public struct CataloguePaths: Sendable, Hashable {
        public var kinds: String
        public var codes: [String]
        public var baselines: String
        public var rails: String
        public var holidays: String
    }

    public struct Brand: Sendable, Hashable {
        public var names: [TextLocale: String]
        /// The telephone number of support.
        public var support: String
        /// `https://…/`
        public var linkBase: String
    }

    /// Who has to say yes before texts are in force.
    public enum Approval: String, Sendable, Hashable, CaseIterable {
        case none
        case secondPerson = "second_person"
    }

    public enum FeeNote: String, Sendable, Hashable, CaseIterable { case refunded, kept, none }

    /// Sizes in bytes.
    public struct Limits: Sendable, Hashable {
        public var event: Int
        public var batch: Int
        /// Events that are accepted and not planned; beyond, intake says no.
        public var pending: Int
        /// That stay free on the store's disk.
        public var free: Int
    }

    public struct Keys: Sendable {
        public var master, lookup, audit, inbox: KeyFile
        public var all: [KeyFile] { [master, lookup, audit, inbox] }
    }

    /// A key for callers of the HTTP interface.
    public enum Role: String, Sendable, Hashable, CaseIterable, Comparable {
        case ingest, viewer, `operator`, admin
        public static func < (a: Role, b: Role) -> Bool { allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)! }
    }

    public struct Retention: Sendable, Hashable {
        public var events, contents, contacts, inbox, deadLetters: Duration
    }

    public struct Sandbox: Sendable, Hashable {
        public var directory: String
        public var httpsPort, pagePort, smtpPort: Int
        /// The authority that signed the sandbox's certificate.
        public var authorityFile: String { directory + "/ca.pem" }
        /// What accounts are pointed at in capture mode. A port that is still to be chosen is written as one where nothing listens.
        public var https: String { "https://127.0.0.1:\(max(1, httpsPort))" }
        public var smtp: String { "smtp://127.0.0.1:\(max(1, smtpPort))" }
    }
}

/// A secret kept in a file of its own.
public struct KeyFile: Sendable {
    public var path: String
    /// Nil when the file does not exist yet: it is created at the first start, mode 0600.
    public var secret: Sensitive<String>?
    /// One a line, for a change of keys without a gap: the first is the new one.
    public var secrets: [Sensitive<String>] {
        secret?.reveal(for: .signing).split(whereSeparator: \.isNewline).map { Sensitive(String($0)) } ?? []
    }
    /// 32 bytes a line in base64, as `openssl rand -base64 32` prints them; nil without a secret or in another form.
    public var keys: [Sensitive<[UInt8]>]? {
        let keys = secrets.compactMap { Base64.decode($0.reveal(for: .signing).trimmingSpaces) }.filter { $0.count == 32 }
        return keys.isEmpty || keys.count != secrets.count ? nil : keys.map { Sensitive($0) }
    }
    public init(path: String, secret: Sensitive<String>?) { (self.path, self.secret) = (path, secret) }
}

/// Whom mode `allowlist` may reach.
public struct Allowlist: Sendable {
    private let entries: Sensitive<Set<String>>
    public let count: Int
    public init(_ entries: Set<String>) { (self.entries, count) = (Sensitive(entries), entries.count) }

    public func allows(_ address: Sensitive<Address>, customer: String) -> Bool {
        let entries = entries.reveal(for: .comparing)
        if entries.contains("customer:" + customer) { return true }
        switch address.reveal(for: .comparing) {
        case .phone(let number): return entries.contains(number.e164)
        case .mail(let mail):
            let text = mail.text.lowercased()
            return entries.contains(text) || entries.contains(String(text[text.firstIndex(of: "@")!...]))
        case .device(let token): return entries.contains("device:" + token.text)
        case .inbox: return true
        }
    }

    /// The form that is compared, or nil for what is no entry: `+phone`, `mail@address`, `@domain`, `customer:ID`, `device:TOKEN`.
    static func entry(_ text: String) -> String? {
        if text.hasPrefix("customer:") { return Identifier.isValid(String(text.dropFirst(9)), limit: 128) ? text : nil }
        if text.hasPrefix("device:") { return PushToken(String(text.dropFirst(7))) == nil ? nil : text }
        if text.hasPrefix("@") { return MailAddress("a" + text) == nil ? nil : text.lowercased() }
        if PhoneNumber(text) != nil { return text }
        return MailAddress(text) == nil ? nil : text.lowercased()
    }
}
