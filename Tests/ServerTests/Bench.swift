import App
import Config
import Core
import Foundation
import Logging
import Pipeline
@testable import Server
import ServiceLifecycle
import Store
import TestKit
import Testing

/// A whole worker in this process, without the loops that send: store, engine and the HTTP faces, over real sockets.
final class Bench: Sendable {
    static let noon = Timestamp(rfc3339: "2025-11-20T12:00:00.000Z")!
    static let inboxKey = [UInt8](repeating: 5, count: 32)
    static let keys: [Access.Role: [Sensitive<String>]] = [
        .ingest: [Sensitive("key-of-ingest-1234567890"), Sensitive("new-key-of-ingest-1234567890")],
        .viewer: [Sensitive("key-of-viewer-1234567890")],
        .operator: [Sensitive("key-of-operator-1234567890")], .admin: [Sensitive("key-of-admin-1234567890")],
    ]
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// What is shipped, read and compiled once for all tests.
    private static let shipped = Result {
        let configuration = try Configuration.load(
            settingsFile: root.appending(path: "config/clarion.yaml").path, environment: [:],
            overrides: ["receipts.url": "https://notices.pay.example"])
        return (configuration, try Runtime.loadTemplates(configuration.settings.templatesDirectory))
    }

    /// What is shipped, with everything that is written in a directory of the test's own.
    private static func configuration(in directory: String) throws -> Configuration {
        var configuration = try shipped.get().0
        func move(_ file: inout KeyFile) {
            file = KeyFile(path: directory + "/" + (file.path.split(separator: "/").last ?? ""), secret: nil)
        }
        move(&configuration.settings.keys.master)
        move(&configuration.settings.keys.lookup)
        move(&configuration.settings.keys.audit)
        move(&configuration.settings.keys.inbox)
        for role in configuration.settings.apiKeys.keys { move(&configuration.settings.apiKeys[role]!) }
        configuration.settings.storeDirectory = directory
        return configuration
    }

    let runtime: Runtime
    let clock: SteppedClock
    let tokens: InboxTokens
    let directory: String
    let port: Int
    let parts: HTTPService.Parts
    /// Asks the server to end, as SIGTERM does.
    let beginStop: @Sendable () async -> Void
    /// The same; returns when it is down.
    let stop: @Sendable () async throws -> Void
    var store: SQLiteStore { runtime.store }
    var settings: Settings { runtime.configuration.settings }
    var socket: String { directory + "/c.sock" }

    private init(
        _ runtime: Runtime, _ clock: SteppedClock, _ parts: HTTPService.Parts, _ directory: String, _ port: Int,
        beginStop: @escaping @Sendable () async -> Void, stop: @escaping @Sendable () async throws -> Void
    ) {
        (self.runtime, self.clock, self.tokens, self.parts) = (runtime, clock, parts.tokens, parts)
        (self.directory, self.port, self.beginStop, self.stop) = (directory, port, beginStop, stop)
    }

    /// - Parameter onSocket: serves on a Unix socket instead of a free port.
    static func run(
        _ access: Access = .open, limits: HTTPService.Limits = HTTPService.Limits(), onSocket: Bool = false, isBehindProxy: Bool = false,
        receiptsFrom networks: [Network]? = nil, _ body: (Bench) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "clarion-http-\(UUID().uuidString.prefix(8))").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let clock = SteppedClock(noon)
        var configuration = try configuration(in: directory)
        for index in configuration.settings.accounts.indices { configuration.settings.accounts[index].receiptNetworks = networks }
        let runtime = try Runtime.make(configuration, clock: clock, templates: shipped.get().1)
        let tokens = await InboxTokens(key: Sensitive(inboxKey))
        let parts = HTTPService.Parts(
            store: runtime.store, intake: runtime.engine.intake, desk: runtime.engine.desk, tokens: tokens, clock: clock,
            inboxChanges: runtime.engine.inboxChanges, batchLimit: 1 << 20, zones: SystemZones(),
            receipts: runtime.engine.receipts, tester: runtime.engine.tester, isBehindProxy: isBehindProxy, links: runtime.engine.links)
        let (ports, found) = AsyncStream<Int>.makeStream()
        let service = HTTPService(
            parts, at: onSocket ? .unix(path: directory + "/c.sock") : .tcp(host: "127.0.0.1", port: 0), access: access, limits: limits
        ) { found.yield($0) }
        let group = ServiceGroup(
            configuration: .init(services: [service], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        let serving = Task {
            defer { found.finish() }
            try await group.run()
        }
        let beginStop: @Sendable () async -> Void = { await group.triggerGracefulShutdown() }
        let stop: @Sendable () async throws -> Void = {
            await beginStop()
            try await serving.value
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else {
            try await serving.value
            throw CancellationError()
        }
        do {
            try await body(Bench(runtime, clock, parts, directory, port, beginStop: beginStop, stop: stop))
        } catch {
            try await stop()
            try await runtime.close()
            throw error
        }
        try await stop()
        try await runtime.close()
    }

    // MARK: Asking

    func connect() throws -> Wire { port == 0 ? try Wire(path: socket) : try Wire(port: port) }

    /// One request on a connection of its own.
    func ask(_ method: String, _ path: String, key: String? = nil, type: String? = nil, headers: [String] = [], _ body: [UInt8]? = nil)
        async throws
        -> Wire.Reply
    {
        let wire = try connect()
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1"] + headers
        if let key { lines.append("Authorization: Bearer \(key)") }
        if let type { lines.append("Content-Type: \(type)") }
        if let body { lines.append("Content-Length: \(body.count)") }
        try wire.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? []))
        return try await wire.reply(toHead: method == "HEAD")
    }

    func ask(_ method: String, _ path: String, key: String? = nil, type: String = "application/json", json: JSON) async throws -> Wire.Reply
    {
        try await ask(method, path, key: key, type: type, json.bytes)
    }

    func send(_ event: JSON) async throws -> Wire.Reply {
        try await ask("POST", "/v1/events", type: "application/cloudevents+json", json: event)
    }

    /// Plans and sends until nothing is due at this moment of the clock. No provider listens.
    func settle() async throws { try await runtime.engine.settle() }

    /// Plans and sends meanwhile, as a worker does.
    func working(_ body: () async throws -> Void) async throws {
        let engine = runtime.engine
        let work = Task { try await engine.run() }
        do {
            try await body()
        } catch {
            work.cancel()
            try await work.value
            throw error
        }
        work.cancel()
        try await work.value
    }

    func token(of customer: String) async throws -> String { try await tokens.make(for: customer, now: clock.now()).token }

    /// All that is served.
    func routes() -> [Route] { HTTPService.routes(parts, Streams(most: 1, mostOfOne: 1, beat: .seconds(1))) }

    // MARK: What is there

    /// Puts an item into an inbox as planning would, and tells the streams.
    @discardableResult
    func put(_ title: String, for customer: String, kind: Kind = .bankDelay) async throws -> String {
        let now = clock.now()
        let id = try await store.write { writer in
            let order = OrderNumber("WD1")!
            let notice = Notice(
                episode: 0, episodeVersion: 0, order: order, anomaly: "an-1", audience: .customer, customer: customer, kind: kind,
                stage: .opened, variant: nil, priority: .normal, reason: .first, locale: .en, timeZone: "UTC", privatePreview: false,
                templateRevision: "1", facts: Facts(), plannedAt: now, event: nil)
            let delivery = Delivery(
                episode: 0, order: order, customer: customer, channel: .inApp, priority: .normal, state: .delivered, reason: nil,
                mode: .capture, address: Sensitive(.inbox), nextAt: nil, expires: now, plannedAt: now)
            _ = try writer.insert(notice, deliveries: [delivery], inApp: (title, "Your money is on its way."))
            return try writer.newestInboxItems(limit: 1)[0].publicID
        }
        runtime.engine.inboxChanges.notify()
        return id
    }

    /// A push notice that an account has taken; its public id.
    func push(to customer: String) async throws -> String {
        let now = clock.now()
        return try await store.write { writer in
            let order = OrderNumber("WD1")!
            let notice = Notice(
                episode: 0, episodeVersion: 0, order: order, anomaly: "an-1", audience: .customer, customer: customer, kind: .bankDelay,
                stage: .opened, variant: nil, priority: .normal, reason: .first, locale: .en, timeZone: "UTC", privatePreview: false,
                templateRevision: "1", facts: Facts(), plannedAt: now, event: nil)
            let delivery = Delivery(
                episode: 0, order: order, customer: customer, channel: .push, priority: .normal, state: .sent, reason: nil, mode: .capture,
                address: Sensitive(.inbox), nextAt: nil, expires: now, tries: 1, account: "push-ios", plannedAt: now)
            return try writer.insert(notice, deliveries: [delivery], inApp: nil).1[0].publicID
        }
    }

    static func fixture(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: root.appending(path: "Tests/Fixtures/\(name)"))) }
    static func detected() throws -> JSON { try JSON(parsing: fixture("cloudevents-anomaly-detected.json")) }
}

extension JSON {
    /// The same object with one member replaced or added; `path` is dotted.
    func setting(_ path: String, to value: JSON) -> JSON {
        guard let name = path.split(separator: ".").first.map(String.init), let members = object else { return value }
        let rest = String(path.dropFirst(name.count + 1))
        var out = members
        let new = rest.isEmpty ? value : (self[name] ?? [:]).setting(rest, to: value)
        if let place = out.firstIndex(where: { $0.0 == name }) { out[place].1 = new } else { out.append((name, new)) }
        return .object(out)
    }
    var fields: [String] { self["errors"]?.array?.compactMap { $0["field"]?.string } ?? [] }
    var problem: String? { self["type"]?.string?.replacing("urn:clarion:problem:", with: "") }
}
