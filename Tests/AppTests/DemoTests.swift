import Config
import Core
import Sandbox
import Terminal
import TestKit
import Testing

@testable import App

struct DemoTests {
    @Test func everyEventOfTheStoryIsTrueToTheContract() throws {
        let configuration = try SampleEventsTests.configuration()
        let prefix = configuration.settings.eventTypePrefix
        let reader = EventReader(typePrefix: prefix, rails: Set(configuration.catalogue.rails.keys))
        let samples = EventSamples(seed: 7, typePrefix: prefix, catalogue: configuration.catalogue)
        let story = DemoStory(now: SampleEventsTests.now, samples)
        var customers: Set<String> = []
        for event in story.beats.flatMap(\.events) {
            guard case .anomaly(let anomaly) = try reader.read(event, now: SampleEventsTests.now).event.body else {
                Issue.record("no anomaly")
                continue
            }
            customers.insert(anomaly.customer.id)
            #expect(event["time"]?.string ?? "" <= SampleEventsTests.now.description)
        }
        // The page knows each of them by name.
        #expect(customers.isSubset(of: DemoStory.people.map(\.id)))
        #expect(customers.count == 6)
        #expect(story.showcase != nil && story.beats.contains { $0.broken != nil } && story.beats.contains { $0.events.count == 24 })
    }

    @Test func aCodeThatIsAskedForIsSent() throws {
        let catalogue = try SampleEventsTests.configuration().catalogue
        var samples = EventSamples(seed: 1, typePrefix: "p.", catalogue: catalogue)
        for code in ["BRAND_NEW_CODE", "RISK_MATERIALS_NEEDED", "RISK_RULE_HIT"] {
            let event = samples.detected(.riskHold, of: nil, code: code, at: SampleEventsTests.now).event
            #expect(event["data"]?["reason"]?["code"]?.string == code)
            #expect((event["data"]?["details"]?["variant"] != nil) == (code == "RISK_MATERIALS_NEEDED") || code == "BRAND_NEW_CODE")
        }
    }

    @Test func aPortThatIsTakenIsNamedOrAvoided() throws {
        #expect(try DemoPorts(from: nil, isFree: { _ in true }) == DemoPorts(from: nil) { _ in true })
        let free = try DemoPorts(from: nil) { $0 != 8081 }
        #expect(free.http == 8080 && free.page == 0)
        let moved = try DemoPorts(from: 9000) { _ in true }
        #expect([moved.http, moved.page, moved.https, moved.smtp] == [9000, 9001, 9002, 9003])
        do {
            _ = try DemoPorts(from: 9000) { $0 != 9002 }
            Issue.record("taken")
        } catch {
            #expect(error.status == .unavailable && error.detail.contains("127.0.0.1:9002"))
        }
        #expect(throws: Fault.self) { try DemoPorts(from: 65535) { _ in true } }
    }

    @Test func aPortThatAnotherProcessHasIsNotFree() async throws {
        let world = try await KillWorld()
        let port = try #require(Int(world.endpoints.http.split(separator: ":").last ?? ""))
        #expect(!LoopbackPort.isFree(port) && LoopbackPort.isFree(0))
        // What needs it says which, and which setting.
        let directory = world.directory + "/other"
        let environment = [
            "CLARION_STORE_DIRECTORY": directory, "CLARION_SANDBOX_DIRECTORY": directory + "/sandbox",
            "CLARION_SANDBOX_PAGE_PORT": "\(port)",
        ]
        for command in ["run", "worker", "sandbox"] {
            let ended = try Program.run([command], environment: environment)
            #expect(ended.status == 69 && ended.errors.contains("sandbox.page_port: 127.0.0.1:\(port) is taken"), "\(ended.errors)")
        }
        let listening = try Program.run(["run", "--listen", "127.0.0.1:\(port)"], environment: environment)
        #expect(listening.status == 69 && listening.errors.contains("listen: 127.0.0.1:\(port) is taken"))
    }
}
