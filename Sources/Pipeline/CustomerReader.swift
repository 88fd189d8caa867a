public import Core

/// A customer's record as JSON: `{"locale","time_zone","private_preview","off":["push"],"contacts":{"sms":{"address","standing"}}}`.
/// Every member may be left out; one that is there has the right type or is refused.
public enum CustomerReader {
    public static func read(_ bytes: [UInt8], id: String) throws(EventRefusal) -> CustomerRecord {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw EventRefusal([FieldProblem(error.path, error.problem)]) }
        return try read(json, id: id)
    }

    /// - Parameters:
    ///   - zones: refuses the names of zones that do not exist; nil takes every name.
    ///   - now: for the look-up in `zones`.
    public static func read(
        _ json: JSON, id: String, zones: (any ZoneTable)? = nil, now: Timestamp = Timestamp(milliseconds: 0)
    ) throws(EventRefusal) -> CustomerRecord {
        guard json.object != nil else { throw EventRefusal([FieldProblem("", "expected one JSON object")]) }
        var fields = Fields()
        if !Identifier.isValid(id, limit: 64) { fields.refuse("id", "expected 1 to 64 characters of A-Z a-z 0-9 - _ . /") }
        fields.allow(["locale", "time_zone", "private_preview", "off", "contacts"], of: json, at: "")
        var record = CustomerRecord(id: id)
        record.locale = fields.name(json["locale"], "locale")
        record.timeZone = fields.name(json["time_zone"], "time_zone")
        if let zone = record.timeZone, let zones, zones.offset(of: zone, at: now) == nil { fields.refuse("time_zone", "not a zone") }
        if let preview = fields.present(json["private_preview"]) {
            record.privatePreview = preview.bool
            if preview.bool == nil { fields.refuse("private_preview", "expected true or false") }
        }
        if let off = fields.present(json["off"]) { record.optedOut = fields.channels(off, "off") }
        if let contacts = fields.present(json["contacts"]) { record.contacts = fields.contacts(contacts) }
        guard fields.problems.isEmpty else { throw EventRefusal(fields.problems) }
        return record
    }

    /// `PATCH`: `{"locale","time_zone","private_preview","opt_out":["push"],"opt_in":[],"contacts":{"sms":{"address","standing"}}}`. What is
    /// left out stays as it is. `reason` and `who` are the caller's to read.
    public static func change(
        _ json: JSON, id: String, zones: (any ZoneTable)? = nil, now: Timestamp = Timestamp(milliseconds: 0)
    ) throws(EventRefusal) -> CustomerChange {
        var fields = Fields()
        let own: Set<String> = ["opt_out", "opt_in", "reason", "who"]
        let rest = (json.object ?? []).filter { !own.contains($0.0) }
        fields.allow(["locale", "time_zone", "private_preview", "contacts"], of: .object(rest), at: "")
        let record: CustomerRecord
        do throws(EventRefusal) {
            record = try read(.object(rest.filter { $0.0 != "off" }), id: id, zones: zones, now: now)
        } catch {
            throw EventRefusal(fields.problems + error.problems.filter { !fields.problems.contains($0) })
        }
        var change = CustomerChange()
        (change.locale, change.timeZone, change.privatePreview) = (record.locale, record.timeZone, record.privatePreview)
        if let list = fields.present(json["opt_out"]) { change.optOut = fields.channels(list, "opt_out") }
        if let list = fields.present(json["opt_in"]) { change.optIn = fields.channels(list, "opt_in") }
        if !change.optOut.isDisjoint(with: change.optIn) { fields.refuse("opt_in", "holds a channel of opt_out") }
        for (channel, contact) in record.contacts {
            let isSaid = fields.present(json["contacts"]?[channel.rawValue]?["standing"]) != nil
            change.contacts[channel] = CustomerChange.Contact(address: contact.address, standing: isSaid ? contact.standing : nil)
        }
        guard fields.problems.isEmpty else { throw EventRefusal(fields.problems) }
        return change
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
            "id": .string(record.id), "locale": record.locale.map(JSON.string) ?? .null,
            "time_zone": record.timeZone.map(JSON.string) ?? .null,
            "private_preview": record.privatePreview.map(JSON.bool) ?? .null,
            "off": .array(record.optedOut.sorted().map { .string($0.rawValue) }), "contacts": .object(contacts),
        ]
    }
}

/// Reads members and gathers what is wrong with them. Never quotes a value: it may be an address.
private struct Fields {
    var problems: [FieldProblem] = []

    mutating func refuse(_ field: String, _ problem: String) { problems.append(FieldProblem(field, problem)) }

    func present(_ json: JSON?) -> JSON? { json.flatMap { $0.isNull ? nil : $0 } }

    mutating func allow(_ names: Set<String>, of json: JSON, at path: String) {
        for (name, _) in json.object ?? [] where !names.contains(name) { refuse(path + FieldProblem.shown(name), "unknown field") }
    }

    mutating func name(_ json: JSON?, _ field: String) -> String? {
        guard let value = present(json) else { return nil }
        guard let text = value.string, Identifier.isValid(text, limit: 64) else {
            refuse(field, "expected a name, like zh-Hans or Asia/Shanghai")
            return nil
        }
        return text
    }

    mutating func channels(_ json: JSON, _ field: String) -> Set<Channel> {
        guard let items = json.array else {
            refuse(field, "expected a list of channels")
            return []
        }
        var found: Set<Channel> = []
        for (n, item) in items.enumerated() {
            if let channel = item.string.flatMap(Channel.init), channel != .inApp {
                found.insert(channel)
            } else {
                refuse("\(field).\(n)", "expected sms, push, mail or voice")
            }
        }
        return found
    }

    mutating func contacts(_ json: JSON) -> [Channel: CustomerRecord.Contact] {
        guard let members = json.object else {
            refuse("contacts", "expected an object with a member for each channel")
            return [:]
        }
        var found: [Channel: CustomerRecord.Contact] = [:]
        for (name, value) in members {
            let path = "contacts." + FieldProblem.shown(name)
            guard let channel = Channel(rawValue: name), channel != .inApp else {
                refuse(path, "not a channel with an address: sms, push, mail or voice")
                continue
            }
            guard value.object != nil else {
                refuse(path, "expected an object with address and standing")
                continue
            }
            found[channel] = contact(value, channel, path)
        }
        return found
    }

    private mutating func contact(_ json: JSON, _ channel: Channel, _ path: String) -> CustomerRecord.Contact {
        allow(["address", "standing"], of: json, at: path + ".")
        var contact = CustomerRecord.Contact(address: nil, standing: .verified)
        if let value = present(json["standing"]) {
            if let standing = value.string.flatMap(CustomerRecord.Contact.Standing.init) {
                contact.standing = standing
            } else {
                refuse(path + ".standing", "expected verified, unverified or dead")
            }
        }
        if let value = present(json["address"]) {
            contact.address = value.string.flatMap { Address(channel: channel, text: $0) }.map { Sensitive($0) }
            if contact.address == nil { refuse(path + ".address", Self.shape(of: channel)) }
        }
        return contact
    }

    private static func shape(of channel: Channel) -> String {
        switch channel {
        case .mail: "not a mail address"
        case .push: "not a device token"
        case .sms, .voice, .inApp: "not a number in E.164 form"
        }
    }
}
