import Core
import Store

/// Tells staff by mail, until staff channels exist. One mail for each topic and subject. Words of our own: customer texts are never reused.
struct StaffDesk: Sendable {
    /// Nil: nobody is told, the review list still shows it.
    var address: MailAddress?
    /// The compliance officer's own: what is for them goes nowhere else. Nil: the review list alone shows it.
    var complianceAddress: MailAddress?
    var isConfigured: Bool
    var revision: String
    var zone: String
    var budget: Duration

    static let recipient = "staff"
    static let officer = "staff-compliance"

    /// - Parameter role: whom it is for; nil: whoever reads the findings.
    func tell(_ finding: Finding, to role: StaffRole? = nil, mode: Mode, now: Timestamp, _ writer: any StoreWriter) throws {
        let isForCompliance = role == .complianceOfficer && !PlantedBug.tellsTheDeskOfRestrictions.isActive
        guard let address = isForCompliance ? complianceAddress : address, isConfigured,
            let subject = OrderNumber(Self.identifier(finding.subject))
        else { return }
        let recipient = isForCompliance ? Self.officer : Self.recipient
        let anomaly = "\(recipient)/\(finding.topic.rawValue)/\(subject)"
        guard try writer.dedupeMarks(anomaly: anomaly, audience: .staff).isEmpty else { return }
        let notice = Notice(
            episode: 0, episodeVersion: 0, order: subject, anomaly: anomaly, audience: .staff, customer: recipient,
            kind: .channelOutage,
            stage: .opened, variant: finding.topic.rawValue, priority: .high, reason: .first, locale: .en, timeZone: zone,
            privatePreview: false,
            templateRevision: revision, facts: finding.facts, plannedAt: now, event: nil)
        let delivery = Delivery(
            episode: 0, order: subject, customer: recipient, channel: .mail, priority: .high, state: .ready, reason: nil, mode: mode,
            address: Sensitive(.mail(address)), nextAt: now, expires: now + budget, plannedAt: now)
        _ = try writer.insert(notice, deliveries: [delivery], inApp: nil)
    }

    /// A code may hold any visible character; a subject is an identifier.
    private static func identifier(_ text: String) -> String {
        String(text.unicodeScalars.prefix(64).map { Identifier.isValid(String($0), limit: 8) ? Character($0) : "-" })
    }

    /// Plain words for staff.
    static func content(of notice: Notice, zoneOffset: Int) -> Content {
        let topic = notice.variant ?? ""
        let title =
            switch Finding.Topic(rawValue: topic) {
            case .unmappedCode: "A code is in no list"
            case .incidentOpened: "Incident opened"
            case .incidentClosed: "Incident closed"
            case .unreachable: "A customer cannot be reached"
            case .burst: "Too many notices of one kind"
            case .escalation: "An escalation is due"
            case .call: "A customer has to be called"
            case .complaint: "A complaint has to be answered"
            case .texts: "New texts were stopped"
            case nil: "Clarion finding"
            }
        let lines = notice.facts.values.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { field, value -> String? in
            switch value {
            case .text(let text): "\(field.rawValue): \(text)"
            case .order(let order): "order: \(order)"
            case .term(_, let id): "\(field == .method ? "rail" : field.rawValue): \(id)"
            case .instant(let moment): "at: \(moment)"
            default: nil
            }
        }
        let isHourly = topic == Finding.Topic.escalation.rawValue || topic == Finding.Topic.call.rawValue
        let more = isHourly ? ["More of the same in this hour may stand on the list."] : []
        let all = [title + ": \(notice.order)"] + lines + more + ["See: clarion review list"]
        let html = all.map { "<p>\(escaped($0))</p>" }.joined(separator: "\n")
        return .mail(
            subject: "[Clarion] \(title): \(notice.order)", text: all.joined(separator: "\n") + "\n",
            html: "<!doctype html>\n<html lang=\"en\"><body>\n\(html)\n</body></html>\n")
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            default: out.append(character)
            }
        }
        return out
    }
}
