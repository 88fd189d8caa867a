import Core
import Pipeline
import PreviewPage
import Terminal

extension LivePreview {
    /// Serves the page until Ctrl-C.
    static func serve(_ first: Scenario, port: Int, _ context: CommandContext) async throws -> ExitStatus {
        guard port == 0 || LoopbackPort.isFree(port) else {
            throw Fault(
                .unavailable, "\(PreviewServer.host):\(port) is taken by another process", field: "port",
                hint: "--port N takes another one, --port 0 any that is free")
        }
        let (interrupt, console) = (Interrupt(), context.console)
        let page = try await open(SettingsOfCommand(context), port: port)
        if let why = page.blindness { try console.note("The page will not follow what is saved: \(why)") }
        try console.show(text: "Preview   \(page.server.address(of: first))   (this machine alone; Ctrl-C ends)\n")
        await interrupt.wait(console, saying: "")
        await page.close()
        return .success
    }

    /// A page that answers.
    struct Page: Sendable {
        let server: PreviewServer
        fileprivate let watch: FileWatch?
        /// Why saves are not noticed; nil when they are.
        let blindness: String?

        func close() async {
            watch?.finish()
            await server.stop()
        }
    }

    static func open(_ source: SettingsOfCommand, port: Int) async throws -> Page {
        var (watch, blindness): (FileWatch?, String?) = (nil, nil)
        do { watch = try FileWatch(endingIn: [".yaml", ".html"]) } catch { blindness = error.description }
        do {
            let (live, zones, changes) = (try LivePreview(source, watch: watch), SystemZones(), watch?.changes)
            let server = try await PreviewServer.start(
                port: port,
                Source(
                    view: { await live.view($0, $1) },
                    knowsZone: { $0 == LivePreview.noZone || zones.offset(of: $0, at: Timestamp(milliseconds: 0)) != nil },
                    changes: { changes?.listen() ?? AsyncStream { _ in } }))
            return Page(server: server, watch: watch, blindness: blindness)
        } catch {
            watch?.finish()
            throw error
        }
    }
}
