import Core
import HTTPTypes
import Hummingbird

/// Everything on the plain HTTP port that is no provider: the page, its parts, and what tests and other processes read.
///
/// | path | answer |
/// |---|---|
/// | `/` | the page; `?to=` shows one recipient |
/// | `/_wall` | its live parts |
/// | `/_mail/N` | the HTML of mail N, for a sandboxed frame |
/// | `/_events` | server-sent events, one a row, resumed by `Last-Event-ID` |
/// | `/_ledger?after=N` | rows above N as JSON, at most 1,000 a call |
/// | `POST /_switch`, `/_retire` | a form of the page, or the same from a script |
/// | `/_healthz` | 200 |
struct Page: Sendable {
    let ledger: Ledger
    let switches: Switches
    let options: Sandbox.Options

    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    /// A mail may style itself and show pictures that it carries; it reaches nothing and runs nothing.
    static let mailPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

    func respond(to request: Incoming) async throws -> Response {
        let response = try await answer(request)
        return request.method == "HEAD" ? response.createHeadResponse() : response
    }

    private func answer(_ request: Incoming) async throws -> Response {
        guard isFromHere(request) else { return Answer.text(403, "only from this machine's own page").response }
        if request.method == "POST" { return change(request).response }
        guard request.method == "GET" || request.method == "HEAD" else { return Answer.text(405, "GET or POST").response }
        switch request.path {
        case "/_events" where request.method == "GET": return events(after: request.header("last-event-id") ?? request.query["after"])
        case "/": return Self.html(await whole(request)).response
        case "/_wall": return Self.html(await wall(request) + switchBoard()).response
        case "/app.js": return Answer.text(200, PageScript.text, type: "text/javascript; charset=utf-8").hardened().response
        case "/style.css": return Answer.text(200, PageStyle.text, type: "text/css; charset=utf-8").hardened().response
        case "/_ledger": return Answer.json(200, rows(request)).hardened().response
        case "/_switches": return Answer.json(200, switches.json).hardened().response
        case "/_healthz": return Answer.text(200, "ok\n").hardened().response
        case let path where path.hasPrefix("/_mail/"): return mail(path.dropFirst(7)).response
        default: return Answer.text(404, "not found").hardened().response
        }
    }

    static func html(_ text: String) -> Answer { Answer.text(200, text, type: "text/html; charset=utf-8").hardened() }

    private func rows(_ request: Incoming) -> JSON {
        let rows = ledger.rows(after: request.query["after"].flatMap { Int($0) } ?? 0, limit: 1000)
        return ["count": .integer(ledger.count), "rows": .array(rows.map(\.json))]
    }

    private func mail(_ number: Substring) -> Answer {
        guard let row = Int(number).flatMap({ ledger.row($0) }), let html = row.html else {
            return Answer.text(404, "no such mail").hardened()
        }
        return Answer.text(200, html, type: "text/html; charset=utf-8").hardened(Self.mailPolicy)
    }

    /// A page elsewhere must not press our buttons (`Origin`), nor read us under a name of its own (`Host`, when we listen on loopback).
    private func isFromHere(_ request: Incoming) -> Bool {
        guard let host = request.header("host") else { return false }
        if let origin = request.header("origin"), origin != "http://\(host)" { return false }
        guard ["127.0.0.1", "::1", "localhost"].contains(options.host) else { return true }
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return ["127.0.0.1", "localhost", "[::1]"].contains(name)
    }
}

extension Answer {
    /// With the headers that every answer of the page carries.
    func hardened(_ policy: String = Page.policy) -> Answer {
        var copy = self
        copy.headers += [
            ("content-security-policy", policy), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"), ("cross-origin-resource-policy", "same-origin"),
        ]
        return copy
    }
}

/// Text made safe for HTML content and for quoted attributes.
func escaped(_ text: some StringProtocol) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": out += "&amp;"
        case "<": out += "&lt;"
        case ">": out += "&gt;"
        case "\"": out += "&quot;"
        case "'": out += "&#39;"
        default: out.unicodeScalars.append(scalar)
        }
    }
    return out
}
