import Core
import Glibc
import TestKit
import Testing

@testable import Transport

@Suite struct SecurityTests {
    @Test(
        "only https, and http where allowed",
        arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/x", "dict://127.0.0.1/", "ldap://127.0.0.1/"])
    func protocols(_ url: String) async throws {
        let failure = try #require(try await result(of: httpCall(url)).failure)
        #expect((failure.cause, failure.mayHaveBeenSent) == (.badURL, false))
    }

    @Test func kindsOfCallDoNotShareProtocols() async throws {
        let server = try ScriptedServer([[.hold]])
        #expect(try await result(of: httpCall(server.mailURL)).failure?.cause == .badURL)
        #expect(try await result(of: mailCall(server.url)).failure?.cause == .badURL)
        #expect(server.received.isEmpty)
    }

    @Test func plainNeedsPermission() async throws {
        let server = try ScriptedServer([answering(1)])
        let strict = TransportAccount(name: "acct", addresses: .loopbackOnly)
        let failure = try #require(try await result(of: httpCall(server.url), strict).failure)
        #expect((failure.cause, failure.mayHaveBeenSent) == (.badURL, false))
        #expect(server.received.isEmpty)
    }

    @Test("plain goes to loopback or a listed address only")
    func plainElsewhere() async throws {
        let server = try ScriptedServer([answering(1)])
        let account = plainAccount { $0.addresses = .any }
        // 0.0.0.0 reaches this machine, and is not loopback.
        let failure = try #require(try await result(of: httpCall("http://0.0.0.0:\(server.port)/"), account).failure)
        #expect((failure.cause, failure.mayHaveBeenSent) == (.refusedAddress, false))
        #expect(server.received.isEmpty)
        #expect(try await result(of: httpCall(server.url), account).text == "ok")
    }

    @Test func onlyListedAddressesAndPorts() async throws {
        let (listed, other) = (try ScriptedServer([answering(1)]), try ScriptedServer([answering(1)]))
        let account = plainAccount { $0.addresses = .only([SocketAddress(ip: "127.0.0.1", port: listed.port)!]) }
        #expect(try await result(of: httpCall(listed.url), account).text == "ok")
        for url in [other.url, "http://127.0.0.2:\(listed.port)/", "https://127.0.0.1:\(other.port)/", "http://2130706433:\(other.port)/"] {
            let failure = try #require(try await result(of: httpCall(url), account).failure)
            #expect((failure.cause, failure.mayHaveBeenSent) == (.refusedAddress, false))
        }
        #expect(other.received.isEmpty)
    }

    @Test func mappedAddressesAreTheirIPv4Address() {
        #expect(SocketAddress(ip: "::ffff:127.0.0.1", port: 1) == SocketAddress(ip: "127.0.0.1", port: 1))
        #expect(SocketAddress(ip: "::1", port: 1)?.isLoopback == true)
        for text in ["localhost", "0x7f.1", "2130706433", "127.1", ""] { #expect(SocketAddress(ip: text, port: 1) == nil) }
    }

    @Test func redirectsAreAnswers() async throws {
        let target = try ScriptedServer([answering(1)])
        let server = try ScriptedServer([answering(1, "HTTP/1.1 302 Found\r\nLocation: \(target.url)\r\nContent-Length: 0\r\n\r\n")])
        #expect(try await result(of: httpCall(server.url)).reply?.status == 302)
        #expect(target.received.isEmpty)
    }

    @Test func userInfoIsRefused() async throws {
        let server = try ScriptedServer([answering(1)])
        let url = "http://user:secret@127.0.0.1:\(server.port)/"
        let failure = try #require(try await result(of: httpCall(url)).failure)
        #expect(!failure.mayHaveBeenSent)
        #expect(server.received.isEmpty)
    }

    @Test func theEnvironmentHasNoSay() async throws {
        let (proxy, server) = (
            try ScriptedServer([answering(1, "HTTP/1.1 418 Proxy\r\nContent-Length: 0\r\n\r\n")]), try ScriptedServer([answering(1)])
        )
        _ = Transport.versions
        setenv("http_proxy", "http://127.0.0.1:\(proxy.port)", 1)
        setenv("ALL_PROXY", "http://127.0.0.1:\(proxy.port)", 1)
        #expect(try await result(of: httpCall(server.url)).text == "ok")
        #expect(proxy.received.isEmpty)
    }

    @Test func theProcessIsPrepared() {
        #expect(Process.isReady)
        for name in ["https_proxy", "HTTPS_PROXY", "no_proxy", "SSLKEYLOGFILE"] { #expect(getenv(name) == nil) }
        #expect(Transport.versions.hasPrefix("libcurl/"))
    }

    @Test func anUnknownAccountSendsNothing() async throws {
        let server = try ScriptedServer([answering(1)])
        let result = try await withTransport(plainAccount()) { await $0.perform(httpCall(server.url), on: "nobody") }
        #expect(result.failure?.mayHaveBeenSent == false)
        #expect(server.received.isEmpty)
    }
}
