public import Core

/// A customer's record as JSON: `{"locale","time_zone","private_preview","off":["push"],"contacts":{"sms":{"address","standing"}}}`.
public enum CustomerReader {
    private static let keys: Set<String> = ["locale", "time_zone", "private_preview", "off", "contacts"]

    public static func read(_ bytes: [UInt8], id: String) throws(EventRefusal) -> CustomerRecord {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw EventRefusal([FieldProblem(error.path, error.problem)]) }
        guard let members = json.object else { throw EventRefusal([FieldProblem("", "expected one JSON object")]) }
        var problems: [FieldProblem] = []
        if !Identifier.isValid(id, limit: 64) { problems.append(FieldProblem("id", "expected 1 to 64 characters of A-Z a-z 0-9 - _ . /")) }
        for (name, _) in members where !keys.contains(name) { problems.append(FieldProblem(FieldProblem.shown(name), "unknown field")) }
        var record = CustomerRecord(id: id)
        record.locale = text(json, "locale", &problems)
        record.timeZone = text(json, "time_zone", &problems)
        if let preview = json["private_preview"], !preview.isNull {
            record.privatePreview = preview.bool
            if record.privatePreview == nil { problems.append(FieldProblem("private_preview", "expected true or false")) }
        }
        for item in json["off"]?.array ?? [] {
            guard let channel = item.string.flatMap(Channel.init), channel != .inApp else {
                problems.append(FieldProblem("off", "expected channels: sms, push, mail, voice"))
                continue
            }
            record.optedOut.insert(channel)
        }
        for (name, value) in json["contacts"]?.object ?? [] {
            guard let channel = Channel(rawValue: name), channel != .inApp else {
                problems.append(FieldProblem("contacts." + FieldProblem.shown(name), "not a channel with an address"))
                continue
            }
            record.contacts[channel] = contact(value, channel, &problems)
        }
        guard problems.isEmpty else { throw EventRefusal(problems) }
        return record
    }

    private static func text(_ json: JSON, _ name: String, _ problems: inout [FieldProblem]) -> String? {
        guard let value = json[name], !value.isNull else { return nil }
        guard let text = value.string, Identifier.isValid(text, limit: 64) else {
            problems.append(FieldProblem(name, "expected a name, like zh-Hans or Asia/Shanghai"))
            return nil
        }
        return text
    }

    private static func contact(_ json: JSON, _ channel: Channel, _ problems: inout [FieldProblem]) -> CustomerRecord.Contact? {
        let path = "contacts.\(channel.rawValue)"
        guard let standing = (json["standing"]?.string ?? "verified") as String?, let standing = CustomerRecord.Contact.Standing(rawValue: standing) else {
            problems.append(FieldProblem(path + ".standing", "expected verified, unverified or dead"))
            return nil
        }
        var address: Sensitive<Address>?
        if let text = json["address"]?.string {
            guard let read = Address(channel: channel, text: text) else {
                problems.append(FieldProblem(path + ".address", channel == .mail ? "not a mail address" : channel == .push ? "not a device token" : "not a number in E.164 form"))
                return nil
            }
            address = Sensitive(read)
        }
        return CustomerRecord.Contact(address: address, standing: standing)
    }

    /// The same shape with masked addresses.
    public static func masked(_ record: CustomerRecord) -> JSON {
        let contacts = record.contacts.sorted { $0.key < $1.key }.map { channel, contact -> (String, JSON) in
            (
                channel.rawValue,
                [
                    "address": contact.address.map { .string(MaskedAddress($0).description) } ?? .null,
                    "standing": .string(contact.standing.rawValue),
                ]
            )
        }
        return [
            "id": .string(record.id), "locale": record.locale.map(JSON.string) ?? .null, "time_zone": record.timeZone.map(JSON.string) ?? .null,
            "private_preview": record.privatePreview.map(JSON.bool) ?? .null,
            "off": .array(record.optedOut.sorted().map { .string($0.rawValue) }), "contacts": .object(contacts),
        ]
    }
}
