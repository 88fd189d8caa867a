import Config
import Core
import Pipeline
import Sandbox
import Transport

/// The sandbox that capture mode points every account at: one that runs already, or one of our own in this process.
enum SandboxLink {
    /// What was found or started. `own` is nil when another process runs it.
    struct Found: Sendable {
        var endpoints: Endpoints
        var own: Sandbox?

        /// Settings that point the accounts here.
        var overrides: [String: String] {
            ["sandbox.https_port": port(of: endpoints.https), "sandbox.smtp_port": port(of: endpoints.smtp)]
        }
        private func port(of url: String) -> String { String(url.split(separator: ":").last ?? "0") }
    }

    /// A running sandbox of this directory, else a new one.
    static func find(_ settings: Settings, options: Sandbox.Options = Sandbox.Options()) async throws -> Found {
        if let running = await running(in: settings.sandbox.directory) { return Found(endpoints: running, own: nil) }
        for (port, setting) in [
            (settings.sandbox.pagePort, "sandbox.page_port"), (settings.sandbox.httpsPort, "sandbox.https_port"),
            (settings.sandbox.smtpPort, "sandbox.smtp_port"),
        ] { try LoopbackPort.check(port, setting: setting) }
        var options = options
        options.directory = settings.sandbox.directory
        options.httpsPort = settings.sandbox.httpsPort
        options.smtpPort = settings.sandbox.smtpPort
        options.httpPort = settings.sandbox.pagePort
        options.sendsReceipts = true
        try Host.makeDirectory(settings.sandbox.directory)
        let sandbox = try Sandbox(options)
        return Found(endpoints: try await sandbox.start(), own: sandbox)
    }

    /// The endpoints another process left in the directory, if it answers.
    static func running(in directory: String) async -> Endpoints? {
        guard let text = try? Host.text(at: directory + "/endpoints.json"), let json = try? JSON(parsing: text),
            let endpoints = Endpoints(json)
        else { return nil }
        let transport = Transport(capacity: 4)
        transport.register(
            TransportAccount(name: "page", allowPlain: true, addresses: .loopbackOnly, connectTimeout: .seconds(1), timeout: .seconds(2)))
        let call = ProviderCall.http(HTTPCall(method: "GET", url: endpoints.http + "/_healthz", headers: [], body: []))
        let result = await transport.perform(call, on: "page")
        await transport.shutdown()
        if case .reply(let reply) = result, reply.status == 200 { return endpoints }
        return nil
    }
}
