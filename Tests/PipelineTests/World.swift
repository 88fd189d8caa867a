import App
import Config
import Core
import Foundation
import Pipeline
import Sandbox
import Store

let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

/// Compiled once for all tests: that takes longer than most of them.
let shippedTexts = Result { try Runtime.loadTemplates(repository + "/templates") }

/// A directory of its own for one test, removed with it.
final class Folder: Sendable {
    let path: String
    init() throws {
        path = NSTemporaryDirectory() + "clarion-pipeline-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path)") }
    }
}

/// All of Clarion in this process: real store, transport and texts, the sandbox for the providers, and a clock that the test moves.
struct World: Sendable {
    /// 12:00 on a Wednesday in Shanghai.
    static let noon = Timestamp(rfc3339: "2025-11-12T04:00:00Z")!

    let folder: Folder
    let sandbox: Sandbox
    let endpoints: Endpoints
    let clock: SteppedClock
    /// How far the providers' clock is ahead of ours.
    let skew: SteppedClock
    var configuration: Configuration
    var runtime: Runtime

    var engine: Engine { runtime.engine }
    var ledger: Ledger { sandbox.ledger }
    var storeDirectory: String { folder.path + "/store" }

    // MARK: Driving it

    /// Takes events in, in one batch, and works until nothing is due.
    @discardableResult
    func take(_ events: JSON...) async throws -> [Intake.Answer] { try await take(raw: events.map(\.bytes)) }

    @discardableResult
    func take(raw: [[UInt8]], from origin: Intake.Origin = .queue("test")) async throws -> [Intake.Answer] {
        let answers = try await engine.intake.accept(raw.map { Intake.Raw($0) }, from: origin)
        try await engine.settle()
        return answers
    }

    /// Moves the clock on, stopping wherever something is due.
    func pass(_ time: Duration) async throws { try await pass(until: clock.now() + time) }
    func pass(until moment: Timestamp) async throws {
        while let due = try await engine.settle(), due <= moment { clock.advance(to: due) }
        clock.advance(to: moment)
    }

    /// Another process on the same store; recovers like a start does.
    func restarted(_ change: (inout Configuration) -> Void = { _ in }) async throws -> (World, Recovery.Settled) {
        try await runtime.close()
        var next = self
        change(&next.configuration)
        next.runtime = try Runtime.make(
            next.configuration, clock: clock, random: SystemRandom(), authority: endpoints.caFile, templates: try shippedTexts.get())
        return (next, try await next.engine.recover())
    }

    // MARK: Looking at it

    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Result) async throws -> Result {
        try await runtime.store.read(body)
    }

    func deliveries(_ order: String, _ channel: Channel? = nil) async throws -> [Delivery] {
        try await read { reader in
            try reader.notices(ofOrder: OrderNumber(order)!).filter { $0.audience == .customer }.flatMap {
                try reader.deliveries(ofNotice: $0.id)
            }
            .filter { channel == nil || $0.channel == channel }
        }
    }

    /// The one delivery of an order on a channel.
    func delivery(_ order: String, _ channel: Channel) async throws -> Delivery {
        let found = try await deliveries(order, channel)
        guard found.count == 1, let one = found.first else {
            throw Unexpected(words: "\(found.count) deliveries of \(order) on \(channel)")
        }
        return one
    }

    func attempts(_ delivery: Delivery) async throws -> [Attempt] { try await read { try $0.attempts(ofDelivery: delivery.id) } }
    func letters() async throws -> [DeadLetter] { try await read { try $0.deadLetters(onlyOpen: false, limit: 1000) } }
    func reviews(_ cause: ReviewItem.Cause) async throws -> [ReviewItem] {
        try await read { try $0.reviews(onlyOpen: false, limit: 1000) }.filter { $0.cause == cause }
    }
    func accounting() async throws -> Accounting { try await read { try $0.accounting() } }
    func taken(by standIn: StandIn) -> [Row] { ledger.rows().filter { $0.provider == standIn } }
}

struct Unexpected: Error { var words: String }

/// Where messages go in most tests: one blind SMS provider, one push service that collapses, mail.
let twilio = """
      - { name: sms-main, provider: twilio, account_sid: AC00000000000000000000000000000000, auth_token_file: secrets/t, lookup_seconds: 0, from: "+15005550006" }

    """
/// The same, and what became of an attempt is asked for.
let askedTwilio = twilio.replacing("lookup_seconds: 0, ", with: "")
/// An SMS gateway that ignores repeats.
let gateway = """
      - name: sms-keyed
        provider: http
        url: https://gateway.example/sms
        fields: { to: "{to}", text: "{text}", ref: "{reference}" }
        id_path: id
        auth_file: secrets/g
        idempotency_header: Idempotency-Key

    """
let apns = """
      - { name: push-ios, provider: apns, key_file: secrets/a, key_id: ABCDE12345, team_id: FGHIJ67890, topic: example.pay.app, environment: production }

    """
let fcm = """
      - { name: push-android, provider: fcm, service_account_file: secrets/f.json }

    """
let mail = """
      - { name: mail-main, provider: smtp, url: "smtp://mail.pay.example:587", user: clarion, password_file: secrets/p, from: "Example Pay <no-reply@pay.example>" }

    """

/// - Parameters:
///   - accounts: a list, tried in this order.
///   - receipts: where providers reach us; nil: nowhere.
func withWorld<T>(
    _ accounts: [String] = [twilio, apns, mail], at start: Timestamp = World.noon, receipts: String? = nil,
    _ body: (World) async throws -> T
) async throws -> T {
    let folder = try Folder()
    let (clock, skew) = (SteppedClock(start), SteppedClock(Timestamp(milliseconds: 0)))
    var options = Sandbox.Options()
    options.directory = folder.path + "/sandbox"
    options.now = { clock.now().milliseconds + skew.now().milliseconds }
    let sandbox = try Sandbox(options)
    let endpoints = try await sandbox.start()
    do {
        let configuration = try configuration(accounts, folder, endpoints, receipts: receipts)
        let runtime = try Runtime.make(
            configuration, clock: clock, random: SystemRandom(), authority: endpoints.caFile, templates: try shippedTexts.get())
        let world = World(
            folder: folder, sandbox: sandbox, endpoints: endpoints, clock: clock, skew: skew, configuration: configuration, runtime: runtime
        )
        let result = try await body(world)
        try await runtime.close()
        await sandbox.stop()
        return result
    } catch {
        await sandbox.stop()
        throw error
    }
}

func configuration(
    _ accounts: [String], _ folder: Folder, _ endpoints: Endpoints, receipts: String? = nil
) throws -> Configuration {
    let config = repository + "/config"
    let settings = """
        mode: capture
        templates: { directory: \(repository)/templates }
        policy: \(config)/policy.yaml
        catalogue:
          kinds: \(config)/kinds.yaml
          codes: [\(config)/reason-codes.csv, \(config)/internal-codes.csv]
          baselines: \(config)/bank-baselines.csv
          rails: \(config)/rails.yaml
          holidays: \(config)/holidays.yaml
        brand:
          name: { zh-Hans: 示例支付, zh-Hant: 示例支付, en: Example Pay }
          support: "+86 400 000 0000"
          link_base: https://pay.example/w/
        staff: { mail: payments-ops@pay.example, compliance_mail: compliance@pay.example }
        accounts:

        """
    let file = folder.path + "/clarion.yaml"
    try (settings + accounts.joined()).write(toFile: file, atomically: false, encoding: .utf8)
    return try Configuration.load(
        settingsFile: file, environment: [:],
        overrides: [
            "store.directory": folder.path + "/store", "sandbox.directory": folder.path + "/sandbox",
            "sandbox.https_port": String(endpoints.https.split(separator: ":").last!),
            "sandbox.smtp_port": String(endpoints.smtp.split(separator: ":").last!),
        ].merging(receipts.map { ["receipts.url": $0] } ?? [:]) { $1 })
}

extension World {
    /// What a stand-in took, without what was written to staff.
    func toCustomers(_ standIn: StandIn) -> Int {
        ledger.rows().count { $0.provider == standIn && !["payments-ops@pay.example", "compliance@pay.example"].contains($0.recipient) }
    }
    var mailsToCustomers: Int { toCustomers(.smtp) }
}
