import Foundation
import PreviewPage
import TestKit
import Testing

@testable import App

/// The page of `clarion preview --serve`, over a real socket, with texts and settings of the test's own.
@Suite("live preview") struct LivePreviewTests {
    private struct World {
        let root: URL
        let page: LivePreview.Page

        /// A page over a copy of the shipped texts and settings.
        static func with(before: (URL) throws -> Void = { _ in }, _ body: (World) async throws -> Void) async throws {
            let root = FileManager.default.temporaryDirectory.appending(path: "clarion-page-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
            defer {
                do { try FileManager.default.removeItem(at: root) } catch { Issue.record("\(error)") }
            }
            for part in ["templates", "config"] {
                try FileManager.default.copyItem(at: Program.root.appending(path: part), to: root.appending(path: part))
            }
            try before(root)
            let settings = SettingsOfCommand(GlobalOptions(config: root.appending(path: "config/clarion.yaml").path), [:])
            let world = World(root: root, page: try await LivePreview.open(settings, port: 0))
            do {
                try await body(world)
                await world.page.close()
            } catch {
                await world.page.close()
                throw error
            }
        }

        private var port: Int { URL(string: page.server.url)?.port ?? 0 }

        func get(_ path: String, method: String = "GET", host: String? = nil, more: String = "") async throws -> Wire.Reply {
            let wire = try Wire(port: port)
            try wire.send("\(method) \(path) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(port)")\r\n\(more)\r\n")
            return try await wire.reply()
        }

        /// A stream of events, from now on.
        func events() async throws -> Wire {
            let wire = try Wire(port: port)
            try wire.send("GET /events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n")
            _ = try await wire.read(to: "retry: 1000")
            return wire
        }

        func change(_ file: String, _ old: String, _ new: String) throws {
            let url = root.appending(path: file)
            let text = try String(contentsOf: url, encoding: .utf8)
            #expect(text.contains(old), "\(file) says something else by now")
            try Data(text.replacing(old, with: new).utf8).write(to: url)
        }
    }

    private static let delay = "/?kind=bank_delay&locale=en"

    @Test("phone, lock screen, inbox and mailbox, each quoted in its language") func cards() async throws {
        try await World.with { world async throws in
            let page = try await world.get(Self.delay)
            #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.text.contains("1 part · 148 of 160 units · GSM-7"))
            #expect(page.text.contains(#"<p class="bubble" lang="en" dir="ltr"><span>Example Pay: Commerzbank is slow today."#))
            #expect(page.text.contains("<b>Your withdrawal will arrive later</b>") && page.text.contains("<b>Withdrawal update</b>"))
            #expect(page.text.contains(#"<iframe sandbox class="wide" src="/mail?kind=bank_delay&amp;stage=opened&amp;locale=en""#))
            #expect(page.text.contains("Texts of revision <code>") && !page.text.contains("Not yet reviewed"))
            let arabic = try await world.get("/?kind=bank_delay&locale=ar").text
            #expect(arabic.contains(#"<p class="bubble" lang="ar" dir="rtl">"#) && arabic.contains("Not yet reviewed by a native speaker"))
            #expect(arabic.contains("Where it is cut") && arabic.contains("67 units"))
            let plain = try await world.get(Self.delay + "&mail=text&narrow=on").text
            #expect(plain.contains(#"<div class="plain narrow" lang="en" dir="ltr">Hello,"#) && !plain.contains("<iframe"))
            let variant = try await world.get("/?kind=risk_hold&locale=en&variant=materials").text
            #expect(variant.contains("We need something from you") && variant.contains(#"<option value="materials" selected>"#))
            // A variant that the kind has not, after another kind was chosen, is no mistake.
            let other = try await world.get(Self.delay + "&variant=materials")
            #expect(other.status == 200 && other.text.contains("this kind has no variant “materials”"))
        }
    }

    @Test("the mailbox's list shows what stands behind the subject") func preheader() async throws {
        try await World.with { world async throws in
            let text = try await world.get(Self.delay).text
            let row = try #require(text.firstRange(of: #"<p class="preheader" lang="en" dir="ltr">"#))
            let said = text[row.upperBound...].prefix { $0 != "<" }
            // The next step of the mail, as it is hidden at its beginning.
            #expect(said.count > 40)
            let mail = try await world.get("/mail?" + Self.delay.dropFirst(2)).text
            #expect(mail.contains("mso-hide:all;\">\(said)</div>"))
        }
    }

    @Test("a wording can be chosen, and one that there is not is said to be none") func wordings() async throws {
        try await World.with(before: { root in
            // Every language has the same ones.
            for file in try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "templates/not_arrived").path)
            where file != "fixtures.yaml" {
                let url = root.appending(path: "templates/not_arrived/\(file)")
                let text = try String(contentsOf: url, encoding: .utf8)
                let start = try #require(text.firstRange(of: "opened:"))
                let opened = text[start.lowerBound...].split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
                let plain = opened.replacing(#"title: ""#, with: #"title: "Plain. "#)
                try Data("\(text)\nwordings:\n  plain:\n    weight: 20\n\(plain)\n".utf8).write(to: url)
            }
        }) { world async throws in
            let usual = try await world.get("/?kind=not_arrived&locale=en").text
            #expect(usual.contains(#"<option value="plain">Plain, 20 %</option>"#) && !usual.contains("<b>Plain. "))
            let plain = try await world.get("/?kind=not_arrived&locale=en&wording=plain").text
            #expect(plain.contains(#"<option value="plain" selected>"#) && plain.contains("<b>Plain. "))
            #expect(try await world.get(Self.delay + "&wording=plain").text.contains("this kind has no wording “plain”"))
        }
    }

    @Test("zone and length of the values are the address's") func values() async throws {
        try await World.with { world async throws in
            #expect(try await world.get(Self.delay).text.contains("expect it by 21 Nov 18:00"))
            #expect(try await world.get(Self.delay + "&zone=Europe/Berlin").text.contains("expect it by 21 Nov 11:00"))
            #expect(try await world.get(Self.delay + "&size=long").text.contains("Standard Chartered is slow today"))
        }
    }

    @Test("all languages of one notice") func languages() async throws {
        try await World.with { world async throws in
            let page = try await world.get("/all?kind=bank_delay").text
            for locale in ["zh-Hans", "en", "ar", "pt-BR", "th"] { #expect(page.contains(#"<li id="in-\#(locale)">"#)) }
            #expect(page.contains("【示例支付】") && page.contains("示例支付</bdi>") && !page.contains("<iframe"))
        }
    }

    @Test("nothing on the page runs or loads what is not its own") func policies() async throws {
        try await World.with { world async throws in
            let page = try await world.get(Self.delay)
            let policy = try #require(page.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'"))
            #expect(page.text.components(separatedBy: "<script").count == 2 && !page.text.contains(" style="))
            let mail = try await world.get("/mail?kind=bank_delay&locale=en")
            let strict = try #require(mail.headers["content-security-policy"])
            #expect(strict.hasPrefix("default-src 'none'") && strict.hasSuffix("sandbox") && !strict.contains("script-src"))
            #expect(mail.text.contains("<!doctype html>") && mail.text.contains("@media not all {"))
            #expect(try await world.get("/mail?kind=bank_delay&locale=en&dark=on").text.contains("@media all {"))
            for path in ["/", "/app.js", "/style.css"] {
                #expect(try await world.get(path).headers["x-content-type-options"] == "nosniff")
            }
        }
    }

    @Test(
        "what does not exist is said",
        arguments: [
            ("/?kind=bank_dela", 404, "There is no kind “bank_dela”.</h1><p>Did you mean bank_delay?"),
            ("/?locale=xx", 400, "There is no locale “xx”.</h1><p>Known: zh-Hans, zh-Hant, en"),
            ("/?stage=%3Cb%3E", 400, "There is no stage “&lt;b&gt;”."),
            ("/?zone=Mars/Olympus", 400, "There is no time zone “Mars/Olympus”."),
            ("/mail?kind=x", 404, "There is no kind “x”."), ("/nothing", 404, "There is no such page."),
        ])
    func refusals(_ path: String, _ status: Int, _ words: String) async throws {
        try await World.with { world async throws in
            let got = try await world.get(path)
            #expect(got.status == status && got.text.contains(words), "\(got.text)")
        }
    }

    @Test("only this machine's own page is answered") func strangers() async throws {
        try await World.with { world async throws in
            for host in ["evil.example", "127.0.0.1.evil.example:8090"] { #expect(try await world.get("/", host: host).status == 403) }
            #expect(try await world.get("/events", host: "evil.example").status == 403)
            #expect(try await world.get("/", more: "Origin: http://evil.example\r\n").status == 403)
            #expect(try await world.get("/", host: "localhost").status == 200)
            #expect(try await world.get("/", method: "POST", more: "Content-Length: 0\r\n").status == 405)
        }
    }

    @Test("markup in a text is text") func escaping() async throws {
        try await World.with { world async throws in
            try world.change("templates/bank_delay/en.yaml", "is slow today.", "is <b>&\\\".")
            let page = try await world.get(Self.delay).text
            #expect(page.contains("Commerzbank is &lt;b&gt;&amp;&quot;. Withdrawal") && !page.contains("is <b>"))
        }
    }

    @Test("a save is announced, and shown") func save() async throws {
        try await World.with { world async throws in
            let events = try await world.events()
            try world.change("templates/bank_delay/en.yaml", "is slow today", "is very slow")
            _ = try await events.read(to: "event: changed")
            #expect(try await world.get(Self.delay).text.contains("Commerzbank is very slow."))
            // As editors do: a new file in the place of the old one.
            let file = world.root.appending(path: "templates/bank_delay/en.yaml")
            let text = try String(contentsOf: file, encoding: .utf8).replacing("is very slow", with: "is slow still")
            try Data(text.utf8).write(to: file, options: .atomic)
            _ = try await events.read(to: "event: changed")
            #expect(try await world.get(Self.delay).text.contains("Commerzbank is slow still."))
            try world.change("config/clarion.yaml", "en: Example Pay", "en: Other Pay")
            _ = try await events.read(to: "event: changed")
            #expect(try await world.get(Self.delay).text.contains("Other Pay: Commerzbank is slow still."))
        }
    }

    @Test("a mistake is shown with its place, over the texts of before") func mistake() async throws {
        try await World.with { world async throws in
            let events = try await world.events()
            try world.change("templates/bank_delay/en.yaml", "is slow today", "is very slow")
            _ = try await events.read(to: "event: changed")
            _ = try await world.get(Self.delay)
            try world.change("templates/bank_delay/en.yaml", "{bank} is very slow", "{bnak} is very slow")
            _ = try await events.read(to: "event: changed")
            let page = try await world.get(Self.delay).text
            #expect(page.contains(#"<code class="place">templates/bank_delay/en.yaml:5:18</code> <b>opened.sms</b>: unknown field {bnak}"#))
            #expect(page.contains(#"sms: &quot;{brand}: <mark>{</mark>bnak} is very slow"#) && page.contains("did you mean {bank}?"))
            #expect(page.contains("As they were before the mistake") && page.contains("Commerzbank is very slow."))
            // Not looked at before: the texts as the page found them. Other kinds do not suffer.
            let first = try await world.get("/?kind=bank_delay&locale=de").text
            #expect(first.contains("As they were before the mistake") && first.contains("Commerzbank braucht heute länger"))
            #expect(try await !world.get("/?kind=risk_hold&locale=en").text.contains("As they were before"))
            try world.change("templates/bank_delay/en.yaml", "{bnak}", "{bank}")
            _ = try await events.read(to: "event: changed")
            #expect(try await !world.get(Self.delay).text.contains("As they were before"))
        }
    }

    @Test("files that were broken from the start show what is wrong, and the text once it is mended") func brokenFromTheStart() async throws
    {
        let file = "templates/bank_delay/en.yaml"
        let breaking = { (root: URL) in
            let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
            try Data(text.replacing("{bank} is slow", with: "{bnak} is slow").utf8).write(to: root.appending(path: file))
        }
        try await World.with(before: breaking) { world async throws in
            let page = try await world.get(Self.delay)
            #expect(page.status == 200 && page.text.contains("Nothing can be shown until they are mended."))
            #expect(page.text.contains("There is no text to show until the mistakes are mended.") && page.text.contains("No texts"))
            #expect(try await world.get("/mail?kind=bank_delay&locale=en").status == 404)
            try world.change(file, "{bnak}", "{bank}")
            #expect(try await world.get(Self.delay).text.contains("Example Pay: Commerzbank is slow today."))
        }
    }

    @Test("settings that cannot be read leave those of before") func settings() async throws {
        try await World.with { world async throws in
            try world.change("config/clarion.yaml", "templates:", "tempaltes:")
            let page = try await world.get(Self.delay).text
            #expect(page.contains("config/clarion.yaml:") && page.contains("tempaltes") && page.contains("Example Pay: Commerzbank"))
        }
    }

    @Test("the letter that makes an SMS dear is marked") func dear() async throws {
        try await World.with { world async throws in
            // A bank's own name, of a script that no English text allows for; one of the platform is refused in the settings.
            try world.change("templates/bank_delay/fixtures.yaml", "usual:\n", "chinese:\n  title: t\n  values: { bank: 支付银行 }\nusual:\n")
            let page = try await world.get(Self.delay + "&fixture=chinese").text
            #expect(page.contains("<mark>支</mark>") && page.contains("“支” (U+652F) is not in the GSM alphabet") && page.contains("UCS-2"))
        }
    }

    @Test("the command prints the address, and ends at the first signal with a stream open") func command() async throws {
        let child = try await ChildProcess(
            Program.path.path, ["preview", "risk_hold", "--serve", "--port", "0"],
            environment: ["CLARION_CONFIG": Program.root.appending(path: "config/clarion.yaml").path], ready: "Preview   http://127.0.0.1:")
        let line = try #require(child.lines.first { $0.hasPrefix("Preview") })
        #expect(line.contains("/?kind=risk_hold&stage=opened&locale=zh-Hans   (this machine alone; Ctrl-C ends)"))
        let port = try #require(line.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) })
        let wire = try Wire(port: port)
        try wire.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = try await wire.read(to: "retry: 1000")
        let taken = try Program.run(["preview", "--serve", "--port", "\(port)"])
        #expect(taken.status == 69 && taken.errors.contains("port: 127.0.0.1:\(port) is taken by another process"))
        #expect(child.stop() == 0)
        _ = await wire.readToEnd()
    }

    @Test(arguments: [["--port", "1"], ["--serve", "--port", "70000"], ["--serve", "--all"], ["--serve", "--html", "x"]])
    func usage(_ arguments: [String]) throws {
        #expect(try Program.run(["preview"] + arguments).status == 64)
    }
}
