import Core
import Hummingbird
import Pages

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

    func respond(to request: Incoming) async throws -> Response {
        let response = try await answer(request)
        return request.method == "HEAD" ? response.createHeadResponse() : response
    }

    private func answer(_ request: Incoming) async throws -> Response {
        guard request.isFromOurPage(listeningOn: options.host) else {
            return Answer.text(403, "only from this machine's own page").response
        }
        if request.method == "POST" { return change(request).response }
        guard request.method == "GET" || request.method == "HEAD" else { return Answer.text(405, "GET or POST").response }
        switch request.path {
        case "/_events" where request.method == "GET": return events(after: request.header("last-event-id") ?? request.query["after"])
        case "/": return Answer.html(await whole(request)).response
        case "/_wall": return Answer.html(await wall(request) + switchBoard()).response
        case "/app.js": return Answer.text(200, PageScript.text, type: "text/javascript; charset=utf-8").hardened().response
        case "/style.css": return Answer.text(200, PageBase.style + PageStyle.text, type: "text/css; charset=utf-8").hardened().response
        case "/_ledger": return Answer.json(200, rows(request)).hardened().response
        case "/_switches": return Answer.json(200, switches.json).hardened().response
        case "/_healthz": return Answer.text(200, "ok\n").hardened().response
        case let path where path.hasPrefix("/_mail/"): return mail(path.dropFirst(7)).response
        default: return Answer.text(404, "not found").hardened().response
        }
    }

    private func rows(_ request: Incoming) -> JSON {
        let rows = ledger.rows(after: request.query["after"].flatMap { Int($0) } ?? 0, limit: 1000)
        return ["count": .integer(ledger.count), "rows": .array(rows.map(\.json))]
    }

    private func mail(_ number: Substring) -> Answer {
        guard let row = Int(number).flatMap({ ledger.row($0) }), let html = row.html else {
            return Answer.text(404, "no such mail").hardened()
        }
        return Answer.text(200, html, type: "text/html; charset=utf-8").hardened(Answer.mailPolicy)
    }
}
