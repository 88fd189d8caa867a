/// One setting: its place in `clarion.yaml`, what it takes and what it means. The table below is the only list of them: reading, `config show`
/// and the documentation follow it.
public struct SettingsKey: Sendable, Hashable {
    public enum Form: String, Sendable, CaseIterable {
        case text, number, flag, duration, size, path
        case paths = "list of paths"
        case word
        case address = "host:port"
        case mail = "mail address"
        case secretFile = "secret file"
        case list
        case accounts = "list of accounts"
    }
    /// `store.directory`. The variable of the environment is `CLARION_STORE_DIRECTORY`.
    public var path: String
    public var form: Form
    /// As it would be written; nil when there is none.
    public var standard: String?
    public var isRequired: Bool
    public var meaning: String

    init(_ path: String, _ form: Form, default standard: String? = nil, required: Bool = false, _ meaning: String) {
        (self.path, self.form, self.standard, self.isRequired, self.meaning) = (path, form, standard, required, meaning)
    }

    public var environment: String { Self.environment(for: path) }

    static func environment(for path: String) -> String {
        "CLARION_" + String(path.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    /// Every key of `clarion.yaml`, in the order of the documentation.
    public static let all: [SettingsKey] = [
        SettingsKey("mode", .word, default: "capture", "what may leave this machine: capture, allowlist or live"),
        SettingsKey(
            "listen", .address, default: "127.0.0.1:8080", "where HTTP is served: intake, receipts, inbox, health, metrics, console"),
        SettingsKey(
            "behind_proxy", .flag, default: "false", "a proxy in front ends TLS; needed to listen on another address than loopback"),
        SettingsKey(
            "receipts.url", .text,
            "where providers reach listen from outside, https://…; receipts arrive below it at v1/receipts/ACCOUNT. Without it calls ask for none"
        ),
        SettingsKey("store.directory", .path, default: "../data", "the database, its keys and its lock; mode 0700, on a local disk"),
        SettingsKey(
            "store.min_free", .size, default: "256MiB",
            "what stays free on the store's disk; below, intake answers 503, to what is urgent below a quarter of it"),
        SettingsKey(
            "store.fence_file", .path, default: "clarion.fence in the store's directory",
            "how far the store has come, so that one from a backup sends nothing; elsewhere it also tells when the whole directory is brought back"
        ),
        SettingsKey(
            "store.checkpoints", .path, default: "checkpoints in the store's directory",
            "where the signed checkpoints of the delivery log are written, outside of the database; elsewhere, best on another machine's disk, they also tell when the whole directory is brought back or cut short"
        ),
        SettingsKey("templates.directory", .path, default: "../templates", "the texts, one directory for each kind"),
        SettingsKey(
            "templates.approval", .word, default: "none",
            "second_person: texts are in force when another than who submitted them has approved them; none: as they lie in the directory"),
        SettingsKey("catalogue.kinds", .path, default: "kinds.yaml", "what is known of each kind of anomaly"),
        SettingsKey(
            "catalogue.codes", .paths, default: "reason-codes.csv, internal-codes.csv",
            "banks' and channels' own codes and the kind each one means"),
        SettingsKey("catalogue.baselines", .path, default: "bank-baselines.csv", "how long payouts take, by bank and rail"),
        SettingsKey("catalogue.rails", .path, default: "rails.yaml", "how long a payout may be pending where a bank has no line"),
        SettingsKey(
            "catalogue.holidays", .path, default: "holidays.yaml", "the days on which banks and our own people do not work, by country"),
        SettingsKey("policy", .path, default: "policy.yaml", "channels, fallbacks, repeats, limits, quiet hours, storms, working time"),
        SettingsKey("brand.name.zh-Hans", .text, required: true, "the name customers know, in simplified Chinese"),
        SettingsKey("brand.name.zh-Hant", .text, required: true, "the same in traditional Chinese"),
        SettingsKey(
            "brand.name.en", .text, required: true,
            "the same in English, and in languages without a name of their own; letters of the GSM alphabet"),
        SettingsKey("brand.name.ja", .text, "the same in Japanese"),
        SettingsKey("brand.name.ko", .text, "the same in Korean"),
        SettingsKey(
            "brand.name.ar", .text, "the same in Arabic; an SMS that begins with Latin letters runs from left to right on some phones"),
        SettingsKey("brand.name.es", .text, "the same in Spanish"),
        SettingsKey("brand.name.pt-BR", .text, "the same in Portuguese"),
        SettingsKey("brand.name.fr", .text, "the same in French"),
        SettingsKey("brand.name.de", .text, "the same in German; letters of the GSM alphabet"),
        SettingsKey("brand.name.id", .text, "the same in Indonesian; letters of the GSM alphabet"),
        SettingsKey("brand.name.vi", .text, "the same in Vietnamese"),
        SettingsKey("brand.name.th", .text, "the same in Thai"),
        SettingsKey("brand.support", .text, required: true, "the telephone number of support, as customers should dial it"),
        SettingsKey("brand.link_base", .text, required: true, "where links in notices begin; https, with a / at its end"),
        SettingsKey("defaults.zone", .text, default: "Asia/Shanghai", "the zone of customers whose record names none"),
        SettingsKey("defaults.country", .text, default: "CN", "where our own people work, as ISO 3166 has it: they keep its holidays"),
        SettingsKey(
            "defaults.fee_note", .word, default: "refunded", "what a text says of the fee when the event does not: refunded, kept or none"),
        SettingsKey("events.type_prefix", .text, default: "com.example.payout.", "what the type of every event begins with"),
        SettingsKey("events.max_size", .size, default: "64KiB", "largest event"),
        SettingsKey("events.max_batch_size", .size, default: "1MiB", "largest batch of events in one request"),
        SettingsKey(
            "events.max_pending", .number, default: "2000000",
            "events that are accepted and not planned yet; beyond, intake answers 503, from nine tenths on to all but what is urgent"),
        SettingsKey("staff.mail", .mail, "who gets findings and incidents; without it they are only on the console"),
        SettingsKey(
            "staff.compliance_mail", .mail,
            "the compliance officer's own, who alone hears of restrictions; without it such tasks are only on their review list"),
        SettingsKey("staff.locale", .word, default: "en", "the language staff are written to: zh-Hans, zh-Hant or en"),
        SettingsKey(
            "keys.master_key_file", .secretFile, default: "master.key in the store's directory",
            "wraps the data keys that seal contacts and contents"),
        SettingsKey(
            "keys.lookup_key_file", .secretFile, default: "lookup.key in the store's directory",
            "keys the hashes by which customers and addresses are found"),
        SettingsKey(
            "keys.audit_key_file", .secretFile, default: "audit.key in the store's directory", "signs the checkpoints of the delivery log"),
        SettingsKey(
            "keys.inbox_key_file", .secretFile, default: "inbox.key in the store's directory",
            "signs the tokens with which an app opens a customer's inbox"),
        SettingsKey("api_keys.ingest_file", .secretFile, default: "api-ingest.key in the store's directory", "may put events in"),
        SettingsKey("api_keys.viewer_file", .secretFile, default: "api-viewer.key in the store's directory", "may read, masked"),
        SettingsKey(
            "api_keys.operator_file", .secretFile, default: "api-operator.key in the store's directory",
            "may also resend, hold, pause and discard"),
        SettingsKey(
            "api_keys.admin_file", .secretFile, default: "api-admin.key in the store's directory", "may also reveal, erase and rotate"),
        SettingsKey(
            "retention.events", .duration, default: "30d", "how long the bodies of events are kept, sealed; a repeat is recognised for ever"
        ),
        SettingsKey("retention.contents", .duration, default: "400d", "how long the exact bytes of a notice are kept, sealed"),
        SettingsKey("retention.contacts", .duration, default: "30d", "how long addresses are kept, sealed, after the notice they were for"),
        SettingsKey("retention.inbox", .duration, default: "180d", "how long items stay in a customer's inbox"),
        SettingsKey("retention.dead_letters", .duration, default: "90d", "how long dead letters are kept that are closed"),
        SettingsKey(
            "sandbox.directory", .path, default: "sandbox in the store's directory",
            "what the stand-in providers write: their ledger and certificate"),
        SettingsKey("sandbox.https_port", .number, default: "8443", "loopback port of the stand-in HTTP providers; 0 takes a free one"),
        SettingsKey(
            "sandbox.page_port", .number, default: "8081",
            "loopback port of the page that shows what phones and mailboxes got; 0 takes a free one"),
        SettingsKey("sandbox.smtp_port", .number, default: "8025", "loopback port of the stand-in mail server; 0 takes a free one"),
        SettingsKey("allowlist", .list, "whom mode allowlist reaches: +phone, mail@address, @domain, customer:ID, device:TOKEN"),
        SettingsKey(
            "accounts", .accounts, "the accounts at providers; several of one channel share its messages and stand in for each other"),
    ]

    /// What every account takes, whatever its provider; its provider's own keys come beside them.
    public static let ofAccounts: [SettingsKey] = [
        SettingsKey("name", .text, required: true, "what logs, metrics and the delivery log call it: small letters, digits and -"),
        SettingsKey("provider", .word, required: true, "the adapter"),
        SettingsKey(
            "weight", .number, default: "1",
            "share of its channel's messages beside its other accounts, 0 to 100; 0 takes over when none of the others can"),
        SettingsKey("rate", .number, "requests a second at most, 1 to 100,000, a fifth of them kept for what is high; not set: no limit"),
        SettingsKey("price", .text, "for SMS: what one part costs, as 0.045 USD; clarion preview then says what a thousand of a text cost"),
        SettingsKey(
            "platforms", .list, "for push: devices it serves, of ios, android, harmony, web; if not set ios for apns, android for fcm"),
        SettingsKey(
            "timeout", .duration, default: "10s",
            "for one request, from connecting to the last byte of the answer; at most 15s, for mail 60s"),
        SettingsKey(
            "max_in_flight", .number, default: "64",
            "requests at a time, 1 to 1024 (mail: at most 8); as many again (at most 256; mail: 24) are written down and wait for a place"),
        SettingsKey("ca_file", .path, "the only certificate authorities trusted for this account; else the system's"),
        SettingsKey("allow_plain", .flag, default: "false", "no TLS: to this machine, or inside a trusted network to what addresses lists"),
        SettingsKey("addresses", .list, "the only places this account may connect to, as 10.1.2.3:587 or [fd00::1]:443"),
        SettingsKey(
            "receipt_addresses", .list,
            "the only networks that its receipts are taken from, as 203.0.113.0/24 or 2001:db8::1, by what the proxy in front says; not in capture mode"
        ),
    ]
}
