@testable import App
import Config
import Core
import Foundation
import HTTPTypes
import Pipeline
@testable import Server
import Store
import TestKit
import Testing

/// Who may come in: keys and roles, names and origins, the Unix socket.
@Suite(.timeLimit(.minutes(2)))
struct AccessTests {
    struct Rule: Sendable {
        var method, path: String
        /// Roles that are let in; the others are not.
        var roles: Set<Access.Role>
    }

    /// Written by hand on purpose: a route that forgets its role fails here.
    static let rules: [Rule] = [
        Rule(method: "POST", path: "/v1/events", roles: [.ingest, .admin]),
        Rule(method: "GET", path: "/v1/events/{id}", roles: [.viewer, .operator, .admin]),
        Rule(method: "POST", path: "/v1/queue", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/inbox/tokens", roles: [.operator, .admin]),
        Rule(method: "PUT", path: "/v1/customers/{id}", roles: [.operator, .admin]),
        Rule(method: "GET", path: "/v1/customers/{id}", roles: [.viewer, .operator, .admin]),
        Rule(method: "PATCH", path: "/v1/customers/{id}", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/customers/{id}/erase", roles: [.admin]),
        Rule(method: "POST", path: "/v1/keys/rotate", roles: [.admin]),
        Rule(method: "POST", path: "/v1/keys/rotate-audit", roles: [.admin]),
        Rule(method: "POST", path: "/v1/audit/exports", roles: [.admin]),
        Rule(method: "POST", path: "/v1/backups", roles: [.admin]),
        Rule(method: "POST", path: "/v1/disclosures", roles: [.admin]),
        Rule(method: "POST", path: "/v1/reveals", roles: [.admin]),
        Rule(method: "GET", path: "/v1/reveals/{id}", roles: [.admin]),
        Rule(method: "POST", path: "/v1/customers/{id}/export", roles: [.admin]),
        Rule(method: "GET", path: "/v1/system", roles: [.viewer, .operator, .admin]),
        Rule(method: "POST", path: "/v1/dead/{id}/retry", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/dead/{id}/discard", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/dead/{id}/restore", roles: [.operator, .admin]),
        Rule(method: "GET", path: "/v1/holds", roles: [.viewer, .operator, .admin]),
        Rule(method: "POST", path: "/v1/holds", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/holds/{id}/end", roles: [.operator, .admin]),
        Rule(method: "GET", path: "/v1/templates", roles: [.viewer, .operator, .admin]),
        Rule(method: "POST", path: "/v1/templates/submit", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/templates/{id}/approve", roles: [.admin]),
        Rule(method: "POST", path: "/v1/templates/{id}/reject", roles: [.admin]),
        Rule(method: "POST", path: "/v1/templates/{id}/publish", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/templates/rollback", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/contacts", roles: [.operator, .admin]),
        Rule(method: "GET", path: "/v1/audit", roles: [.viewer, .operator, .admin]),
        Rule(method: "GET", path: "/v1/audit/stats", roles: [.viewer, .operator, .admin]),
        Rule(method: "POST", path: "/v1/verdicts", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/resends", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/complaints", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/complaints/{id}/end", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/providers/{id}/test", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/reviews/{id}/close", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/fence/release", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/attempts/{id}/settle", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/providers/{id}/pause", roles: [.operator, .admin]),
        Rule(method: "POST", path: "/v1/providers/{id}/resume", roles: [.operator, .admin]),
    ]
    static let inboxRoutes = [
        "GET /v1/inbox/messages", "GET /v1/inbox/messages/{id}", "GET /v1/inbox/counts", "POST /v1/inbox/messages/{id}/seen",
        "POST /v1/inbox/messages/{id}/read", "POST /v1/inbox/pushes/{id}/opened", "GET /v1/inbox/stream",
    ]
    /// Providers bring a proof of their own.
    static let receiptRoutes = ["", "/{secret}"].flatMap { ["GET /v1/receipts/{account}\($0)", "POST /v1/receipts/{account}\($0)"] }
    static let openRoutes = ["GET /healthz", "GET /readyz", "GET /openapi.json"]

    static func key(of role: Access.Role) -> String { "key-of-\(role.rawValue)-1234567890" }

    @Test func everyRouteIsInTheTables() async throws {
        try await Bench.run { bench in
            let known = Self.rules.map { "\($0.method) \($0.path)" } + Self.inboxRoutes + Self.receiptRoutes + Self.openRoutes
            #expect(Set(known) == Set(bench.routes().map { "\($0.method) \($0.path)" }))
        }
    }

    @Test func everyWrongRoleIsForbidden() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            for rule in Self.rules {
                let path = rule.path.replacing("{id}", with: "7")
                for role in Access.Role.allCases {
                    let reply = try await bench.ask(rule.method, path, key: Self.key(of: role))
                    #expect((reply.status != 403) == rule.roles.contains(role), "\(rule.method) \(path) \(role): \(reply.status)")
                    #expect(reply.status != 401 && reply.status != 500)
                }
                for key: String? in [nil, "", "wrong", Self.key(of: .admin) + "0", String(Self.key(of: .admin).dropLast())] {
                    let reply = try await bench.ask(rule.method, path, key: key)
                    #expect(reply.status == 401, "\(rule.method) \(path) \(key ?? "no key")")
                    #expect(reply.headers["www-authenticate"] == "Bearer")
                }
            }
        }
    }

    @Test func anOldAndANewKeyBothOpen() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            let reply = try await bench.ask("POST", "/v1/events", key: "new-key-of-ingest-1234567890")
            #expect(reply.status == 415)
        }
    }

    @Test func aKeyOpensNoInbox() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            for route in Self.inboxRoutes {
                let parts = route.replacing("{id}", with: "itm_1").split(separator: " ").map(String.init)
                for key: String? in Access.Role.allCases.map({ Optional(Self.key(of: $0)) }) + [nil] {
                    let reply = try await bench.ask(parts[0], parts[1], key: key)
                    #expect(reply.status == 401, "\(route)")
                }
            }
            for route in Self.openRoutes {
                let reply = try await bench.ask("GET", String(route.dropFirst(4)))
                #expect(reply.status == 200)
            }
        }
    }

    /// A proxy on this machine makes everybody look like this machine.
    @Test func behindAProxyKeysAreMadeAndAskedFor() async throws {
        try await Bench.run { bench in
            var settings = bench.settings
            #expect(settings.listen.isLoopback && !settings.listen.isBehindProxy)
            #expect(try WorkerHost.access(settings).keys == nil)
            settings.listen.isBehindProxy = true
            let keys = try #require(try WorkerHost.access(settings).keys)
            #expect(Set(keys.keys) == Set(Access.Role.allCases))
            let files = try FileManager.default.contentsOfDirectory(atPath: bench.directory).filter { $0.hasPrefix("api-") }
            #expect(Set(files) == Set(Access.Role.allCases.map { "api-\($0.rawValue).key" }))
            for file in files { #expect(mode(of: bench.directory + "/" + file) == 0o600) }
            // The same ones at the next start.
            let again = try #require(try WorkerHost.access(settings).keys)
            for role in Access.Role.allCases {
                #expect(again[role]?.map { $0.reveal(for: .comparing) } == keys[role]?.map { $0.reveal(for: .comparing) })
            }
        }
    }

    // MARK: Names and origins

    @Test(arguments: ["127.0.0.1", "localhost:8080", "LocalHost", "[::1]:9"])
    func ourNamesAreServed(_ host: String) async throws {
        try await Bench.run { bench in
            let wire = try bench.connect()
            try wire.send("GET /healthz HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            #expect(try await wire.reply().status == 200)
        }
    }

    @Test(arguments: ["attacker.example", "localhost.attacker.example", "127.0.0.1.attacker.example:80", "169.254.169.254", "[::2]"])
    func aForeignNameOnLoopbackIsRefused(_ host: String) async throws {
        try await Bench.run { bench in
            let wire = try bench.connect()
            try wire.send("GET /v1/customers/C-1 HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            let reply = try await wire.reply()
            #expect(reply.status == 421)
            #expect(try reply.json.problem == "misdirected")
        }
    }

    @Test func withKeysAnyNameIsServed() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            let wire = try bench.connect()
            try wire.send("GET /healthz HTTP/1.1\r\nHost: notify.example.com\r\n\r\n")
            #expect(try await wire.reply().status == 200)
        }
    }

    @Test(arguments: ["", "Host: localhost\r\nHost: localhost\r\n"])
    func oneHostIsNeeded(_ lines: String) async throws {
        try await Bench.run { bench in
            let wire = try bench.connect()
            try wire.send("GET /healthz HTTP/1.1\r\n\(lines)\r\n")
            #expect(try await wire.reply().status == 400)
        }
    }

    @Test func pagesOfOtherOriginsMayNothing() async throws {
        try await Bench.run { bench in
            for origin in ["https://attacker.example", "null", "http://127.0.0.1:1"] {
                let reply = try await bench.ask("POST", "/v1/dead/1/retry", headers: ["Origin: \(origin)"], Array("{}".utf8))
                #expect(reply.status == 403)
                #expect(reply.headers.keys.allSatisfy { !$0.hasPrefix("access-control") })
            }
            #expect(
                try await bench.ask(
                    "POST", "/v1/dead/1/retry", type: "application/json", headers: ["Origin: http://127.0.0.1"], Array("{}".utf8)
                ).status == 422)
            let preflight = try await bench.ask(
                "OPTIONS", "/v1/dead/1/retry", headers: ["Origin: https://a.example", "Access-Control-Request-Method: POST"])
            #expect(preflight.status == 204)
            #expect(preflight.headers["allow"] == "POST, OPTIONS")
            #expect(preflight.headers.keys.allSatisfy { !$0.hasPrefix("access-control") })
            // What a form of another page can send without asking first.
            #expect(try await bench.ask("POST", "/v1/dead/1/retry", type: "text/plain", Array(#"{"reason":"x"}"#.utf8)).status == 415)
        }
    }

    // MARK: The Unix socket

    @Test func theSocketIsItsOwnersAlone() async throws {
        try await Bench.run(onSocket: true) { bench in
            #expect(mode(of: bench.socket) == 0o600)
            let reply = try await bench.ask("GET", "/readyz")
            #expect(reply.status == 200)
            #expect(try reply.json == ["status": "ready"])
            #expect(try await bench.send(try Bench.detected()).status == 202)
        }
    }
}
