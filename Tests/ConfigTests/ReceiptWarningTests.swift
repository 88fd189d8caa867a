import Core
import FoundationEssentials
import Providers
import Testing

@testable import Config

/// What `clarion check` says of accounts whose receipts have no way in.
@Suite struct ReceiptWarningTests {
    /// The shipped settings for real use, with one SMS account.
    private func warnings(_ more: String = "", account: String = "", mode: String = "live") throws -> [String] {
        let folder = Folder()
        try folder.copyShipped()
        let shippedText = try String(contentsOfFile: "\(shipped)/clarion.yaml", encoding: .utf8)
        let text = try #require(shippedText.replacing("mode: capture\n", with: "mode: \(mode)\n").components(before: "  - name: push-ios"))
        try folder.write("secret-of-twilio-1234", to: "secrets/twilio-token")
        try folder.write("token-of-twilio-1234", to: "secrets/receipts")
        let file = try folder.write(more + text.replacing("    from: \"+1", with: account + "    from: \"+1"), to: "clarion.yaml")
        return try Configuration.load(settingsFile: file).warnings.filter { $0.key != "priorities" }.map {
            "\($0.key): \($0.problem) (\($0.hint ?? ""))"
        }
    }

    private let none =
        "accounts.sms-main: no receipts: whether a message arrived is never known, and `unless: delivered` holds nothing back"

    @Test func anAccountThatCouldHaveReceiptsAndNoAddress() throws {
        #expect(try warnings() == [none + " (set receipts.url)"])
        #expect(try warnings(mode: "capture") == [])
    }

    @Test func anAddressThatNobodyReaches() throws {
        let url = "receipts: { url: https://notices.pay.example/ }\n"
        #expect(
            try warnings(url) == [
                "receipts.url: nobody outside is let in: the proxy that ends TLS has to be named (behind_proxy: true)"
            ])
    }

    @Test func anAccountWithoutItsOwnKeys() throws {
        let url = "receipts: { url: \"http://127.0.0.1:8080\" }\n"
        let key = "    api_key_sid: SK1\n"
        #expect(try warnings(url, account: key) == [none + " (set the account's keys that begin with receipt_)"])
        #expect(try warnings(url, account: key + "    receipt_token_file: secrets/receipts\n") == [])
    }

    @Test func theAddressOfAnAccountIsItsOwn() throws {
        let folder = Folder()
        try folder.copyShipped()
        let configuration = try Configuration.load(
            settingsFile: folder.path + "/clarion.yaml", overrides: ["receipts.url": "https://notices.pay.example/"])
        #expect(configuration.settings.receiptsURL == "https://notices.pay.example")
        let account = try #require(configuration.settings.accounts.first { $0.name == "sms-main" })
        #expect(
            account.settings.receiptsURL == "https://notices.pay.example/v1/receipts/sms-main" && account.provider.receipts == .reference)
        #expect(configuration.settings.accounts.filter { $0.channel != .sms }.allSatisfy { $0.provider.receipts == nil })
    }
}

extension String {
    /// What stands before the words; nil when they do not.
    fileprivate func components(before words: String) -> String? { firstRange(of: words).map { String(self[..<$0.lowerBound]) } }
}
