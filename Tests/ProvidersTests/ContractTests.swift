import Core
import Providers
import Testing

/// What every provider keeps, whichever service it speaks to.
@Suite struct ContractTests {
    static let texts = [
        "plain", "a`b", "Zażółć gęślą jaźń", "您的提现需要确认，请打开应用查看。", "😀👩‍👩‍👧‍👦🇨🇳 emoji", "مرحبا بالعالم \u{200F}123",
        "line one\nline two\r\nline three",
        "100% & a+b=c?d#e;\"'<>\\", "..", "From the start", "{text} {key} ${x} %s %d", "=?utf-8?b?x?=",
    ]

    @Test("names are unique and settings say what they mean")
    func names() {
        #expect(Set(providers.map { $0.id }).count == providers.count)
        for provider in providers {
            #expect(Identifier.isValid(provider.id, limit: 32))
            #expect(Set(provider.settings.map(\.name)).count == provider.settings.count)
            for key in provider.settings {
                #expect(!key.meaning.isEmpty)
                #expect(key.form != .secretFile || key.name.hasSuffix("_file"), "\(provider.id).\(key.name)")
            }
        }
    }

    @Test("the same message makes the same bytes, twice and from another instance", arguments: providers)
    func deterministic(_ provider: any Provider.Type) throws {
        for text in Self.texts {
            let message = Sample.message(provider.channel, text: text)
            let first = try Sample.make(provider).call(for: message, key: Sample.key)
            let one = try Sample.make(provider)
            #expect(try one.call(for: message, key: Sample.key) == first)
            #expect(try one.call(for: message, key: Sample.key).storedBytes == first.storedBytes)
        }
    }

    @Test("no secret of the account is in a call or a description", arguments: providers)
    func leaksNoSecret(_ provider: any Provider.Type) async throws {
        let one = try Sample.make(provider)
        let call = try one.call(for: Sample.message(provider.channel), key: Sample.key)
        var dumped = ""
        dump(one, to: &dumped)
        dump(try Sample.account(provider), to: &dumped)
        var texts = [
            String(decoding: call.storedBytes, as: UTF8.self), String(describing: call), String(reflecting: call), String(describing: one),
            String(reflecting: one), dumped,
        ]
        texts.append(String(decoding: call.http?.body ?? call.smtp?.data ?? [], as: UTF8.self))
        if case .ready(let credential) = try await one.credential(at: Sample.planted) { texts.append("\(credential)") }
        for secret in try Sample.secrets(of: provider) {
            #expect(secret.utf8.count >= 16)
            for text in texts { #expect(!text.contains(secret), "\(provider.id)") }
        }
    }

    @Test("who can be asked says so, with a call that holds no secret; who cannot is not", arguments: providers)
    func questions(_ provider: any Provider.Type) throws {
        let one = try Sample.make(provider)
        let call = try one.call(for: Sample.message(provider.channel), key: Sample.key)
        let inquiry = Inquiry(attempt: "att_1", call: call, sentAt: Sample.planted, known: [])
        let question = one.question(inquiry)
        #expect((question != nil) == (one.guarantee.horizon != nil))
        if let question {
            let text = String(decoding: question.storedBytes, as: UTF8.self)
            #expect(try Sample.secrets(of: provider).allSatisfy { !text.contains($0) } && one.authorized(question, with: nil) != question)
        }
        for status in 100...599 {
            let finding = one.finding(in: [ProviderReply(status: status, body: Array("{}".utf8))], to: inquiry)
            guard case .unclear = finding else {
                Issue.record("\(provider.id) \(status)")
                continue
            }
        }
    }

    @Test("authorizing adds the secret and changes nothing that was there", arguments: providers)
    func authorized(_ provider: any Provider.Type) throws {
        let one = try Sample.make(provider)
        let call = try one.call(for: Sample.message(provider.channel), key: Sample.key)
        let credential = Credential(token: Sensitive("cred"), issued: Sample.planted, expires: Sample.planted + .hours(1))
        let signed = one.authorized(call, with: credential)
        #expect(signed != call)
        switch (call, signed) {
        case (.http(let before), .http(let after)):
            #expect(after.body == before.body && after.method == before.method && after.version == before.version)
            #expect(after.url.hasPrefix(before.url))
            #expect(after.headers.prefix(before.headers.count).elementsEqual(before.headers) { $0.name == $1.name && $0.value == $1.value })
        case (.smtp(let before), .smtp(let after)):
            #expect(before.login == nil && after.login != nil && after.data == before.data && after.url == before.url)
        default: Issue.record("another kind of call")
        }
        let stored = String(decoding: signed.storedBytes, as: UTF8.self)
        #expect(!stored.contains(Sample.token) || provider.channel == .sms)
    }

    @Test("a call reads back from what is stored to the same bytes", arguments: providers)
    func roundTrip(_ provider: any Provider.Type) throws {
        for text in Self.texts {
            let call = try Sample.make(provider).call(for: Sample.message(provider.channel, text: text), key: Sample.key)
            #expect(ProviderCall(stored: call.storedBytes) == call)
        }
    }

    @Test("every status with every broken body is one outcome, never accepted and never the recipient's fault", arguments: providers)
    func brokenReplies(_ provider: any Provider.Type) throws {
        let one = try Sample.make(provider)
        let bodies = [
            "", "garbage \u{0}\u{1F600}", "{}", "[]", "null", "{\"error\":7,\"sid\":[],\"code\":{},\"reason\":0,\"name\":null}",
            String(repeating: "[", count: 65_536), "{\"a\"",
        ]
        for status in 100...599 {
            for body in bodies.map({ Array($0.utf8) }) + [[0xFF, 0xFE, 0x00]] {
                let outcome = one.outcome(of: ProviderReply(status: status, body: body))
                guard provider.channel != .mail || status != 250 else { continue }
                #expect(
                    outcome.class != .accepted && outcome.class != .badRecipient && outcome.class != .notSent, "\(provider.id) \(status)")
                if (200...299).contains(status) { #expect(outcome.class == .ambiguous, "\(provider.id) \(status)") }
                #expect(outcome.detail?.status == status)
            }
        }
    }

    @Test("a huge body is read like any other", arguments: providers)
    func hugeBody(_ provider: any Provider.Type) throws {
        let one = try Sample.make(provider)
        let huge = Array("{\"a\":\"".utf8) + [UInt8](repeating: 0x78, count: 65_536)
        for status in [200, 201, 202, 400, 404, 429, 500, 503] {
            #expect(![.accepted, .badRecipient].contains(one.outcome(of: ProviderReply(status: status, body: huge)).class))
        }
    }

    @Test("the words of an outcome never quote the reply", arguments: providers)
    func quotesNothing(_ provider: any Provider.Type) throws {
        let one = try Sample.make(provider)
        let quote = "+15558675310 <a@example.net>"
        for status in [200, 202, 250, 400, 401, 403, 404, 410, 429, 500, 503, 550] {
            for body in [
                quote,
                "{\"code\":\"\(quote)\",\"reason\":\"\(quote)\",\"sid\":\"\(quote)\",\"name\":\"\(quote)\",\"message\":\"\(quote)\","
                    + "\"error\":{\"code\":\"\(quote)\",\"status\":\"\(quote)\",\"message\":\"\(quote)\"}}",
            ] {
                let outcome = one.outcome(of: Sample.json(status, body))
                #expect(!"\(outcome)".contains("5558675310") && !"\(outcome)".contains("example.net"))
            }
        }
    }

    @Test("no header of a call holds a control character, whatever the message says", arguments: providers)
    func headersAreClean(_ provider: any Provider.Type) throws {
        for attack in ["x\r\nBcc: evil@example.com", "x\nX: y", "x\u{0}y", "x\u{85}y", "x\u{2028}y", "x\u{7F}", "\u{202E}evil"] {
            var message = Sample.message(provider.channel, text: attack)
            if case .mail(_, let text, let html) = message.content { message.content = .mail(subject: attack, text: text, html: html) }
            message.collapseKey = "k"
            do {
                let call = try Sample.make(provider).call(for: message, key: Sample.key)
                for header in call.http?.headers ?? [] {
                    #expect(header.value.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
                }
                #expect(call.smtp == nil, "a subject with a control character must be refused")
            } catch let problem as CallProblem {
                #expect(problem.reason == .renderError)
            }
        }
    }

    @Test("2,000 characters work or are too long", arguments: providers)
    func longTexts(_ provider: any Provider.Type) throws {
        for character in ["a", "中", "😀", "ب", "€"] {
            let message = Sample.message(provider.channel, text: String(repeating: character, count: 2000))
            do {
                let call = try Sample.make(provider).call(for: message, key: Sample.key)
                #expect(ProviderCall(stored: call.storedBytes) == call)
                #expect(provider.channel != .sms, "\(provider.id): 2,000 characters are not one SMS")
            } catch let problem as CallProblem {
                #expect(problem.reason == .tooLong)
            }
        }
    }

    @Test("a message of another channel and an empty text are refused", arguments: providers)
    func wrongMessages(_ provider: any Provider.Type) throws {
        let one = try Sample.make(provider)
        for channel in [Channel.sms, .push, .mail] where channel != provider.channel {
            #expect(throws: CallProblem.self) { try one.call(for: Sample.message(channel), key: Sample.key) }
        }
        #expect(throws: CallProblem.self) { try one.call(for: Sample.message(provider.channel, text: ""), key: Sample.key) }
    }

    @Test("unknown, missing and misshapen keys are reported together, each at its place", arguments: providers)
    func mistakes(_ provider: any Provider.Type) throws {
        let required = provider.settings.filter(\.isRequired)
        let text = provider.settings.first { $0.form == .text }!
        var account = try Sample.account(provider, changing: ["colour": .text("red"), text.name: .number(7)])
        account.values = account.values.filter { key, _ in key == "colour" || key == text.name }
        let problems = #expect(throws: Problems.self) { try provider.init(account) }?.all ?? []
        let places = problems.map { "\($0.file):\($0.line):\($0.column) \($0.key) \($0.problem)" }
        #expect(places.contains { $0.contains(":7 accounts.sample.colour unknown key") }, "\(places)")
        #expect(problems.contains { $0.key == "accounts.sample.\(text.name)" && $0.problem == "expected text" && $0.line > 9 })
        for key in required where key.name != text.name {
            #expect(
                problems.contains { $0.key == "accounts.sample.\(key.name)" && $0.line == 9 && $0.problem.hasPrefix("missing") },
                "\(key.name)")
        }
    }

    @Test("a broken secret file is a mistake that does not quote it", arguments: providers)
    func brokenSecrets(_ provider: any Provider.Type) throws {
        let secret = provider.settings.first { $0.form == .secretFile }!
        for content in ["", " \n ", "broken-secret\r\nX-Evil: 1\nmore"] {
            let account = try Sample.account(provider, changing: [secret.name: .secret(Sensitive(content))])
            let problems = #expect(throws: Problems.self) { try provider.init(account) }
            #expect(problems?.all.contains { $0.key == "accounts.sample.\(secret.name)" } == true)
            #expect(problems?.description.contains("broken-secret") == false)
        }
    }

    @Test("the throw-away secrets of capture mode make a working account", arguments: providers)
    func captureSecrets(_ provider: any Provider.Type) async throws {
        var changing: [String: AccountSettings.Value.Kind?] = [:]
        for key in provider.settings where key.form == .secretFile {
            changing[key.name] = .secret(provider.captureSecret(for: key.name) ?? Sensitive("any text"))
        }
        let one = try Sample.make(provider, changing: changing)
        _ = try await one.credential(at: Sample.planted)
        #expect(throws: Never.self) { try one.call(for: Sample.message(provider.channel), key: Sample.key) }
    }

    @Test("in capture mode every call goes to the sandbox, on the same path", arguments: providers)
    func capture(_ provider: any Provider.Type) async throws {
        let sandbox = AccountSettings.EndpointOverride(https: "https://127.0.0.1:8443/", smtp: "smtp://127.0.0.1:2525")
        let real = try Sample.make(provider)
        let captured = try provider.init(try Sample.account(provider, override: sandbox))
        let message = Sample.message(provider.channel)
        let call = try captured.call(for: message, key: Sample.key), realCall = try real.call(for: message, key: Sample.key)
        let base = provider.channel == .mail ? "smtp://127.0.0.1:2525" : "https://127.0.0.1:8443"
        #expect(Self.path(call).hasPrefix(base))
        #expect(
            Self.path(call).dropFirst(base.count)
                == Self.path(realCall).dropFirst(Self.authority(realCall)))
        #expect(Set(captured.endpoints) == [provider.channel == .mail ? "127.0.0.1:2525" : "127.0.0.1:8443"])
        if case .exchange(.http(let exchange)) = try await captured.credential(at: Sample.planted) {
            #expect(exchange.url.hasPrefix(base + "/"))
        }
    }
    private static func path(_ call: ProviderCall) -> String { call.http?.url ?? call.smtp?.url ?? "" }
    private static func authority(_ call: ProviderCall) -> Int {
        let url = path(call)
        let start = url.range(of: "://")!.upperBound
        return url.distance(from: url.startIndex, to: url[start...].firstIndex(of: "/") ?? url.endIndex)
    }
}

extension StringProtocol {
    fileprivate func range(of word: String) -> Range<Index>? {
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(word) { return at..<index(at, offsetBy: word.count) }
            at = index(after: at)
        }
        return nil
    }
}
