import Core
import Testing

@Suite("what an SMS part costs") struct UnitPriceTests {
    @Test(
        "exactly, whatever the digits",
        arguments: [
            ("0.045 USD", 2, "90.00", "0.045 USD"), ("0.0075 USD", 1, "7.50", "0.0075 USD"), ("0.000123 EUR", 3, "0.369", "0.000123 EUR"),
            ("0.000001 EUR", 1, "0.001", "0.000001 EUR"), ("6 JPY", 2, "12000", "6.0 JPY"), ("0.0005 JPY", 1, "0.5", "0.0005 JPY"),
            ("9999.999999 VND", 255, "2549999999.745", "9999.999999 VND"), ("0.01 KWD", 1, "10.000", "0.01 KWD"),
        ])
    func exact(_ written: String, _ parts: Int, _ cost: String, _ shown: String) throws {
        let price = try #require(UnitPrice(written))
        #expect(price.perThousand(parts: parts) == cost && price.description == shown)
    }

    @Test(
        "anything else is no price",
        arguments: [
            "", "0.045", "USD", "USD 0.045", "0,045 USD", ".045 USD", "0. USD", "-1 USD", "1e2 USD", "0.0000001 USD", "10000 USD", "1 XXX",
            "1  USD", "1.2.3 USD", "٣ USD",
        ])
    func refused(_ written: String) { #expect(UnitPrice(written) == nil) }
}
