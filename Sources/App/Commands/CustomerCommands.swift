import Core
import Pipeline
import Reports
import Store
public import Terminal

extension CustomerShowRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        guard context.options.server != nil else { return try await AuditCustomerRequest(customer: customer).run(in: context) }
        guard !context.options.reveals else {
            throw Fault(
                .unavailable, "a server shows no address through this command", field: "reveal",
                hint: "run it on the server's own machine, or POST /v1/reveals with a key of the role admin")
        }
        guard let link = try await context.link() else { throw Fault(.unavailable, "no server is named", field: "server") }
        let (reply, json) = try await link.ask("GET", "/v1/customers/\(WorkerLink.segment(customer))")
        guard reply.status == 200 else {
            throw reply.status == 404
                ? Fault(.notFound, "nothing was set for customer \(PlainText(customer))", field: "customer")
                : Fault(.failure, "\(link.name): \(WorkerLink.words(json, status: reply.status))")
        }
        try context.console.show(CustomerRecordReport(json))
        return .success
    }
}

extension CustomerSetRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        guard Identifier.isValid(customer, limit: 64) else { throw Fault(.usage, "not a customer id", field: "customer") }
        let change = try change()
        if let zone = change.timeZone, SystemZones().offset(of: zone, at: context.clock()) == nil {
            throw Fault(.usage, "there is no zone \"\(PlainText(zone))\"", field: "time-zone", hint: "a name such as Asia/Shanghai")
        }
        let words = change.words.joined(separator: ", ")
        guard !words.isEmpty else { throw Fault(.usage, "nothing to set", field: "customer", hint: "clarion customer set --help") }
        if context.options.isDryRun {
            try context.console.show(DeskReport(done: ["customer \(customer) would be set: \(words); nothing was changed"]))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        if let link = try await context.link() {
            let body = (change.json.object ?? []) + [("reason", .string(reason)), ("who", .string(who))]
            let (reply, json) = try await link.ask("PATCH", "/v1/customers/\(WorkerLink.segment(customer))", .object(body))
            guard reply.status == 200 else {
                throw Fault(reply.status == 422 ? .usage : .failure, "\(link.name): \(WorkerLink.words(json, status: reply.status))")
            }
        } else {
            _ = try await Stores.working(try context.settings()) { [customer] desk in
                try await desk.change(customer: customer, change, who: who, reason: reason)
            }
        }
        try context.console.show(DeskReport(done: ["customer \(customer) is set: \(words)"], next: "clarion customer show \(customer)"))
        return .success
    }

    private func change() throws -> CustomerChange {
        var change = CustomerChange()
        (change.locale, change.timeZone, change.privatePreview) = (locale, timeZone, privatePreview)
        (change.optOut, change.optIn) = (optOut, optIn)
        for (channel, standing) in standing { change.contacts[channel] = CustomerChange.Contact(standing: standing) }
        for (channel, file) in addressFiles {
            let text = try Host.firstLine(of: file)
            guard let address = Address(channel: channel, text: text) else {
                throw Fault(.usage, "the file holds no address for \(channel.rawValue)", field: "address")
            }
            change.contacts[channel, default: CustomerChange.Contact()].address = Sensitive(address)
        }
        return change
    }
}

extension CustomerChange {
    /// What it does, without an address.
    fileprivate var words: [String] {
        func list(_ channels: Set<Channel>) -> String { channels.sorted().map(\.rawValue).joined(separator: " ") }
        var out: [String] = []
        if let locale { out.append("language \(locale)") }
        if let timeZone { out.append("zone \(timeZone)") }
        if !optOut.isEmpty { out.append("off: \(list(optOut))") }
        if !optIn.isEmpty { out.append("on again: \(list(optIn))") }
        for (channel, contact) in contacts.sorted(by: { $0.key < $1.key }) {
            let parts = [contact.address.map { "new address \(MaskedAddress($0))" }, contact.standing?.rawValue].compactMap(\.self)
            out.append("\(channel.rawValue): \(parts.joined(separator: ", "))")
        }
        if let privatePreview { out.append(privatePreview ? "neutral push texts" : "push texts say what happened") }
        return out
    }
}

/// A customer's record as a server shows it: what was set, masked; not what they were told.
struct CustomerRecordReport: Document {
    static let schema = "clarion.customer/1"
    private let record: JSON
    init(_ record: JSON) { self.record = record }

    var members: [(String, JSON)] { record.object ?? [] }
    var sheet: Sheet {
        var sheet = Sheet(["channel", "to", "standing", "off"])
        let off = Set((record["off"]?.array ?? []).compactMap(\.string))
        let contacts = record["contacts"]?.object ?? []
        for name in Set(contacts.map(\.0)).union(off).sorted() {
            let contact = contacts.first { $0.0 == name }?.1
            sheet.add([.string(name), contact?["address"] ?? .null, contact?["standing"] ?? .null, .bool(off.contains(name))])
        }
        return sheet
    }
    func human(_ look: Look) -> [String] {
        func text(_ name: String) -> String { Safe.text(record[name]?.string ?? "as the event says") }
        var out = ["customer \(look.bold(record["id"]?.string ?? ""))", "language \(text("locale")), zone \(text("time_zone"))"]
        let off = (record["off"]?.array ?? []).compactMap(\.string)
        if !off.isEmpty { out.append("switched off: " + off.map { Safe.text($0) }.joined(separator: ", ")) }
        for (channel, contact) in record["contacts"]?.object ?? [] {
            let words = "\(channel) \(contact["address"]?.string ?? "as the event says"), \(contact["standing"]?.string ?? "")"
            let mark: Look.Mark =
                switch contact["standing"]?.string {
                case "verified": .good
                case "dead": .bad
                default: .warning
                }
            out.append(look.mark(mark, words))
        }
        if record["private_preview"]?.bool == true { out.append("push texts are neutral: private preview") }
        return out
    }
}
