import Core
import Foundation
import Sandbox
import Testing

@Suite struct PageTests {
    private func text(_ world: World, _ text: String, to: String = "100") async throws {
        let got = try await world.curl(
            world.endpoints.http + "/cgi-bin/sendsms",
            [
                "-G", "--data-urlencode", "text=\(text)", "--data-urlencode", "to=\(to)", "-d",
                "username=u&password=p&coding=2&from=%3Ci%3EBank",
            ])
        #expect(got.status == 202)
    }
    private func mail(_ world: World) async throws {
        let run = try await world.python(
            """
            with smtplib.SMTP_SSL(host, sport, context=tls) as s:
                s.sendmail("a@x.example", ["a@example.com"], "Subject: <script>s</script>\\r\\nContent-Type: text/html\\r\\n\\r\\n<script>alert(1)</script><p>hi</p>\\r\\n")
            """)
        #expect(run.exit == 0, "\(run.err)")
    }

    @Test func showsMessagesEscaped() async throws {
        try await withSandbox { world in
            try await text(world, #"<script>alert(1)</script> & "x" 提现"#)
            try await mail(world)
            let got = try await world.curl(world.endpoints.http + "/")
            #expect(got.status == 200 && got.headers["content-type"] == "text/html; charset=utf-8")
            #expect(got.body.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot; 提现"))
            #expect(got.body.contains("&lt;i&gt;Bank") && got.body.contains("&lt;script&gt;s&lt;/script&gt;"))
            #expect(
                got.body.components(separatedBy: "<script").count == 2 && !got.body.contains("<i>Bank") && !got.body.contains(" style="))
            #expect(
                got.headers["content-security-policy"]?.hasPrefix(
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'") == true)
            #expect(got.body.contains(#"<iframe sandbox loading="lazy" src="/_mail/2""#))
        }
    }

    @Test("the HTML of a mail has a path of its own, on which nothing runs") func mailFrame() async throws {
        try await withSandbox { world in
            try await mail(world)
            let got = try await world.curl(world.endpoints.http + "/_mail/1")
            #expect(got.status == 200 && got.body == "<script>alert(1)</script><p>hi</p>\n")
            let policy = try #require(got.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'") && policy.hasSuffix("sandbox") && !policy.contains("script-src"))
            #expect(got.headers["x-content-type-options"] == "nosniff")
            #expect(try await world.curl(world.endpoints.http + "/_mail/2").status == 404)
            #expect(try await world.curl(world.endpoints.http + "/_mail/x").status == 404)
        }
    }

    @Test("no full number, address or token is on the screen") func masks() async throws {
        try await withSandbox { world in
            try await text(world, "x", to: "+8613800138000")
            try await mail(world)
            let body = try await world.curl(world.endpoints.http + "/").body
            #expect(body.contains("+86***8000") && body.contains("a***@example.com"))
            #expect(!body.contains("13800138000") && !body.contains("a@example.com"))
        }
    }

    @Test func groupsByOwnerAndShowsTheInbox() async throws {
        var options = Sandbox.Options()
        options.owner = { ["100", "101"].contains($0) ? "Mei <Lin>" : nil }
        options.inbox = {
            [.init(owner: "Mei", items: [.init(at: Timestamp(milliseconds: 0), title: "On <hold>", body: "b", isRead: false)])]
        }
        options.inboxURL = "http://127.0.0.1:1/inbox"
        try await withSandbox(options) { world in
            for to in ["100", "101", "102"] { try await text(world, "x", to: to) }
            let body = try await world.curl(world.endpoints.http + "/").body
            #expect(body.components(separatedBy: "<article").count == 4)
            #expect(
                body.contains("Mei &lt;Lin&gt;") && body.contains("On &lt;hold&gt;") && body.contains("href=\"http://127.0.0.1:1/inbox\""))
            let one = try await world.curl(world.endpoints.http + "/_wall?to=102").body
            #expect(one.components(separatedBy: "class=\"sms\"").count == 2)
        }
    }

    @Test func saysThatNothingCame() async throws {
        try await withSandbox { (world: World) async throws in
            #expect(try await world.curl(world.endpoints.http + "/").body.contains("Nothing has arrived yet"))
            for path in ["/app.js", "/style.css", "/_healthz", "/_switches"] {
                #expect(try await world.curl(world.endpoints.http + path).status == 200)
            }
            let head = try await world.curl(world.endpoints.http + "/", ["-I"])
            #expect(head.status == 200 && head.body.isEmpty && head.exit == 0)
            #expect(try await world.curl(world.endpoints.http + "/nope").status == 404)
            #expect(try await world.curl(world.endpoints.https + "/").status == 404)
        }
    }

    @Test("another site can neither press the buttons nor read under a name of its own") func otherSites() async throws {
        try await withSandbox { world in
            let form = "provider=twilio&fail=status"
            #expect(
                try await world.curl(world.endpoints.http + "/_switch", ["-H", "Origin: http://evil.example"], body: form).status == 403)
            #expect(try await world.curl(world.endpoints.http + "/", ["-H", "Host: evil.example"]).status == 403)
            #expect(world.sandbox.switches.fault(for: .twilio) == .none)
            let own = try await world.curl(
                world.endpoints.http + "/_switch", ["-H", "Origin: \(world.endpoints.http)", "-H", "Accept: text/html"], body: form)
            #expect(own.status == 303 && own.headers["location"] == "/#switch-twilio")
            #expect(world.sandbox.switches.fault(for: .twilio) == Fault(.status(503)))
        }
    }

    @Test("an inbox that may have changed is told to a page that is open") func inboxEvents() async throws {
        let (changes, change) = AsyncStream<Void>.makeStream()
        var options = Sandbox.Options()
        options.inbox = { [] }
        options.inboxChanges = { changes }
        try await withSandbox(options) { world in
            change.yield()
            let run = try await world.python(
                """
                c = http.client.HTTPConnection("127.0.0.1", hport); c.request("GET", "/_events"); r = c.getresponse()
                while r.readline().strip() != b"event: inbox": pass
                print("told")
                """)
            #expect(run.out == "told\n", "\(run.err)")
        }
    }

    @Test("events come as they happen, and a reader that was away gets what it missed") func events() async throws {
        try await withSandbox { world in
            try await text(world, "one")
            let reader = """
                c = http.client.HTTPConnection("127.0.0.1", hport); c.request("GET", "/_events", headers=json.loads(sys.argv[1] if len(sys.argv) > 1 else "{}"))
                r = c.getresponse(); assert r.getheader("content-type") == "text/event-stream"
                """
            let follow = """
                def ids(r, n):
                    out = []
                    while len(out) < n:
                        line = r.readline().decode().strip()
                        if line.startswith("id:"): out.append(int(line[3:]))
                    return out
                def send(text):
                    k = http.client.HTTPConnection("127.0.0.1", hport); k.request("GET", "/cgi-bin/sendsms?username=u&password=p&to=100&text=" + text)
                    assert k.getresponse().status == 202

                """
            let run = try await world.python(
                follow + reader + """

                    r.readline()
                    send("two"); live = ids(r, 1)
                    c.close(); send("three"); send("four")
                    c.request("GET", "/_events", headers={"Last-Event-ID": str(live[-1])})
                    print(live, ids(c.getresponse(), 2))
                    """)
            #expect(run.out == "[2] [3, 4]\n", "\(run.err)")
        }
    }
}
