import CCurl
import Core

/// What an account's names stand for, as far as the account may go there. Loop thread only.
///
/// A call to a name that is known costs a comparison of its URL's beginning and of a time.
final class Names {
    /// How a call gets to its host.
    enum Way {
        /// The host is an address, or there is none to go to.
        case address
        case pinned(Pin)
        /// For the look-up of that name.
        case waits(name: String)
        case closed(TransferFailure)
        /// libcurl says what is wrong with it.
        case unreadable
    }

    /// Names of one account: each stays in libcurl's memory for as long as the account has its connections.
    static let most = 64

    private enum Place {
        case address, unreadable, oneTooMany
        case host(KnownHost)
    }

    private let account: TransportAccount
    private let resolver: Resolver
    private let inbox: Inbox
    /// By beginning of the URL.
    private var hosts: [String: KnownHost] = [:]
    private var latest: (start: String, place: Place) = ("", .unreadable)

    init(account: TransportAccount, resolver: Resolver, inbox: Inbox) {
        (self.account, self.resolver, self.inbox) = (account, resolver, inbox)
    }

    func way(to url: String) -> Way {
        guard account.unixSocket == nil else { return .address }
        if !url.begins(latest.start) {
            let start = url.origin
            latest = (start, hosts[start].map { .host($0) } ?? read(start))
        }
        switch latest.place {
        case .address: return .address
        case .unreadable: return .unreadable
        case .oneTooMany: return .closed(TransferFailure(cause: .other, mayHaveBeenSent: false, detail: "more than \(Self.most) hosts"))
        case .host(let host): return way(to: host)
        }
    }

    private func way(to host: KnownHost) -> Way {
        if resolver.clock() < host.until { return host.way }
        switch resolver.answer(for: host.name, of: account.name, telling: inbox) {
        case nil: return .waits(name: host.name)
        case .failed(let failure): return .closed(.unresolved(failure.words))
        case .found(let addresses, let until):
            host.take(addresses, until: until)
            return host.way
        }
    }

    private func read(_ start: String) -> Place {
        switch Host(start) {
        case .address: return .address
        case .none: return .unreadable
        case .name(let name, let port):
            guard hosts.count < Self.most else { return .oneTooMany }
            let host = KnownHost(name, port, isPlain: account.isPlain(start), account.addresses)
            hosts[start] = host
            return .host(host)
        }
    }
}

/// What is known of one host, for one account. Loop thread only.
private final class KnownHost {
    let name: String
    private let port: UInt16
    private let isPlain: Bool
    private let rule: AddressRule
    private var addresses: Addresses?
    /// While it is valid: `pinned` or `closed`.
    private(set) var way = Names.Way.unreadable
    private(set) var until: UInt64 = 0

    init(_ name: String, _ port: UInt16, isPlain: Bool, _ rule: AddressRule) {
        (self.name, self.port, self.isPlain, self.rule) = (name, port, isPlain, rule)
    }

    func take(_ answer: Addresses, until: UInt64) {
        self.until = until
        if addresses === answer { return }
        addresses = answer
        let allowed = answer.all.filter { rule.allows($0.at(port), isPlain: isPlain) || PlantedBug.resolvesUnchecked.isActive }
        way = Pin(name, port, allowed).map { .pinned($0) } ?? .closed(.refusedAddresses(rule.words(isPlain: isPlain)))
    }
}

/// Addresses for one host and port, in the form that keeps libcurl from looking for others (`CURLOPT_RESOLVE`). What it has read replaces what it had,
/// and stays until it is replaced. Loop thread only.
final class Pin {
    let list: UnsafeMutablePointer<curl_slist>
    /// libcurl tries one after the other, for as long as a connection may take.
    private static let most = 16

    /// Nil for no address.
    init?(_ name: String, _ port: UInt16, _ addresses: [SocketAddress]) {
        let texts = addresses.prefix(Self.most).map(\.text)
        guard !texts.isEmpty, let list = curl_slist_append(nil, "\(name):\(port):\(texts.joined(separator: ","))") else { return nil }
        self.list = list
    }
    deinit { curl_slist_free_all(list) }

    /// As libcurl reads it.
    var line: String { String(cString: list.pointee.data) }
}

extension TransferFailure {
    static func unresolved(_ words: String) -> TransferFailure {
        TransferFailure(cause: .resolve, mayHaveBeenSent: false, code: Int32(CURLE_COULDNT_RESOLVE_HOST.rawValue), detail: words)
    }
    static func refusedAddresses(_ rule: String) -> TransferFailure {
        TransferFailure(
            cause: .refusedAddress, mayHaveBeenSent: false, code: Int32(CURLE_COULDNT_CONNECT.rawValue),
            detail: "no address of the host may be used: \(rule)")
    }
}

extension String {
    private static let endsOrigin = "/?#".utf8

    /// Of a URL, everything in front of path, query and fragment; all of one that is not of the usual form.
    fileprivate var origin: String {
        guard let colon = utf8.firstIndex(of: UInt8(ascii: ":")), utf8[colon...].starts(with: "://".utf8) else { return self }
        let start = utf8.index(colon, offsetBy: 3)
        let end = utf8[start...].firstIndex { Self.endsOrigin.contains($0) } ?? utf8.endIndex
        return start == end ? self : String(self[..<end])
    }

    /// Whether that is its origin.
    fileprivate func begins(_ origin: String) -> Bool {
        guard !origin.isEmpty, hasPrefix(origin) else { return false }
        let end = utf8.index(utf8.startIndex, offsetBy: origin.utf8.count)
        return end == utf8.endIndex || Self.endsOrigin.contains(utf8[end])
    }
}
