@testable import App
import Config
import Core
import Foundation
import Store

/// The repository, seen from this file.
let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

/// A directory of its own for one test, removed with it.
final class Folder: Sendable {
    let path: String
    init() throws {
        path = NSTemporaryDirectory() + "clarion-replay-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path)") }
    }
}

/// What the generator writes for one seed: the events in order of arrival, and the counts that a correct system must reach.
struct Generated: Sendable {
    let events: [JSON]
    let summary: JSON

    static func make(seed: Int) throws -> Generated {
        let folder = try Folder()
        for name in ["reason-codes.csv", "internal-codes.csv"] {
            try FileManager.default.copyItem(atPath: "\(repository)/config/\(name)", toPath: "\(folder.path)/\(name)")
        }
        try FileManager.default.copyItem(atPath: "\(repository)/Tests/Fixtures/make_events.py", toPath: folder.path + "/make_events.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", folder.path + "/make_events.py", String(seed)]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(words: "the generator ended with \(process.terminationStatus)") }
        let text = try String(contentsOfFile: folder.path + "/events.jsonl", encoding: .utf8)
        return Generated(
            events: try text.split(separator: "\n").map { try JSON(parsing: String($0)) },
            summary: try JSON(parsing: try String(contentsOfFile: folder.path + "/events-summary.json", encoding: .utf8)))
    }

    struct Failure: Error { var words: String }

    func count(_ name: String) -> Int { Int(summary["counts"]?[name]?.integer ?? -1) }
    func list(_ name: String) -> [JSON] { summary["lists"]?[name]?.array ?? [] }

    /// Orders of the 600 payouts of the storm: late at the bank of the burst, inside its three minutes.
    var storm: Set<String> {
        guard let burst = summary["burst"], let from = burst["from"]?.string, let to = burst["to"]?.string else { return [] }
        return Set(
            events.filter { event in
                guard let data = event["data"], data["stage"]?.string == "detected", let time = event["time"]?.string else { return false }
                return data["bank"]?["code"] == burst["bank"] && data["rail"] == burst["rail"] && time >= from && time <= to
                    && ["PENDING_OVER_THRESHOLD", "READ_TIMEOUT"].contains(data["reason"]?["code"]?.string)
            }.compactMap { $0["subject"]?.string })
    }

    /// Only the storm: its payouts, and the incident.
    var stormSlice: [JSON] {
        let (orders, incident) = (storm, summary["burst"]?["incident_id"]?.string)
        return events.filter { orders.contains($0["subject"]?.string ?? "") || $0["subject"]?.string == incident }
    }
}

extension JSON {
    /// A copy with the value at a path of members set; nil takes the member out. Members that are missing on the way are not made.
    func setting(_ path: [String], _ value: JSON?) -> JSON {
        guard var members = object, let name = path.first else { return self }
        if path.count == 1 {
            members.removeAll { $0.0 == name }
            if let value { members.append((name, value)) }
        } else {
            members = members.map { $0.0 == name ? ($0.0, $0.1.setting(Array(path.dropFirst()), value)) : $0 }
        }
        return .object(members)
    }
}

/// One notice to a customer and where it went.
struct Told: Hashable {
    struct Way: Hashable {
        var channel: Channel
        var state: DeliveryState
        var reason: ReasonCode?
        var left: [Timestamp]
    }
    var order, anomaly: String
    var kind: Kind
    var stage: NoticeStage
    var reason: ReasonCode
    var customer: String
    var at: Timestamp
    var ways: [Way]

    /// Messages that left this machine, in-app not counted.
    var sent: [Way] { ways.filter { $0.channel != .inApp && $0.state == .sent } }
}

/// A finished replay with everything it told customers.
struct Replayed {
    var accounting: Accounting
    var told: [String: [Told]]
    /// Messages that the stand-ins accepted.
    var accepted: Int
    var deadLetters: [DeadLetter]

    static func run(_ events: [JSON]) async throws -> Replayed { try await run(lines: events.map(\.bytes)) }

    static func run(lines: [[UInt8]]) async throws -> Replayed {
        let folder = try Folder()
        let result = try await Replay.run(
            lines,
            Replay.Options(
                settingsFile: repository + "/config/clarion.yaml", storeDirectory: folder.path + "/store",
                sandboxDirectory: folder.path + "/sandbox"))
        let keys = try Keys.load(result.configuration.settings, random: SeededRandom(seed: 1))
        let store = try SQLiteStore.openReadOnly(directory: folder.path + "/store", keys: keys)
        let orders = Set(lines.compactMap { line in (try? JSON(parsing: line))?["subject"]?.string }.compactMap { OrderNumber($0) })
        let (told, letters) = try await store.read { reader in
            (try Self.told(orders, reader), try reader.deadLetters(onlyOpen: false, limit: 1000))
        }
        let ledger = try String(contentsOfFile: folder.path + "/sandbox/ledger.jsonl", encoding: .utf8)
        return Replayed(
            accounting: result.accounting, told: told, accepted: ledger.utf8.count { $0 == 0x0A }, deadLetters: letters)
    }

    private static func told(_ orders: Set<OrderNumber>, _ reader: any StoreReader) throws -> [String: [Told]] {
        var all: [String: [Told]] = [:]
        for order in orders {
            let notices = try reader.notices(ofOrder: order).filter { $0.audience == .customer }
            guard !notices.isEmpty else { continue }
            all[order.description] = try notices.map { notice in
                let ways = try reader.deliveries(ofNotice: notice.id).map { delivery in
                    Told.Way(
                        channel: delivery.channel, state: delivery.state, reason: delivery.reason,
                        left: delivery.tries == 0 ? [] : try reader.attempts(ofDelivery: delivery.id).map(\.startedAt))
                }
                return Told(
                    order: order.description, anomaly: notice.anomaly, kind: notice.kind, stage: notice.stage, reason: notice.reason,
                    customer: notice.customer, at: notice.plannedAt, ways: ways)
            }
        }
        return all
    }

    func told(_ order: String, anomaly: String) -> [Told] { (told[order] ?? []).filter { $0.anomaly == anomaly } }

    var all: [Told] { told.values.flatMap { $0 } }
}

extension Accounting {
    /// The right side of the law: where the accepted events are.
    var settled: Int { planned + stale + recorded + pending + suppressed.values.reduce(0, +) }
}
