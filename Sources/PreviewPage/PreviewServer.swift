import Core
import Hummingbird
import Logging
import Pages

/// The live page of `clarion preview --serve`, on loopback and nowhere else.
///
/// | path | answer |
/// |---|---|
/// | `/` | one scenario in one language; every switch stands in the query |
/// | `/all` | its SMS and push in every language |
/// | `/mail` | the HTML of its mail, for a sandboxed frame |
/// | `/events` | server-sent events: `changed` after each change of a file |
/// | `/healthz` | 200 |
public struct PreviewServer: Sendable {
    /// The only address that is ever listened on.
    public static let host = "127.0.0.1"
    private let running: RunningServer

    /// Answers when it returns. Throws what kept it from listening.
    /// - Parameter port: 0 takes any free one.
    public static func start(port: Int, _ source: Source) async throws -> PreviewServer {
        PreviewServer(
            running: try await RunningServer.start(host: host, port: port) { configuration, running in
                Application(
                    responder: Desk(source: source), configuration: configuration, onServerRunning: running,
                    logger: Logger(label: "clarion.preview") { _ in SwiftLogNoOpLogHandler() })
            })
    }

    public var url: String { "http://\(Self.host):\(running.port)/" }
    /// Where a scenario is seen.
    public func address(of scenario: Scenario) -> String { url + "?" + Wish(scenario, Look()).query() }

    /// Closes the port. Streams have to be ended before: `Source.changes` ends.
    public func stop() async { await running.stop() }
}

private struct Desk: HTTPResponder {
    typealias Context = BasicRequestContext
    let source: Source

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let incoming = Incoming(request, body: [], now: Timestamp(milliseconds: 0))
        guard incoming.isFromOurPage(listeningOn: PreviewServer.host) else {
            return Answer.text(403, "only from this machine's own page").hardened().response
        }
        guard incoming.method == "GET" || incoming.method == "HEAD" else { return Answer.text(405, "GET only").hardened().response }
        let response = await answer(incoming)
        return incoming.method == "HEAD" ? response.createHeadResponse() : response
    }

    private func answer(_ request: Incoming) async -> Response {
        do throws(Refusal) {
            switch request.path {
            case "/": return try await page(request, .oneLanguage).response
            case "/all": return try await page(request, .allLanguages).response
            case "/mail": return try await mail(request).response
            case "/events" where request.method == "GET": return events()
            case "/app.js": return Answer.text(200, PageScript.text, type: "text/javascript; charset=utf-8").hardened().response
            case "/style.css":
                return Answer.text(200, PageBase.style + PageStyle.text, type: "text/css; charset=utf-8").hardened().response
            case "/healthz": return Answer.text(200, "ok\n").hardened().response
            default: throw Refusal(status: 404, words: "There is no such page.", hint: "")
            }
        } catch {
            return Answer.html(Layout.refusal(error), status: error.status).response
        }
    }

    private func page(_ request: Incoming, _ span: View.Span) async throws(Refusal) -> Answer {
        let wish = try Wish(request.query, knowsZone: source.knowsZone)
        return Answer.html(Layout(wish: wish, span: span, view: await source.view(wish.scenario, span)).text)
    }

    private func mail(_ request: Incoming) async throws(Refusal) -> Answer {
        let wish = try Wish(request.query, knowsZone: source.knowsZone)
        let text = await source.view(wish.scenario, .oneLanguage).text(.mail, wish.scenario.locale)
        guard case .mail(_, _, let html)? = text?.content else {
            throw Refusal(status: 404, words: "There is no mail to show.", hint: text?.problem ?? "")
        }
        // Which of the two sides is seen is a switch here, not a setting of the machine.
        let shown = html.replacing("(prefers-color-scheme: dark)", with: wish.look.isDark ? "all" : "not all")
        return Answer.text(200, shown, type: "text/html; charset=utf-8").hardened(Answer.mailPolicy)
    }

    private func events() -> Response {
        let changes = source.changes()
        return eventStream { send in
            try await send("retry: 1000\n\n")
            for await isNews in heartbeat([(changes, true)], quiet: false, keeps: 2) {
                try await send(isNews ? "event: changed\ndata: {}\n\n" : ": still here\n\n")
            }
        }
    }
}
