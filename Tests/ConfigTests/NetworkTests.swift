import Config
import Testing

@Suite struct NetworkTests {
    @Test(
        "what is in a network, and what is not",
        arguments: [
            ("203.0.113.0/24", ["203.0.113.0", "203.0.113.255", "::ffff:203.0.113.9"], ["203.0.112.255", "203.0.114.0", "2001:db8::1"]),
            ("198.51.100.128/25", ["198.51.100.128"], ["198.51.100.127"]), ("198.51.100.7", ["198.51.100.7"], ["198.51.100.6"]),
            ("0.0.0.0/0", ["1.2.3.4"], ["::1"]), ("2001:db8::/32", ["2001:db8:ffff::1"], ["2001:db9::1", "32.1.13.184"]),
            ("2001:db8::1/128", ["2001:DB8:0::1"], ["2001:db8::2"]),
        ])
    func contains(text: String, inside: [String], outside: [String]) throws {
        let network = try #require(Network(text))
        for address in inside { #expect(network.contains(address), "\(address)") }
        for address in outside + ["", "localhost", "203.0.113.9:80", "[2001:db8::1]", "0x7f.1", "010.0.0.1", "1"] {
            #expect(!network.contains(address), "\(address)")
        }
        #expect(network.description == text)
    }

    @Test(
        arguments: [
            "", "/", "/24", "203.0.113.0/", "203.0.113.0/33", "203.0.113.0/-1", "203.0.113.0/+8", "203.0.113.0/024", "203.0.113.7/24",
            "2001:db8::/129", "2001:db8::1/32", "twilio.com", "203.0.113", "203.0.113.0/24/8", " 203.0.113.0/24",
        ])
    func isNone(_ text: String) { #expect(Network(text) == nil) }
}
