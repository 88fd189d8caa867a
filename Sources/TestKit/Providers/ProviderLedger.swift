public import Core
import FoundationEssentials
import Synchronization

/// What a scripted provider truly took responsibility for, in order: one line for each, appended before its answer leaves (`Taken`).
///
/// | provider | a repeat |
/// |---|---|
/// | keyed | is recognised by its `Idempotency-Key` and not taken again |
/// | collapsing | takes the place of the first, by `apns-collapse-id` |
/// | blind | is taken again |
public final class ProviderLedger: Sendable {
    private struct State {
        var count = 0
        var keys: Set<String> = []
    }
    private let state = Mutex(State())
    private let path: String
    private let channel: Channel
    private let repeats: Taken.Repeats

    /// - Parameter path: of a file that is made, or added to.
    public init(_ path: String, channel: Channel, repeats: Taken.Repeats) {
        (self.path, self.channel, self.repeats) = (path, channel, repeats)
    }

    public var count: Int { state.withLock { $0.count } }

    /// False when it cannot be written: then nothing was taken.
    func take(_ request: [UInt8]) -> Bool {
        let text = String(decoding: request, as: UTF8.self)
        return state.withLock { state in
            if repeats != .blind, let key = Self.key(of: text), !state.keys.insert(key).inserted { return true }
            let line: JSON = [
                "n": .integer(state.count + 1), "at": .integer(Int(Date.now.timeIntervalSince1970 * 1000)),
                "channel": .string(channel.rawValue), "repeats": .string(repeats.rawValue),
                "names": .array(Self.names(in: text).sorted().map { .string($0) }),
            ]
            do { try TextFile.append(String(decoding: line.bytes, as: UTF8.self) + "\n", to: path) } catch { return false }
            state.count += 1
            return true
        }
    }

    private static func key(of request: String) -> String? {
        let names = ["idempotency-key", "apns-collapse-id"]
        return request.split(whereSeparator: \.isNewline).lazy.map { $0.split(separator: ":", maxSplits: 1) }
            .first { $0.count == 2 && names.contains($0[0].lowercased()) }.map { $0[1].trimmingPrefix { $0 == " " }.description }
    }

    /// Our public ids and keys: nothing else of a request is kept.
    private static func names(in request: String) -> Set<String> {
        Taken.names(in: request).filter { name in
            name.hasPrefix("att_") || name.hasPrefix("dlv_") || (name.utf8.count == 32 && name.allSatisfy(\.isHexDigit))
        }
    }
}
