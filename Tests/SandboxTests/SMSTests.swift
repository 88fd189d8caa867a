import Core
import Sandbox
import Testing

@Suite struct TwilioTests {
    static let account = "AC" + String(repeating: "0", count: 32)
    static let path = "/2010-04-01/Accounts/\(account)/Messages.json"
    static let login = ["-u", "\(account):secret"]

    @Test func acceptsAndWritesItDown() async throws {
        try await withSandbox { world in
            let got = try await world.curl(
                world.endpoints.https + Self.path,
                Self.login + [
                    "--data-urlencode", "To=+12025550100", "--data-urlencode", "From=+15005550006", "--data-urlencode",
                    "Body=Held & safe 提现",
                    "--data-urlencode", "StatusCallback=https://x.example/cb?a=att_1",
                ], http2: true)
            #expect(got.status == 201 && got.version == "2")
            #expect(got.json?["sid"]?.string == "SM" + String(repeating: "0", count: 31) + "1")
            #expect(got.json?["num_segments"]?.string == "1")
            let row = try #require(world.ledger.row(1))
            #expect(row.recipient == "+12025550100" && row.sender == "+15005550006" && row.text == "Held & safe 提现")
            #expect(row.provider == .twilio && row.channel == .sms && row.ids["callback"] == "https://x.example/cb?a=att_1")
        }
    }

    @Test func refusesInTwiliosWords() async throws {
        let cases: [(form: String, login: [String], status: Int, code: Int64)] = [
            ("To=%2B12025550100&From=%2B15005550006&Body=x", [], 401, 20003),
            ("To=%2B12025550100&From=%2B15005550006&Body=x", ["-u", "ACother:secret"], 401, 20003),
            ("From=%2B15005550006&Body=x", login(), 400, 21604),
            ("To=12025550100&From=%2B15005550006&Body=x", login(), 400, 21211),
            ("To=%2B12025550100&Body=x", login(), 400, 21603),
            ("To=%2B12025550100&From=%2B15005550006", login(), 400, 21602),
            ("To=%2B12025550100&From=%2B15005550006&Body=" + String(repeating: "x", count: 1601), login(), 400, 21617),
        ]
        try await withSandbox { world in
            for (form, login, status, code) in cases {
                let got = try await world.curl(world.endpoints.https + Self.path, login, body: form)
                #expect(
                    got.status == status && got.json?["code"]?.integer == code && got.json?["status"]?.integer == Int64(status),
                    "\(form.prefix(60))")
            }
            world.sandbox.switches.retire("+12025550199")
            let gone = try await world.curl(
                world.endpoints.https + Self.path, Self.login, body: "To=%2B12025550199&MessagingServiceSid=MG1&Body=x")
            #expect(gone.json?["code"]?.integer == 21614)
            let lost = try await world.curl(world.endpoints.https + "/2010-04-01/Accounts/AC1/Messages.json", ["-u", "AC1:x"], body: "")
            #expect(lost.json?["code"]?.integer == 20404)
            #expect(world.ledger.count == 0)
        }
    }

    @Test func listsWhatItTook() async throws {
        try await withSandbox { world in
            let url = world.endpoints.https + Self.path
            for n in 1...3 {
                _ = try await world.curl(url, Self.login, body: "To=%2B1202555010\(n % 2)&From=%2B15005550006&Body=n\(n)")
            }
            let whole = try await world.curl(url + "?To=%2B12025550101", Self.login)
            let items = whole.json?["messages"]?.array ?? []
            #expect(whole.status == 200 && items.compactMap { $0["body"]?.string } == ["n3", "n1"], "newest first")
            #expect(items.allSatisfy { $0["to"] == "+12025550101" && $0["direction"] == "outbound-api" })
            #expect(items.first?["date_created"]?.string?.hasSuffix(" +0000") ?? false)
            #expect(whole.json?["next_page_uri"]?.isNull ?? false)
            let page = try await world.curl(url + "?PageSize=2", Self.login)
            let next = try #require(page.json?["next_page_uri"]?.string)
            let rest = try await world.curl(world.endpoints.https + next, Self.login)
            #expect(rest.json?["messages"]?.array?.compactMap { $0["body"]?.string } == ["n1"])
            #expect(try await world.curl(url + "?To=%2B12025550101", []).status == 401)
            let later = try await world.curl(url + "?DateSent%3E=2999-01-01", Self.login)
            #expect(later.json?["messages"]?.array?.count == 0 && world.ledger.count == 3)
        }
    }

    private func login() -> [String] { Self.login }
}

@Suite struct KannelTests {
    private func send(_ world: World, _ query: String, _ arguments: [String] = []) async throws -> Got {
        try await world.curl(world.endpoints.http + "/cgi-bin/sendsms?" + query, arguments)
    }

    @Test func acceptsTheQueryAndTheHeaderForm() async throws {
        try await withSandbox { world in
            let got = try await send(
                world,
                "username=u&password=p&from=10690000&to=%2B8613800138000&coding=2&charset=UTF-8&text=%E6%8F%90%E7%8E%B0+held&dlr-url=http%3A%2F%2Fx%2Fcb%3Ft%3D%25d"
            )
            #expect(got.status == 202 && got.body == "0: Accepted for delivery")
            #expect(world.ledger.row(1)?.text == "提现 held" && world.ledger.row(1)?.ids["callback"] == "http://x/cb?t=%d")
            let posted = try await world.curl(
                world.endpoints.http + "/cgi-bin/sendsms",
                ["-H", "X-Kannel-Username: u", "-H", "X-Kannel-Password: p", "-H", "X-Kannel-To: 100", "-H", "Content-Type: text/plain"],
                body: "hello")
            #expect(posted.status == 202 && world.ledger.row(2)?.text == "hello")
        }
    }

    @Test("text outside GSM-7 without coding=2 arrives as question marks, as it does for real") func folds() async throws {
        try await withSandbox { world in
            _ = try await send(world, "username=u&password=p&to=100&text=%E6%8F%90%E7%8E%B0+ok")
            #expect(world.ledger.row(1)?.text == "?? ok")
        }
    }

    @Test func refusesInKannelsWords() async throws {
        try await withSandbox { world in
            let cases = [
                ("to=100&text=x", 403, "Authorization failed for sendsms"),
                ("username=u&password=p&text=x", 400, "Empty receiver number not allowed, rejected"),
                ("username=u&password=p&to=abc&text=x", 400, "Number(s) has/have been denied by white- and/or black-lists."),
                ("username=u&password=p&to=100&coding=9&text=x", 400, "Coding field misformed, rejected"),
                ("username=u&password=p&to=100&dlr-url=x&text=x", 400, "DLR-URL field misformed, rejected"),
            ]
            for (query, status, words) in cases {
                let got = try await send(world, query)
                #expect(got.status == status && got.body == words)
            }
            world.sandbox.switches.set(Fault(.status(503)), for: .kannel)
            #expect(try await send(world, "username=u&password=p&to=100&text=x").body == "Temporal failure, try again later.")
            #expect(world.ledger.count == 0)
        }
    }
}

@Suite struct GatewayTests {
    private func send(_ world: World, key: String?, _ body: String) async throws -> Got {
        try await world.curl(
            world.endpoints.https + "/sms",
            ["-H", "Authorization: Bearer k", "-H", "Content-Type: application/json"]
                + (key.map { ["-H", "Idempotency-Key: \($0)"] } ?? []),
            body: body)
    }

    @Test func sameKeySameBodyIsOneMessage() async throws {
        try await withSandbox { world in
            let body = #"{"to":"+12025550100","text":"held","ref":"att_1"}"#
            let first = try await send(world, key: "k1", body)
            let second = try await send(world, key: "k1", body)
            #expect(first.status == 200 && second.status == 200 && first.body == second.body)
            #expect(first.headers["idempotent-replayed"] == nil && second.headers["idempotent-replayed"] == "true")
            #expect(world.ledger.count == 1 && world.ledger.row(1)?.ids["ref"] == "att_1")
            let other = try await send(world, key: "k1", #"{"to":"+12025550100","text":"other"}"#)
            #expect(other.status == 409 && other.json?["error"]?.string == "idempotency_conflict")
            #expect(world.ledger.count == 1)
            _ = try await send(world, key: nil, body)
            _ = try await send(world, key: nil, body)
            #expect(world.ledger.count == 3)
        }
    }

    @Test("a key that came many times at once still makes one message") func race() async throws {
        try await withSandbox { world in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await send(world, key: "same", #"{"to":"+12025550100","text":"held"}"#).status } }
                for try await status in group { #expect(status == 200) }
            }
            #expect(world.ledger.count == 1)
        }
    }

    @Test func keysOutliveARestart() async throws {
        try await withDirectory { directory in
            var options = Sandbox.Options()
            options.directory = directory
            let body = #"{"to":"+12025550100","text":"held"}"#
            let first = try await withSandbox(options) { try await send($0, key: "k", body).body }
            try await withSandbox(options) { (world: World) async throws in
                #expect(try await send(world, key: "k", body).body == first)
                #expect(world.ledger.count == 1)
            }
        }
    }

    @Test func refuses() async throws {
        try await withSandbox { (world: World) async throws in
            #expect(try await send(world, key: nil, "{").status == 400)
            #expect(try await send(world, key: nil, #"{"to":"100","text":"x"}"#).status == 422)
            #expect(try await send(world, key: nil, #"{"to":"+12025550100"}"#).status == 400)
            #expect(try await world.curl(world.endpoints.https + "/sms", body: "{}").status == 401)
            #expect(try await world.curl(world.endpoints.https + "/sms").status == 405)
        }
    }
}
