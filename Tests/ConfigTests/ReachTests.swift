import Testing

@testable import Config

/// Where an account's sockets may go.
@Suite struct ReachTests {
    @Test(
        "its provider on the internet, its own url, or its list; in capture mode this machine",
        arguments: [
            ("live", "user: u", Account.Reach.publicOnly),
            ("live", "user: u, url: \"https://relay.example\"", .any),
            ("live", "user: u, addresses: [\"10.1.2.3:443\"]", .only([Account.Place(ip: "10.1.2.3", port: 443)])),
            ("capture", "user: u", .loopback),
        ])
    func reach(_ mode: String, _ keys: String, _ reach: Account.Reach) throws {
        let folder = Folder()
        try folder.write("secret-of-a-test\n", to: "token")
        let account = "accounts: [{ name: a, provider: sample, token_file: token, \(keys) }]\n"
        let file = try folder.write("mode: \(mode)\n" + smallest + account, to: "clarion.yaml")
        #expect(try Settings.read(file: file, providers: [Sample.self]).settings.accounts.map(\.transport.reach) == [reach])
    }
}
