import Config
import Core
import Pipeline
import Reports
import Store
public import Terminal

extension CustomerExportRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let unknown = Fault(.notFound, "nothing is stored for customer \(PlainText(customer))", field: "customer")
        let (reason, who) = (try context.reason(), context.who)
        // First who it is: what is not there is not written down.
        guard try await context.read({ [customer] in try $0.pseudonym(ofCustomer: customer) }) != nil else { throw unknown }
        let body: JSON = ["customer": .string(customer), "export": true, "reason": .string(reason), "who": .string(who)]
        let answer = try await context.operate("/v1/disclosures", body) { [customer] in
            try await $0.exportCustomer(customer, who: who, reason: reason)
        }
        switch answer {
        case .done: break
        case .notFound: throw unknown
        case .refused(let words): throw Fault(.failure, "nothing is exported: the record of it could not be written (\(words))")
        }
        let now = context.clock()
        let export = try await context.read { [customer] reader in
            try CustomerExport.gather(from: reader as? DiscreetReader ?? DiscreetReader(reader), customer: customer, now: now)
        }
        guard let export else { throw unknown }
        try context.console.show(export)
        return .success
    }
}
