import Core
import Glibc
import Testing

@testable import Transport

/// What is known of names, for how long, and who has the threads. The clock is stepped; what a thread does is waited for.
@Suite struct ResolverTests {
    private let clock = StepClock()
    private let inbox = Inbox(capacity: 1)

    private func resolver(_ lookup: ScriptedLookup) -> Resolver { Resolver(lookup: lookup) { [clock] in clock.now } }

    /// The answer there is now, or the one that comes.
    private func answer(_ resolver: Resolver, _ name: String, _ account: String = "a") async -> Resolver.Answer {
        while true {
            if let answer = resolver.answer(for: name, of: account, telling: inbox) { return answer }
            await Task.yield()
        }
    }
    private func texts(_ answer: Resolver.Answer?) -> [String]? {
        if case .found(let addresses, _) = answer { addresses.all.map(\.text) } else { nil }
    }
    private func failure(_ answer: Resolver.Answer?) -> NameFailure? { if case .failed(let failure) = answer { failure } else { nil } }

    @Test("an answer is kept, then used while it is renewed, then not at all") func ages() async {
        let lookup = ScriptedLookup(["sms.example": [.finds(["192.0.2.1"]), .finds(["192.0.2.1"]), .finds(["192.0.2.2"]), .hangs()]])
        defer { lookup.release() }
        let resolver = resolver(lookup)
        #expect(texts(await answer(resolver, "sms.example")) == ["192.0.2.1"])
        clock.go(.milliseconds(29_999))
        #expect(texts(resolver.answer(for: "sms.example", of: "a", telling: inbox)) == ["192.0.2.1"])
        #expect(lookup.asked == ["sms.example": 1])
        clock.go(.milliseconds(1))
        #expect(texts(resolver.answer(for: "sms.example", of: "a", telling: inbox)) == ["192.0.2.1"])
        while case .found(_, let until)? = resolver.answer(for: "sms.example", of: "a", telling: inbox), until < clock.now + 30_000 {
            await Task.yield()
        }
        #expect(lookup.asked == ["sms.example": 2])
        clock.go(.seconds(600))
        #expect(texts(await answer(resolver, "sms.example")) == ["192.0.2.2"])
        #expect(lookup.asked == ["sms.example": 3])
        clock.go(.seconds(600))
        #expect(resolver.answer(for: "sms.example", of: "a", telling: inbox) == nil)
    }

    @Test("an old answer stands in for a resolver that fails, up to its limit") func stale() {
        var known = KnownName()
        let found = [SocketAddress(ip: "192.0.2.1", port: 0)!]
        known.take(.addresses(found), at: 1_000)
        known.take(.unanswered(-3), at: 31_000)
        #expect(known.answer(at: 31_000)?.addresses.all == found)
        #expect(!known.mustBeSought(at: 32_999) && known.mustBeSought(at: 33_000))
        #expect(known.answer(at: 600_999)?.until == 601_000)
        #expect(known.answer(at: 601_000) == nil)
        known.take(.unanswered(-3), at: 601_000)
        #expect(known.answer(at: 601_000) == nil && known.failure(at: 602_999) == .unanswered(-3) && known.failure(at: 603_000) == nil)
    }

    @Test("\"no such name\" is an answer: it replaces the one before") func noSuchName() {
        var known = KnownName()
        known.take(.addresses([SocketAddress(ip: "192.0.2.1", port: 0)!]), at: 1_000)
        known.take(.noSuchName, at: 31_000)
        #expect(known.answer(at: 31_000) == nil && known.failure(at: 35_999) == .noSuchName)
        #expect(!known.mustBeSought(at: 35_999) && known.mustBeSought(at: 36_000))
    }

    @Test("the same addresses in another order are the same answer") func shuffled() {
        let (one, two) = (SocketAddress(ip: "192.0.2.1", port: 0)!, SocketAddress(ip: "192.0.2.2", port: 0)!)
        var known = KnownName()
        known.take(.addresses([one, two]), at: 1)
        let first = known.addresses
        known.take(.addresses([two, one]), at: 2)
        #expect(known.addresses === first)
        known.take(.addresses([two]), at: 3)
        #expect(known.addresses !== first)
    }

    @Test("a name is looked up once however many ask, and again only after a while") func once() async {
        let lookup = ScriptedLookup(["a.example": [.hangs(.noSuchName)]])
        let resolver = resolver(lookup)
        for n in 1...50 { #expect(resolver.answer(for: "a.example", of: "account-\(n)", telling: inbox) == nil) }
        lookup.release()
        #expect(failure(await answer(resolver, "a.example")) == .noSuchName)
        #expect(failure(resolver.answer(for: "a.example", of: "a", telling: inbox)) == .noSuchName)
        #expect(lookup.asked == ["a.example": 1])
    }

    @Test("names of one account that hang take half of the threads, and a name of another account is found") func half() {
        var state = ResolverState()
        func ask(_ name: String, _ account: String, at now: UInt64 = 0) -> Resolver.Answer? {
            state.ask(name, for: account, telling: inbox, at: now).answer
        }
        for n in 1...8 { #expect(ask("\(n).dead.example", "webhooks") == nil) }
        #expect(ask("sms.example", "sms") == nil)
        let begun = (1...6).map { _ in state.begin(at: 0) }
        #expect(begun == ["1.dead.example", "2.dead.example", "3.dead.example", "4.dead.example", "sms.example", nil])
        let told = state.end("sms.example", .addresses([SocketAddress(ip: "192.0.2.1", port: 0)!]), at: 0)
        #expect(told.count == 1 && texts(ask("sms.example", "sms")) == ["192.0.2.1"])
        // Its other names are told so when those four have hung for as long as a call may wait.
        #expect(failure(ask("1.dead.example", "webhooks", at: 2_999)) == nil)
        #expect(failure(ask("1.dead.example", "webhooks", at: 3_000)) == .hangs)
        #expect(failure(ask("8.dead.example", "webhooks", at: 3_000)) == .noThread)
        #expect(failure(ask("9.dead.example", "webhooks", at: 3_000)) == .noThread)
        // The first that ends takes the next.
        _ = state.end("1.dead.example", .unanswered(-3), at: 10_000)
        let next = state.begin(at: 10_000)
        #expect(next == "5.dead.example")
    }

    @Test("with every thread hanging a new name is told so, and what is known goes on") func allHang() async {
        let dead = (1...8).map { "\($0).dead.example" }
        let script = Dictionary(uniqueKeysWithValues: dead.map { ($0, [ScriptedLookup.Step.hangs()]) })
        let lookup = ScriptedLookup(
            script.merging(["sms.example": [.finds(["192.0.2.1"])], "new.example": [.finds(["192.0.2.9"])]]) { $1 })
        let resolver = resolver(lookup)
        #expect(texts(await answer(resolver, "sms.example")) == ["192.0.2.1"])
        for (n, name) in dead.enumerated() { #expect(resolver.answer(for: name, of: "account-\(n / 4)", telling: inbox) == nil) }
        for name in dead { await lookup.asked(name) }
        #expect(resolver.answer(for: "new.example", of: "b", telling: inbox) == nil)
        clock.go(.seconds(60))
        #expect(failure(resolver.answer(for: "newer.example", of: "b", telling: inbox)) == .noThread)
        #expect(texts(resolver.answer(for: "sms.example", of: "a", telling: inbox)) == ["192.0.2.1"])
        lookup.release()
        while texts(resolver.answer(for: "new.example", of: "b", telling: inbox)) != ["192.0.2.9"] { await Task.yield() }
    }

    @Test("what waits for a thread is bounded") func bounded() {
        var state = ResolverState()
        var threads = 0
        func ask(_ number: Int) -> Resolver.Answer? {
            let reply = state.ask("\(number).example", for: "account-\(number)", telling: inbox, at: 0)
            threads += reply.mustStart ? 1 : 0
            return reply.answer
        }
        for number in 0..<Resolver.mayWait { #expect(ask(number) == nil) }
        #expect(threads == Resolver.threads)
        #expect(failure(ask(1_000)) == .noThread)
        #expect(state.begin(at: 0) == "0.example")
        #expect(ask(1_000) == nil)
    }

    @Test("a thread that could not be started is asked for again") func noThread() {
        var state = ResolverState()
        func mustStart(_ name: String) -> Bool { state.ask(name, for: "a", telling: inbox, at: 0).mustStart }
        let first = mustStart("a.example")
        state.couldNotStart()
        let second = mustStart("a.example")
        #expect(first && second)
        let name = state.begin(at: 0)
        #expect(name == "a.example")
    }

    @Test("this machine is never looked up", arguments: ["localhost", "sms.localhost"]) func loopback(_ name: String) {
        let lookup = ScriptedLookup()
        #expect(texts(resolver(lookup).answer(for: name, of: "a", telling: inbox)) == ["127.0.0.1", "::1"])
        #expect(lookup.asked.isEmpty)
    }

    @Test("the machine's resolver knows what its hosts file says, and reads numbers in every notation") func system() {
        #expect(SystemLookup().find("localhost") != .noSuchName)
        let one = NameFinding.addresses([SocketAddress(ip: "127.0.0.1", port: 0)!])
        for text in ["127.0.0.1", "0x7f.1", "0177.0.0.1", "2130706433"] { #expect(SystemLookup().find(text) == one) }
        #expect(SystemLookup().find("::ffff:127.0.0.1") == one)
    }
}

/// What of a URL is looked up, and which addresses are on the internet.
@Suite struct HostTests {
    @Test func hosts() {
        let https = UInt16(443)
        #expect(Host("https://API.Example.com/x?y") == .name("api.example.com", port: https))
        #expect(Host("https://api.example.com:8443") == .name("api.example.com", port: 8443))
        #expect(Host("smtp://mail.example.com:587/us.example") == .name("mail.example.com", port: 587))
        #expect(Host("https://api.example.com./") == .name("api.example.com.", port: https))
        #expect(Host("https://xn--mnchen-3ya.example/") == .name("xn--mnchen-3ya.example", port: https))
        let numbers = ["127.0.0.1", "0x7f.1", "0177.0.0.1", "2130706433", "0", "127.1", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1%25eth0]"]
        for number in numbers { #expect(Host("https://\(number)/") == .address, "\(number)") }
        // Full-width digits: libcurl makes an address of them, or refuses them where the locale is not UTF-8.
        if case .name = Host("https://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1/") { Issue.record("full-width digits are a name") }
        for url in ["", "https://", "https://-a.example/", "https://a~b.example/", "https://user@a.example/"] {
            #expect(Host(url) == .none, "\(url)")
        }
    }

    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "fc00::1",
        "fd12::1",
        "fe80::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "100::1",
    ])
    func notPublic(_ text: String) throws {
        let address = try #require(SocketAddress(ip: text, port: 443))
        #expect(!address.isPublic)
        #expect(!AddressRule.publicOnly.allows(address, isPlain: false))
    }

    @Test(arguments: [
        "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "192.0.1.1", "223.255.255.255", "2606:4700::1111", "64:ff9b::101:101",
    ])
    func `public`(_ text: String) throws {
        let address = try #require(SocketAddress(ip: text, port: 443))
        #expect(AddressRule.publicOnly.allows(address, isPlain: false) && !AddressRule.publicOnly.allows(address, isPlain: true))
        #expect(SocketAddress(ip: address.text, port: 443) == address)
    }
}
