import Config
import Core
import Reports
import Store

/// Names that a shell may complete: read from the store without a lock, newest first.
public enum Candidates: Sendable {
    case orders, deliveries, customers, deadLetters, reviews, holds, revisions
    /// Of the settings, not of the store.
    case accounts

    private static let most = 50

    /// Throws where there is no store, or no key to it.
    public func read(_ options: GlobalOptions, _ environment: [String: String]) async throws -> [String] {
        let now = Timestamp(milliseconds: 0)
        if case .accounts = self {
            return try SettingsOfCommand(options, environment).settings(channels: Set(Channel.allCases)).accounts.map(\.name)
        }
        return try await SettingsOfCommand(options, environment).openStore().read { reader in
            switch self {
            case .orders: try Self.recent(reader).map(\.order.description).withoutRepeats
            case .deliveries: try Self.recent(reader).map(\.publicID)
            case .customers: try Self.recent(reader).map(\.customer).withoutRepeats
            case .accounts: []
            case .revisions: try reader.templateRevisions(limit: Self.most).map(\.revision)
            case .holds: try reader.holdsNotEnded().map(\.name)
            case .reviews: try reader.reviews(onlyOpen: true, limit: Self.most).filter { !$0.isRestricted }.map { String($0.id) }
            case .deadLetters:
                try DeadReport.gather(from: reader, now: now).groups.map(\.name)
                    + reader.deadLetters(onlyOpen: true, limit: Self.most).map { String($0.id) }
            }
        }
    }

    private static func recent(_ reader: any StoreReader) throws -> [Delivery] {
        try reader.deliveries(matching: DeliveryQuery(limit: most * 4))
    }

    /// Names of the profiles in the folder of this person.
    public static func profiles(_ environment: [String: String]) -> [String] {
        do {
            let folder = String(try Profile.path(of: "x", environment: environment).dropLast("/x.yaml".count))
            return try Host.files(below: folder, endingIn: [".yaml"]).map { String($0.path.dropFirst(folder.count + 1).dropLast(5)) }
        } catch {
            // No folder, no profile.
            return []
        }
    }

    /// What `work` found, or nothing once the time is over: a shell that waits is worse than one that offers nothing. What still runs then
    /// ends with the process.
    public static func within(_ limit: Duration, _ work: @escaping @Sendable () async throws -> [String]) async -> [String] {
        let (answers, answer) = AsyncStream<[String]>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let working = Task {
            do { answer.yield(try await work()) } catch { answer.yield([]) }
        }
        let waiting = Task {
            do { try await Task.sleep(for: limit) } catch { return }
            answer.yield([])
        }
        defer {
            working.cancel()
            waiting.cancel()
        }
        for await found in answers { return found }
        return []
    }
}

extension [String] {
    fileprivate var withoutRepeats: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
