import Config
import Core
import Pipeline
import Reports
import Store
public import Terminal

extension ReviewCloseRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let (note, who) = (try context.reason(), context.who)
        let answer = try await context.operate(
            "/v1/reviews/\(id)/close", ["reason": .string(note), "who": .string(who)]
        ) { [self] in try await $0.close(review: id, note: note, who: who) }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words]))
        case .notFound: throw Fault(.notFound, "no review item \(id)", field: "id", hint: "clarion review list")
        case .refused(let words): throw Fault(.failure, "review \(id): \(words)")
        }
        return .success
    }
}

extension DeadRetryRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let (reason, who, now) = (try context.reason(), context.who, context.clock())
        let letters = try await context.read { [self] reader in
            if let id = Int64(name) { return try reader.deadLetter(id).map { [$0.id] } ?? [] }
            return try DeadReport.gather(from: reader, now: now).letters(name) ?? []
        }
        guard !letters.isEmpty else { throw Fault(.notFound, "no dead letter or group \(name)", field: "name", hint: "clarion dead list") }
        if context.options.isDryRun {
            try context.console.show(DeskReport(done: ["\(letters.count) would go again; nothing was changed"]))
            return .success
        }
        var report = DeskReport(done: [])
        for id in letters {
            let answer = try await context.operate(
                "/v1/dead/\(id)/retry", ["reason": .string(reason), "who": .string(who)]
            ) { try await $0.retry(deadLetter: id, who: who, reason: reason) }
            switch answer {
            case .done(let words): report.done.append(words)
            case .notFound: report.refused.append("dead letter \(id): gone")
            case .refused(let words): report.refused.append("dead letter \(id): \(words)")
            }
        }
        try context.console.show(report)
        return report.refused.isEmpty ? .success : report.done.isEmpty ? .failure : .partial
    }
}

extension CustomerSetRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        guard Identifier.isValid(customer, limit: 64) else { throw Fault(.usage, "not a customer id", field: "customer") }
        let settings = try context.settings()
        var addresses: [Channel: Sensitive<Address>] = [:]
        for (channel, file) in addressFiles {
            let text = try Host.firstLine(of: file)
            guard let address = Address(channel: channel, text: text) else {
                throw Fault(.usage, "the file holds no address for \(channel.rawValue)", field: "address-file")
            }
            addresses[channel] = Sensitive(address)
        }
        let given = addresses
        let known: CustomerRecord?
        do {
            known = try await context.read { [customer] in try $0.customer(customer) }
        } catch let fault as Fault where fault.status == .unavailable {
            known = nil
        }
        let record = merged(into: known ?? CustomerRecord(id: customer), addresses: given)
        if let link = await WorkerLink.find(settings, timeout: context.options.timeout) {
            let reply = try await link.call("PUT", "/v1/customers/\(customer)", body: Self.json(record).bytes)
            await link.close()
            guard reply.status == 200 else { throw Fault(.failure, "the worker refused the record (status \(reply.status))") }
        } else {
            let store = try Stores.openWriting(settings)
            _ = try await Desk(store: store, clock: SystemClock()).set(record, who: context.who)
            try await store.close()
        }
        try context.console.show(DeskReport(done: ["customer \(customer) is set"]))
        return .success
    }

    private func merged(into record: CustomerRecord, addresses: [Channel: Sensitive<Address>]) -> CustomerRecord {
        var record = record
        record.locale = locale ?? record.locale
        record.timeZone = timeZone ?? record.timeZone
        record.privatePreview = privatePreview ?? record.privatePreview
        record.optedOut = record.optedOut.union(optOut).subtracting(optIn)
        for (channel, address) in addresses {
            record.contacts[channel] = CustomerRecord.Contact(address: address, standing: standing[channel] ?? .verified)
        }
        for (channel, standing) in standing where addresses[channel] == nil {
            record.contacts[channel] = CustomerRecord.Contact(address: record.contacts[channel]?.address, standing: standing)
        }
        return record
    }

    /// What `PUT /v1/customers/{id}` takes; only ever sent over the worker's own socket.
    private static func json(_ record: CustomerRecord) -> JSON {
        let contacts = record.contacts.sorted { $0.key < $1.key }.map { channel, contact -> (String, JSON) in
            var body: [(String, JSON)] = [("standing", .string(contact.standing.rawValue))]
            if let address = contact.address { body.append(("address", .string(address.reveal(for: .wire).text))) }
            return (channel.rawValue, .object(body))
        }
        return [
            "locale": record.locale.map(JSON.string) ?? .null, "time_zone": record.timeZone.map(JSON.string) ?? .null,
            "private_preview": record.privatePreview.map(JSON.bool) ?? .null,
            "off": .array(record.optedOut.sorted().map { .string($0.rawValue) }), "contacts": .object(contacts),
        ]
    }
}

/// What was changed, and what was not.
struct DeskReport: Document {
    static let schema = "clarion.desk/1"
    var done: [String]
    var refused: [String] = []

    var members: [(String, JSON)] { [("done", .array(done.map(JSON.string))), ("refused", .array(refused.map(JSON.string)))] }
    var sheet: Sheet {
        var sheet = Sheet(["result", "words"])
        for words in done { sheet.add(["done", .string(words)]) }
        for words in refused { sheet.add(["refused", .string(words)]) }
        return sheet
    }
    func human(_ look: Look) -> [String] { done.map { look.mark(.good, $0) } + refused.map { look.mark(.warning, $0) } }
}
