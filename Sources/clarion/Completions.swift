import App
import ArgumentParser
import Core
import FoundationEssentials
import Reports
import Terminal

/// What the shell offers: words of closed lists at once, names from the store and the settings as far as they are read in 300 ms.
enum Completions {
    static var orders: CompletionKind { .custom { words, _, prefix in await offer(.orders, words, prefix) } }
    static var deliveries: CompletionKind { .custom { words, _, prefix in await offer(.deliveries, words, prefix) } }
    static var customers: CompletionKind { .custom { words, _, prefix in await offer(.customers, words, prefix) } }
    static var groups: CompletionKind { .custom { words, _, prefix in await offer(.deadLetters, words, prefix) } }
    static var accounts: CompletionKind { .custom { words, _, prefix in await offer(.accounts, words, prefix) } }
    static var revisions: CompletionKind { .custom { words, _, prefix in await offer(.revisions, words, prefix) } }
    static var holds: CompletionKind { .custom { words, _, prefix in await offer(.holds, words, prefix) } }
    static var reviews: CompletionKind { .custom { words, _, prefix in await offer(.reviews, words, prefix) } }
    /// An order, or a delivery once `dlv` is typed.
    static var subjects: CompletionKind {
        .custom { words, _, prefix in await offer(prefix.hasPrefix("d") ? .deliveries : .orders, words, prefix) }
    }
    static var profiles: CompletionKind {
        .custom { _, _, prefix in Candidates.profiles(environment).filter { $0.hasPrefix(prefix) } }
    }
    /// `key:value` of the search language.
    static var search: CompletionKind {
        .custom { words, _, prefix in
            guard let colon = prefix.firstIndex(of: ":") else {
                return Search.names.map { $0 + ":" }.filter { $0.hasPrefix(prefix) }
            }
            let (key, start) = (prefix[..<colon], String(prefix[...colon]))
            let values: [String]
            switch key {
            case "order": values = await offer(.orders, words, String(prefix[colon...].dropFirst()))
            case "customer": values = await offer(.customers, words, String(prefix[colon...].dropFirst()))
            case let key where Search.known(String(key)) != nil: values = Search.known(String(key)) ?? []
            case "bank", "rail", "provider", "delivery": values = []
            default: values = ["1h", "24h", "7d", "today", "yesterday"]
            }
            return values.map { start + $0 }.filter { $0.hasPrefix(prefix) }
        }
    }
    /// `a,b` of a closed list: the last word grows.
    static func list(_ words: [String]) -> CompletionKind {
        .custom { _, _, prefix in
            let done = prefix.lastIndex(of: ",").map { String(prefix[...$0]) } ?? ""
            let used = Set(done.split(separator: ",").map(String.init))
            return words.filter { !used.contains($0) }.map { done + $0 }.filter { $0.hasPrefix(prefix) }
        }
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// Nothing when there is no store, when it is not read in time, or when a server is meant.
    private static func offer(_ sort: Candidates, _ words: [String], _ prefix: String) async -> [String] {
        var options = GlobalOptions()
        for (word, next) in zip(words, words.dropFirst()) {
            if word == "-c" || word == "--config" { options.config = next }
            if word == "--server" || word == "--profile" { return [] }
        }
        let (settled, environment) = (options, environment)
        return await Candidates.within(.milliseconds(300)) { try await sort.read(settled, environment) }.filter { $0.hasPrefix(prefix) }
    }
}
