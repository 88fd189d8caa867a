import Core
import Providers
import Testing

/// What goes over the wire and into the log may not change by making it faster: a repeat has to have the bytes of the first attempt, also
/// when Clarion was replaced by a newer one in between.
@Suite struct WireTests {
    /// FNV-1a, 64 bits: no secret, only a short name for many bytes.
    private struct Digest {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        mutating func add(_ bytes: [UInt8]) {
            for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
    }

    /// Accounts whose bodies, queries and headers are put together in different ways.
    private static let variants: [String: [[String: AccountSettings.Value.Kind?]]] = [
        "http": [
            [:], ["method": .text("GET")], ["content_type": .text("form"), "number_format": .text("digits")],
            [
                "url": .text("https://sms.example.com/send?v=1"), "method": .text("GET"), "sender": .text("清算 & Co"), "headers": nil,
                "fields": .map([("t o", "{to}"), ("\"text\"", "a\\{text}{text} {key}{"), ("é", "}{reference}")]),
            ],
            ["fields": .map([("t\"o", "\n{to}"), ("text", "{text}\u{7F}{sender}")]), "idempotency_header": .text("Idempotency-Key")],
        ],
        "twilio": [[:], ["receipt_token_file": .secret(Sensitive("token-of-receipts"))]],
        "kannel": [[:], ["receipt_secret_file": .secret(Sensitive("secret-of-receipts-1")), "smsc": .text("FAKE"), "from": nil]],
        "fcm": [[:], ["channel_id": nil]],
        "smtp": [
            [:], ["reply_to": .text("help@pay.example"), "from": .text("\"Risk, \\ desk\" <risk@pay.example>")],
            ["from": .text("risk@pay.example")],
        ],
    ]

    private static let pieces = [
        "a", "Your withdrawal ", "WD1 ", "你的提现", "é", "\n", "\r\n", "\r", "\t", " ", ".", "=", "From ", "\"", "\\", "&", "+", "%", "/", "👩‍👩‍👧",
        "<p class=\"x\">", "</p>", "~", "{to}", "{text}", "£", "€", "【示例】", "\u{A0}", "\u{2028}", "=?utf-8?b?", "\u{200F}", "\u{1F}",
        "\u{85}",
        "\u{202E}", String(repeating: "word ", count: 20), String(repeating: "款", count: 40),
    ]

    @Test(
        "the same message has the same bytes as ever",
        arguments: [
            ("twilio", 1766197192506369221 as UInt64), ("kannel", 8588020450393141351), ("http", 11682313125429696961),
            ("apns", 7630284815565189702), ("fcm", 17749017451742041964), ("smtp", 7547098263174395333),
        ])
    func bytes(_ id: String, _ expected: UInt64) throws {
        let provider = try #require(providers.first { $0.id == id })
        var digest = Digest(), dice = Dice(state: 0x9E37_79B9_7F4A_7C15)
        for changing in Self.variants[id] ?? [[:]] {
            let hasReceipts = changing.keys.contains { $0.hasPrefix("receipt_") }
            let one = try Sample.make(provider, changing: changing, receipts: hasReceipts ? Sample.receipts : nil)
            for n in 0..<150 {
                func text(_ most: Int) -> String {
                    (0..<Int.random(in: 0...most, using: &dice)).map { _ in
                        Self.pieces[Int.random(in: 0..<Self.pieces.count - (n % 5 == 0 ? 0 : 8), using: &dice)]
                    }.joined()
                }
                var message = Sample.message(provider.channel, priority: [.high, .low][n % 2])
                switch message.content {
                case .sms: message.content = .sms(text: text(n % 40 + 1))
                case .push: message.content = .push(title: text(4), body: text(n % 40 + 1))
                default: message.content = .mail(subject: text(5), text: text(n % 90 + 1), html: text(n % 90 + 1))
                }
                message.expires = message.plannedAt + .seconds(n * 700)
                do {
                    let call = one.authorized(
                        try one.call(for: message, key: Sample.key),
                        with: Credential(token: Sensitive("ya29"), issued: Sample.planted, expires: Sample.planted))
                    digest.add(call.pinned)
                } catch {
                    digest.add(Array("\(error)".utf8))
                }
            }
        }
        #expect(digest.value == expected, "\(id): \(digest.value)")
    }

    @Test("of all characters, only controls and those that turn the direction of a line are refused")
    func refused() throws {
        let gateway = try Sample.make(HTTPGateway.self)
        let properties = Array(0...0x20FF as ClosedRange<UInt32>) + [0xD7FF, 0xFEFF, 0xFFFD, 0x1F600, 0xE0001, 0x10FFFF]
        for scalar in properties.compactMap(Unicode.Scalar.init) {
            let isDirection = ("\u{202A}"..."\u{202E}").contains(scalar)
            let isRefused = (scalar.properties.generalCategory == .control && !"\n\r\t".unicodeScalars.contains(scalar)) || isDirection
            for text in ["\(scalar)", "提\(scalar)现"] {
                let call = { try gateway.call(for: Sample.message(.sms, text: text), key: Sample.key) }
                if isRefused { #expect(throws: CallProblem.self, "\(scalar.value)") { try call() } } else { _ = try call() }
            }
        }
    }
}

extension ProviderCall {
    /// All that makes a call, as the digests above were made of it.
    fileprivate var pinned: [UInt8] {
        let json: JSON
        switch self {
        case .http(let call):
            json = [
                "http": .string(call.version.rawValue), "method": .string(call.method), "url": .string(call.url),
                "headers": .array(call.headers.map { .array([.string($0.name), .string($0.value.description)]) }),
                "body": .string(Base64.encode(call.body)),
            ]
        case .smtp(let call):
            json = [
                "smtp": .string(call.url), "from": .string(call.from.text), "to": .string(call.to.text),
                "data": .string(Base64.encode(call.data)),
            ]
        }
        return json.bytes
    }
}
