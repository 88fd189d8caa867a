import Core
import Foundation
import Testing

@testable import Sandbox

@Suite struct ReceiptTests {
    @Test func whatCannotBeDeliveredIsSaidInEachProvidersWords() throws {
        var row = Row(.twilio, to: "+15558675310", from: "+15017122661", text: "x")
        row.ids = ["callback": "http://127.0.0.1:1/cb", "dlr_url": "http://127.0.0.1:1/cb"]
        let twilio = try #require(Twilio.receipt(row, n: 1, account: "AC1", secret: "12345", fate: .undelivered))
        #expect(twilio.body.contains("&ErrorCode=30003&") && twilio.body.contains("&MessageStatus=undelivered&"))
        #expect(Gateway.receipt(row, n: 1, fate: .undelivered)?.body == #"{"id":"gw-1","ref":null,"status":"undelivered"}"#)
    }

    @Test("calls that cannot be made are counted, however many") func counted() {
        let desk = ReceiptDesk()
        for _ in 0..<100_000 { desk.send(Receipt(url: "https://elsewhere.example/")) }
        #expect(desk.tally == (answered: 0, failed: 100_000))
    }

    @Test func twilioForm() throws {
        var row = Row(.twilio, to: "+15558675310", from: "+15017122661", text: "x")
        row.ids["callback"] = "https://disp.example.com/cb/twilio?n=01J9ZK#rc=3"
        let receipt = try #require(Twilio.receipt(row, n: 1, account: "AC1", secret: "12345"))
        #expect(
            receipt.body
                == "AccountSid=AC1&ApiVersion=2010-04-01&From=%2B15017122661&MessageSid=\(Twilio.sid(1))&MessageStatus=delivered&SmsSid=\(Twilio.sid(1))&SmsStatus=delivered&To=%2B15558675310"
        )
        #expect(receipt.headers.first { $0.name == "x-twilio-signature" }?.value.count == 28)
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func base64(plain: String, encoded: String) {
        #expect(base64Encoded(plain.utf8) == encoded && base64Decoded(encoded.utf8) == Array(plain.utf8))
    }

    @Test func kannelFillsItsEscapesOnly() {
        var row = Row(.kannel, to: "+86138", from: "10690000", text: "x")
        row.ids = ["callback": "http://127.0.0.1:1/cb?id=a%2Fb&type=%d&answer=%A&to=%P&x=%", "dlr_mask": "9"]
        #expect(Kannel.receipt(row, event: 1)?.url == "http://127.0.0.1:1/cb?id=a%2Fb&type=1&answer=&to=%2B86138&x=%")
        #expect(Kannel.receipt(row, event: 8)?.url == "http://127.0.0.1:1/cb?id=a%2Fb&type=8&answer=ACK%2F&to=%2B86138&x=%")
        #expect(Kannel.receipt(row, event: 2) == nil)
    }

    @Test(
        "calls go to this machine and nowhere else",
        arguments: [
            ("http://127.0.0.1:8080/cb?a=1#f", "/cb?a=1"), ("http://localhost:1", "/"), ("http://localhost:1?x", "/?x"),
            ("https://127.0.0.1:1/", nil),
            ("http://10.0.0.1:80/", nil), ("http://127.0.0.1.evil.example/", nil), ("http://a@127.0.0.1:80/", nil),
            ("http://127.0.0.1:0/", nil),
            ("http://127.0.0.1:80/\r\nx: y", nil),
        ])
    func targets(url: String, path: String?) { #expect(ReceiptDesk.Target(url)?.path == path) }

    @Test func callsBack() async throws {
        var options = Sandbox.Options()
        options.sendsReceipts = true
        try await withSandbox(options) { world in
            let run = try await world.python(
                """
                import threading, http.server, urllib.parse, hmac, hashlib, base64
                calls, done = [], threading.Semaphore(0)
                class H(http.server.BaseHTTPRequestHandler):
                    def take(self):
                        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                        if "x-twilio-signature" in self.headers:
                            form = dict(urllib.parse.parse_qsl(body))
                            signed = base + self.path + "".join(k + form[k] for k in sorted(form))
                            assert base64.b64encode(hmac.new(b"secret", signed.encode(), hashlib.sha1).digest()).decode() == self.headers["x-twilio-signature"]
                            body = form["MessageStatus"]
                        calls.append((self.command, self.path, body)); done.release()
                        self.send_response(204); self.end_headers()
                    do_GET = do_POST = take
                    def log_message(self, *a): pass
                server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
                threading.Thread(target=server.serve_forever, daemon=True).start()
                base = "http://127.0.0.1:%d" % server.server_port
                def send(method, path, body=None, **headers):
                    c = http.client.HTTPConnection("127.0.0.1", hport); c.request(method, path, body, headers); assert c.getresponse().status < 300
                account = "AC" + "0" * 32
                q = urllib.parse.urlencode
                send("POST", "/2010-04-01/Accounts/%s/Messages.json" % account, q(dict(To="+12025550100", From="+15005550006", Body="x", StatusCallback=base + "/t?a=1")),
                     Authorization="Basic " + base64.b64encode((account + ":secret").encode()).decode())
                send("GET", "/cgi-bin/sendsms?" + q(dict(username="u", password="p", to="100", text="x", **{"dlr-mask": 1, "dlr-url": base + "/k?type=%d"})))
                send("POST", "/sms", json.dumps(dict(to="+12025550100", text="x", ref="att_1", dlr_url=base + "/g")), **{"X-Api-Key": "k"})
                for _ in range(3): done.acquire()
                print(sorted(calls))
                """)
            #expect(run.exit == 0, "\(run.err)")
            #expect(
                run.out
                    == #"[('GET', '/k?type=1', ''), ('POST', '/g', '{"id":"gw-3","ref":"att_1","status":"delivered"}'), ('POST', '/t?a=1', 'delivered')]"#
                    + "\n")
        }
    }
}
