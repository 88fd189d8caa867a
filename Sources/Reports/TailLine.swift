public import Core
public import Terminal

/// One row of the log as `tail` prints it: masked, one line.
public struct TailLine: Sendable, Equatable {
    public var seq: Int64
    public var at: Timestamp
    public var order: String?
    public var act: String
    /// What happened, from codes and ids.
    public var words: String
    public var mark: Mark?
    public enum Mark: String, Sendable { case good, warning, bad }

    public init(_ row: LogRow) {
        (seq, at, order, act) = (row.seq, row.entry.at, row.entry.order?.description, row.entry.act.rawValue)
        let body = row.entry.body
        words = Self.words(row.entry.act, body)
        mark = Self.mark(row.entry.act, body)
    }

    private static func words(_ act: LogEntry.Act, _ body: JSON) -> String {
        switch act {
        case .eventAccepted: join(body, "type", "id", "source")
        case .eventConflict, .eventRejected: join(body, "id", "source", "reason")
        case .decision: decision(body)
        case .intent: join(body, "attempt", "number", "account")
        case .outcome: join(body, "outcome", "detail", "provider_id", "state", "reason") + until(body, "next_at", "again at ")
        case .receipt: receipt(body)
        case .cancelled: join(body, "delivery", "channel", "reason")
        case .held: join(body, "delivery", "channel", "hold", "reason") + until(body, "until", "until ")
        case .providerTest: join(body, "test", "account", "to", "outcome", "detail", "provider_id", "who", "reason")
        case .deadLetter: join(body, "stage", "reason", "detail")
        case .address: join(body, "channel", "standing", "detail", "account", "who")
        case .account: join(body, "account", "state", "detail", "who", "reason") + until(body, "until", "until ")
        case .review: join(body, "id", "cause", "detail")
        case .incident:
            join(body, "id", "announced", "bank", "rail") + until(body, "since", "since ") + until(body, "closed_at", "closed at ")
        case .seen, .read: join(body, "item")
        case .operator: join(body, "command", "who", "reason")
        case .erasure: join(body, "command", "who", "reason")
        case .templates: join(body, "revision", "did", "percent", "who", "reason")
        case .contact: join(body, "who", "reason")
        case .retention: "no longer kept: " + pairs(body)
        case .keys: join(body, "key", "command", "who", "reason") + (body["wrapped"].map { " wraps \($0.text) data keys" } ?? "")
        case .clock: clock(body)
        case .start: join(body, "version", "mode") + (body["settled"].map { " settled \($0.text)" } ?? "")
        case .delivery, .timer: pairs(body)
        }
    }

    private static func pairs(_ body: JSON) -> String {
        (body.object ?? []).map { "\($0.0)=\($0.1.string ?? $0.1.text)" }.joined(separator: " ")
    }

    /// `stepped by 3600.0 s, now 3600.0 s ahead`; `followed by 3600.0 s, moved 12`.
    private static func clock(_ body: JSON) -> String {
        func seconds(_ name: String) -> String {
            let tenths = (body[name]?.integer ?? 0) / 100
            return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10) s"
        }
        guard body["followed_ms"] == nil else { return "followed by \(seconds("followed_ms")), " + join(body, "moved") }
        return "stepped by \(seconds("step_ms")), now \(seconds("ahead_ms")) ahead"
    }

    /// `bank_delay opened: sms +86****17, push no: no_device`, or the reason why not.
    private static func decision(_ body: JSON) -> String {
        guard let notice = body["notice"] else {
            let head = join(body, "timer", "kind", "disposition", "disposition_reason")
            let reason = body["reason"]?.string ?? body["dedupe"]?.string
            return [head, reason ?? ""].filter { !$0.isEmpty }.joined(separator: ": ") + until(body, "hold_until", "until ")
        }
        let fates = (notice["channels"]?.object ?? []).map { channel, fate in
            fate["fate"]?.string == "send"
                ? "\(channel) \(fate["to"]?.string ?? "")" : "\(channel) no: \(fate["reason"]?.string ?? "dropped")"
        }
        return join(notice, "kind", "stage") + ": " + fates.joined(separator: ", ")
    }

    /// `undelivered 30003 sms-main`; the state only where it is called otherwise.
    private static func receipt(_ body: JSON) -> String {
        let (status, code) = (body["status"]?.string ?? "", body["code"]?.string ?? "")
        let said = code.hasPrefix(status) ? code : "\(status) \(code)"
        let state = body["state"]?.string.flatMap { $0 == status ? nil : $0 }
        return [said, body["account"]?.string, state, body["note"]?.string].compactMap(\.self).joined(separator: " ")
    }

    private static func join(_ body: JSON, _ names: String...) -> String {
        names.compactMap { name in
            switch body[name] {
            case .string(let text) where !text.isEmpty: text
            case .number(let text): text
            default: nil
            }
        }.joined(separator: " ")
    }
    private static func until(_ body: JSON, _ name: String, _ words: String) -> String { body[name]?.string.map { " \(words)\($0)" } ?? "" }

    private static func mark(_ act: LogEntry.Act, _ body: JSON) -> Mark? {
        switch act {
        case .outcome:
            switch body["outcome"]?.string {
            case "accepted", "settled": .good
            case "bad_recipient", "bad_request", "auth_config": .bad
            default: .warning
            }
        case .receipt:
            switch body["status"]?.string {
            case "delivered", "read": .good
            case "undelivered": .bad
            case "unknown": .warning
            default: nil
            }
        case .review where body["closed"]?.bool == true: .good
        case .eventRejected, .deadLetter: .bad
        case .address: body["standing"]?.string == "verified" ? .good : .bad
        case .account: body["state"]?.string == AccountStanding.State.closed.rawValue ? .good : .warning
        case .providerTest:
            switch body["outcome"]?.string {
            case nil: nil
            case "accepted": .good
            default: .bad
            }
        case .eventConflict, .review, .incident, .clock, .held: .warning
        default: nil
        }
    }

    /// `11:04:33.900  PO-48121  outcome  ✓ accepted 202 id-1`
    public func human(_ look: Look) -> String {
        let what =
            switch mark {
            case .good: look.mark(.good, words)
            case .warning: look.mark(.warning, words)
            case .bad: look.mark(.bad, words)
            case nil: "\(look.dot) \(Safe.text(words))"
            }
        return "\(look.times.preciseClock(at))  \(look.bold((order ?? look.dash).padded(to: 16)))  \(act.padded(to: 14))  \(what)"
    }

    public var json: JSON {
        ["seq": .integer(seq), "at": .text(at), "order": .text(order), "act": .string(act), "words": .string(words)]
    }

    public static let fields = ["seq", "at", "order", "act", "words"]

    /// One line in any form; `json` is `ndjson` here, since a tail has no end.
    public func text(as form: OutputForm, _ look: Look) -> String {
        if form == .human { return human(look) + "\n" }
        var sheet = Sheet(Self.fields)
        sheet.add([.integer(seq), .text(at), .text(order), .string(act), .string(words)])
        switch form {
        case .plain: return String(sheet.plain.drop { $0 != "\n" }.dropFirst())
        case .csv: return String(sheet.csv.drop { $0 != "\r\n" }.dropFirst())
        case .md: return sheet.markdown.split(separator: "\n").dropFirst(2).map { $0 + "\n" }.joined()
        case .human, .json, .ndjson: return sheet.ndjson
        }
    }
}
