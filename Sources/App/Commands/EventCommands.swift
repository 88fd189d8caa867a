import Config
import Core
import Reports
import Sources
import Store
public import Terminal

extension EventSampleRequest: Command {
    public static var reach: Reach { .machine }

    /// Events, one a line, whatever form is asked for: they are meant for a pipe.
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let configuration = try SettingsOfCommand(context).catalogue()
        var samples = EventSamples(
            seed: seed ?? UInt64.random(in: .min ... .max), typePrefix: configuration.typePrefix, catalogue: configuration.catalogue)
        // All kinds come before one comes again.
        let kinds = kind.map { [$0] } ?? Kind.allCases
        for n in 0..<count {
            let event = samples.detected(kinds[n % kinds.count], at: context.clock()).event
            try context.console.show(text: event.text + "\n")
        }
        return .success
    }
}

extension EventValidateRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let (prefix, catalogue) = try SettingsOfCommand(context).catalogue()
        let reader = EventReader(typePrefix: prefix, rails: Set(catalogue.rails.keys))
        var report = ValidateReport(read: 0, good: 0, findings: [], doubts: [])
        for file in files {
            var source = try LineSource(file)
            let name = source.name
            for raw in try source.rest() {
                report.read += 1
                func finding(_ field: String, _ problem: String) -> ValidateReport.Finding {
                    ValidateReport.Finding(file: name, line: raw.position, field: field, problem: problem)
                }
                do throws(EventRefusal) {
                    let event = try reader.read(raw.bytes, now: context.clock()).event
                    report.good += 1
                    if let doubt = Self.doubt(event, catalogue) { report.doubts.append(finding("data.reason.code", doubt)) }
                } catch {
                    report.findings += error.problems.map { finding($0.field, $0.problem) }
                }
            }
        }
        try context.console.show(report)
        return report.status
    }

    /// What would make a review item of an event that is taken in.
    private static func doubt(_ event: Event, _ catalogue: Catalogue) -> String? {
        guard case .anomaly(let anomaly) = event.body, let reason = anomaly.reason else { return nil }
        guard let rule = catalogue.code(source: reason.source, code: reason.code) else {
            return "is in no list of \(PlainText(reason.source)): told as status_unknown"
        }
        guard let kind = anomaly.kind, let known = rule.kind, kind != known else { return nil }
        return "means \(known.rawValue), the event says \(kind.rawValue): told as status_unknown"
    }
}

extension EventShowRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let unknown = Fault(.notFound, "no event \(PlainText(id))", field: "event")
        if context.options.server != nil, let link = try await context.link() {
            let (reply, json) = try await link.ask("GET", "/v1/events/\(WorkerLink.segment(id))")
            guard reply.status == 200 else {
                throw reply.status == 404 ? unknown : Fault(.failure, "\(link.name): \(WorkerLink.words(json, status: reply.status))")
            }
            try context.console.show(EventReport(json))
            return .success
        }
        guard let event = try await context.read({ [id] in try $0.event(id: id) }) else { throw unknown }
        try context.console.show(EventReport(event))
        return .success
    }
}
