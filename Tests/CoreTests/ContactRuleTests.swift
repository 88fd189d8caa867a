import Testing

@testable import Core

@Suite("what is no bank's name") struct ContactRuleTests {
    @Test(
        "a number, an address, a link or a token",
        arguments: [
            "Bank +8613812345678", "138 1234 5678", "Call (030) 123-4567 now", "who@example.com", "Bank who@localhost", "https://a.example",
            "app:/open",
            "pay.example/x", "Bank bit.ly", "sk_live_0123456789abcdefghij", "eyJhbGciOiJIUzI1NiJ9abcdef1",
        ])
    func refused(_ name: String) { #expect(!ContactRule.isClean(name)) }

    @Test(
        "names of banks",
        arguments: [
            "招商银行", "Commerzbank", "DenizBank A.Ş.", "St. Galler Kantonalbank", "Bank 4U24", "1822direkt", "N26", "Banco 3.0",
            "Landesbank Hessen-Thüringen",
            "Rabobank U.A.", "Bank of A (China) Ltd.", "ธนาคารกสิกรไทย", "Donaudampfschifffahrtsgesellschaftsbank", "",
        ])
    func taken(_ name: String) { #expect(ContactRule.isClean(name)) }
}
