import Core
import FoundationEssentials
import Glibc
import Providers
import TestKit
import Testing
import Transport

/// SMS into a Kannel gateway whose SMS centre is its own `fakesmsc`: what that prints is what a handset would show.
@Suite(
    .enabled(if: Peers.has(Peers.bearerbox, Peers.smsbox, Peers.fakeSMSC), "Kannel is not installed: Tests/peers/install"), .serialized)
struct KannelPeerTests {
    /// bearerbox, the SMS centre that connects to it, and smsbox: each ready before the next.
    private final class Bench {
        let gateway, centre, box: ChildProcess
        let sendsms: UInt16
        private let directory: String

        init() async throws {
            let directory = temporaryPath("kannel")
            self.directory = directory
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let ports = try freePorts(4)
            sendsms = ports[3]
            var settings = try String(contentsOfFile: Peers.fixture("peers/kannel.conf"), encoding: .utf8)
            let words = ["ADMIN": "\(ports[0])", "SMSBOX": "\(ports[1])", "SMSC": "\(ports[2])", "SENDSMS": "\(ports[3])"]
            for (word, value) in words { settings.replace("@\(word)@", with: value) }
            settings.replace("@PASSWORD@", with: "hunter2-peer")
            settings.replace("@DIRECTORY@", with: directory)
            let file = directory + "/kannel.conf"
            try Data(settings.utf8).write(to: URL(filePath: file))
            gateway = try await ChildProcess(Peers.bearerbox, ["-v", "1", file], ready: "MAIN: Start-up done")
            let centre = ["-H", "127.0.0.1", "-r", "\(ports[2])", "-m", "0", "1 2 text x"]
            self.centre = try await ChildProcess(Peers.fakeSMSC, centre, ready: nil)
            _ = await gateway.line(with: "Fakesmsc client connected")
            box = try await ChildProcess(Peers.smsbox, ["-v", "1", file], ready: "Connected to bearerbox")
        }
        deinit {
            box.kill()
            centre.kill()
            gateway.kill()
            do { try FileManager.default.removeItem(atPath: directory) } catch { print("left behind: \(directory)") }
        }

        func send(_ text: String, password: String = "hunter2-peer", receipts: String? = nil) async throws -> Outcome {
            var values: [String: AccountSettings.Value.Kind] = [
                "url": .text("http://127.0.0.1:\(sendsms)/cgi-bin/sendsms"), "user": .text("tester"), "from": .text("10690000"),
                "password_file": .secret(Sensitive(password)),
            ]
            if receipts != nil { values["receipt_secret_file"] = .secret(Sensitive("secret-of-receipts-1")) }
            var settings = Peers.account(values)
            settings.receiptsURL = receipts
            let provider = try Kannel(settings)
            let account = TransportAccount(name: "acct", allowPlain: true, addresses: .loopbackOnly)
            let message = Peers.message(to: .phone(PhoneNumber("+8613800138000")!), .sms(text: text))
            return try await Peers.withTransport(account) { try await Peers.outcome(provider, message, over: $0).outcome }
        }
    }

    /// fakesmsc prints a UCS-2 text big endian and percent-encoded: letters and digits stand for themselves.
    private func ucs2(_ text: String) -> String {
        text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    @Test(.timeLimit(.minutes(1))) func aChineseTextArrivesAsUCS2() async throws {
        let bench = try await Bench()
        let text = "【示例支付】提现WD1需要确认 尾号1234"
        #expect(try await bench.send(text) == .accepted(id: ""))
        let shown = try #require(await bench.centre.line(with: "Got message 1:"))
        #expect(shown.contains("<10690000 +8613800138000 ucs-2 "))
        #expect(shown.replacing("%20", with: "+").contains(ucs2(text).replacing("%20", with: "+")), "\(shown) is not \(ucs2(text))")
    }

    @Test(.timeLimit(.minutes(1))) func aLatinTextArrivesAsGSM() async throws {
        let bench = try await Bench()
        #expect(try await bench.send("Example Pay: WD1 for £5 is on hold (ending 1234).") == .accepted(id: ""))
        let shown = try #require(await bench.centre.line(with: "Got message 1:"))
        #expect(shown.contains("<10690000 +8613800138000 text Example Pay: WD1 for £5 is on hold (ending 1234).>"), "\(shown)")
    }

    @Test(.timeLimit(.minutes(1))) func aWrongPasswordIsTheAccountsFault() async throws {
        let bench = try await Bench()
        #expect(try await bench.send("x", password: "wrong").class == .authConfig)
    }

    @Test(.timeLimit(.minutes(1))) func aReceiptNamesTheAttempt() async throws {
        let bench = try await Bench()
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        let callback = try ScriptedServer([[.readRequest, .send(answer)]])
        defer { callback.stop() }
        #expect(try await bench.send("held", receipts: "http://127.0.0.1:\(callback.port)/cb") == .accepted(id: ""))
        // Taken by the centre, then delivered.
        await callback.reached(steps: 2, onConnection: 0)
        await callback.reached(steps: 2, onConnection: 1)
        let lines = callback.received.compactMap { $0.split(separator: "\r\n").first.map(String.init) }
        #expect(lines.allSatisfy { $0.hasPrefix("GET /cb/") && $0.contains("?n=att_01J9ZK&type=") })
        #expect(lines.contains { $0.contains("type=8&") } && lines.contains { $0.contains("type=1&") }, "\(lines)")
    }
}
