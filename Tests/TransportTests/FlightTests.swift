import Core
import Foundation
import TestKit
import Testing

@testable import Transport

/// A recorder in a directory of its own.
struct FlightBox {
    static let boot = "0b5c4f6e-1c6f-4f43-9d0a-8a1e7f4f2b11"
    static let attempt = "att_4ATV8CGKAYFNNTXDJVW5JZ0689"
    let directory: String
    let recorder: FlightRecorder
    let file: String

    init(slots: Int = 8, boot: String = FlightBox.boot) throws {
        directory = temporaryPath("flight")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        file = directory + "/clarion.flight"
        recorder = try FlightRecorder(directory: directory, slots: slots, bootID: boot)
        try recorder.publish()
    }

    /// Of a transaction that was committed.
    func claim(_ attempt: String = FlightBox.attempt) throws -> FlightSlot {
        let batch = recorder.batch()
        let slot = try #require(batch.claim(attempt))
        batch.keep()
        return slot
    }
    /// As the next process reads it.
    var log: FlightLog { FlightLog.read(directory: directory, bootID: Self.boot) }
    func change(_ change: (inout Data) -> Void) throws {
        var bytes = try Data(contentsOf: URL(filePath: file))
        change(&bytes)
        try bytes.write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    }
}

/// The file: what is written is read, and what is not whole is not believed.
@Suite struct FlightFileTests {
    @Test("each phase is found by the next process", arguments: FlightPhase.allCases)
    func phases(_ phase: FlightPhase) throws {
        let box = try FlightBox()
        let slot = try box.claim()
        slot.advance(to: phase)
        #expect(box.log.phase(of: FlightBox.attempt, inSlot: slot.number) == phase)
        let found = box.log.found(FlightBox.attempt, inSlot: slot.number)
        switch phase {
        case .intent, .connected: #expect(found == .notStarted)
        case .requestStarted, .firstByte: #expect(found == .inDoubt)
        // Without an answer it is no proof.
        case .parsed: #expect(found == nil)
        }
    }

    @Test("a phase is never lowered, but for a second sending") func rises() throws {
        let box = try FlightBox()
        let slot = try box.claim()
        slot.advance(to: .firstByte)
        slot.advance(to: .connected)
        #expect(box.log.phase(of: FlightBox.attempt, inSlot: slot.number) == .firstByte)
        slot.restart()
        #expect(box.log.found(FlightBox.attempt, inSlot: slot.number) == .notStarted)
    }

    @Test(
        "an answer is found with the provider's id",
        arguments: ["", "SM0123456789abcdef", "projects/pay/messages/0:1500415314455276%31bd1c", "号-7", String(repeating: "x", count: 216)])
    func taken(_ id: String) throws {
        let box = try FlightBox()
        let slot = try box.claim()
        slot.parsed(.taken(id: id))
        #expect(box.log.found(FlightBox.attempt, inSlot: slot.number) == .answered(.taken(id: id)))
    }

    @Test("an id that is too long costs the id, not the proof") func longID() throws {
        let box = try FlightBox()
        let slot = try box.claim()
        slot.parsed(.taken(id: String(repeating: "x", count: 217)))
        #expect(box.log.found(FlightBox.attempt, inSlot: slot.number) == .answered(.taken(id: "")))
        slot.parsed(.notTaken)
        #expect(box.log.found(FlightBox.attempt, inSlot: slot.number) == .answered(.notTaken))
    }

    @Test("every bit of a slot counts: with one changed nothing is known of its attempt, and its neighbour stands")
    func flippedBits() throws {
        let box = try FlightBox()
        let (slot, other) = (try box.claim(), try box.claim("att_0SZC0PAJ9D8AYGQDSMGW5YSSEM"))
        slot.parsed(.taken(id: "SM42"))
        let whole = try Data(contentsOf: URL(filePath: box.file))
        let start = FlightRecorder.headSize + (slot.number - 1) * FlightRecorder.slotSize
        for bit in 0..<8 * (FlightSlot.idPlace + 4) {
            try box.change { bytes in
                bytes = whole
                bytes[start + bit / 8] ^= 1 << (bit % 8)
            }
            #expect(box.log.found(FlightBox.attempt, inSlot: slot.number) == nil, "bit \(bit)")
            #expect(box.log.found("att_0SZC0PAJ9D8AYGQDSMGW5YSSEM", inSlot: other.number) == .notStarted)
        }
    }

    struct Damage: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var work: @Sendable (FlightBox) throws -> Void
    }
    @Test(
        "a file that is not the one that was written counts as absent",
        arguments: [
            Damage(testDescription: "missing") { try FileManager.default.removeItem(atPath: $0.file) },
            Damage(testDescription: "empty") { try $0.change { $0 = Data() } },
            Damage(testDescription: "cut in the head") { try $0.change { $0 = $0.prefix(64) } },
            Damage(testDescription: "head only") { try $0.change { $0 = $0.prefix(4096) } },
            Damage(testDescription: "cut inside a slot") { try $0.change { $0 = $0.dropLast(1) } },
            Damage(testDescription: "a slot short") { try $0.change { $0 = $0.dropLast(256) } },
            Damage(testDescription: "a slot longer") { try $0.change { $0.append(Data(repeating: 0, count: 256)) } },
            Damage(testDescription: "another mark") { try $0.change { $0[0] ^= 1 } },
            Damage(testDescription: "another version") { try $0.change { $0[8] = 2 } },
            Damage(testDescription: "a boot id with a bit changed") { try $0.change { $0[30] ^= 4 } },
            Damage(testDescription: "a check with a bit changed") { try $0.change { $0[90] ^= 4 } },
            Damage(testDescription: "zeros") { try $0.change { $0 = Data(repeating: 0, count: $0.count) } },
            Damage(testDescription: "readable by others") {
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: $0.file)
            },
            Damage(testDescription: "a link") {
                try FileManager.default.moveItem(atPath: $0.file, toPath: $0.file + ".real")
                try FileManager.default.createSymbolicLink(atPath: $0.file, withDestinationPath: $0.file + ".real")
            },
            Damage(testDescription: "a directory") {
                try FileManager.default.removeItem(atPath: $0.file)
                try FileManager.default.createDirectory(atPath: $0.file, withIntermediateDirectories: false)
            },
        ])
    func damaged(_ damage: Damage) throws {
        let box = try FlightBox()
        let slot = try box.claim()
        #expect(!box.log.isAbsent)
        try damage.work(box)
        #expect(box.log.isAbsent && box.log.found(FlightBox.attempt, inSlot: slot.number) == nil)
    }

    @Test("after a boot, nothing is known") func anotherBoot() throws {
        let box = try FlightBox()
        let slot = try box.claim()
        let log = FlightLog.read(directory: box.directory, bootID: "another")
        #expect(log.isAbsent && log.found(FlightBox.attempt, inSlot: slot.number) == nil)
    }

    @Test("a slot speaks of its own attempt only, and no slot of none") func strangers() throws {
        let box = try FlightBox()
        let slot = try box.claim()
        #expect(box.log.found("att_0SZC0PAJ9D8AYGQDSMGW5YSSEM", inSlot: slot.number) == nil)
        for number in [0, -1, 2, 8, 9, .max] { #expect(box.log.found(FlightBox.attempt, inSlot: number) == nil) }
    }

    @Test("slots are given back by commits and by transactions that were undone, and never lent twice") func slots() throws {
        let box = try FlightBox(slots: 4)
        let first = box.recorder.batch()
        let claimed = (0..<5).map { first.claim("att_\($0)") }
        #expect(Set(claimed.compactMap { $0?.number }) == [1, 2, 3, 4] && claimed[4] == nil)
        first.abandon()
        #expect(box.log.found("att_0", inSlot: claimed[0]!.number) == nil)

        let second = box.recorder.batch()
        let two = try (5..<7).map { try #require(second.claim("att_\($0)")) }
        second.drop(two[0])
        second.keep()
        #expect(box.log.found("att_5", inSlot: two[0].number) == nil)
        #expect(box.log.found("att_6", inSlot: two[1].number) == .notStarted)
        let third = box.recorder.batch()
        #expect((7..<11).compactMap { third.claim("att_\($0)") }.count == 3)
        third.abandon()
        box.recorder.release([two[1]])
        let last = box.recorder.batch()
        #expect((11..<15).compactMap { last.claim("att_\($0)") }.count == 4)
    }

    @Test("the last process's file stays until the new one takes its place") func publish() throws {
        let box = try FlightBox()
        let slot = try box.claim()
        slot.advance(to: .requestStarted)
        let next = try FlightRecorder(directory: box.directory, slots: 3, bootID: FlightBox.boot)
        #expect(box.log.found(FlightBox.attempt, inSlot: slot.number) == .inDoubt)
        try next.publish()
        #expect(!box.log.isAbsent && box.log.found(FlightBox.attempt, inSlot: slot.number) == nil)
        let mode = try FileManager.default.attributesOfItem(atPath: box.file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func aDirectoryThatIsNotThereIsSaid() {
        let problem = #expect(throws: FlightProblem.self) {
            _ = try FlightRecorder(directory: "/nowhere", slots: 1, bootID: FlightBox.boot)
        }
        #expect(problem?.description.hasPrefix("/nowhere/clarion.flight.new: ") ?? false)
    }
}

/// How far a transfer came is in the file before it can have come so far.
@Suite struct FlightPhaseTests {
    private static let greeting = SMTPTests.greeting
    private static let envelope = SMTPTests.envelope

    struct Course: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var script: [ScriptedServer.Step]
        var phase: FlightPhase
        var isMail = false
        init(_ words: String, _ script: [ScriptedServer.Step], _ phase: FlightPhase, isMail: Bool = false) {
            (testDescription, self.script, self.phase, self.isMail) = (words, script, phase, isMail)
        }
    }

    @Test(
        "what is found after a transfer that broke off",
        arguments: [
            Course("hung up after the request", [.readRequest], .requestStarted),
            Course("reset after the request", [.readRequest, .reset], .requestStarted),
            Course("half a head", [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-")], .firstByte),
            Course("half a body", [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal")], .firstByte),
            Course("all of it", answering(1), .firstByte),
            Course("mail: hung up at once", [], .intent, isMail: true),
            Course("mail: refused at the greeting", [.send("554 no\r\n"), .hold], .intent, isMail: true),
            Course("mail: refused at RCPT", greeting + envelope.prefix(3) + [.send("550 no\r\n"), .hold], .connected, isMail: true),
            Course("mail: hung up instead of 354", greeting + envelope.prefix(5), .connected, isMail: true),
            Course("mail: hung up after the mail", greeting + envelope + [.readMessage], .requestStarted, isMail: true),
            Course("mail: accepted", greeting + SMTPTests.accepted + [.hold], .firstByte, isMail: true),
        ])
    func course(_ course: Course) async throws {
        let box = try FlightBox()
        let slot = try box.claim()
        let server = try ScriptedServer([course.script])
        let call = course.isMail ? mailCall(server.mailURL) : httpCall(server.url)
        try await completes(call, slot, plainAccount())
        #expect(box.log.phase(of: FlightBox.attempt, inSlot: slot.number) == course.phase)
    }

    @Test("no connection, no TLS: the intent stands alone") func noConnection() async throws {
        let box = try FlightBox()
        let slot = try box.claim()
        try await completes(httpCall("http://127.0.0.1:\(try freePorts(1)[0])/"), slot, plainAccount())
        #expect(box.log.phase(of: FlightBox.attempt, inSlot: slot.number) == .intent)
        let (authority, stranger) = (try TestAuthority(), try TestAuthority())
        let server = try ScriptedServer([answering(1)])
        let front = try await TLSFront(authority, to: server.port)
        try await completes(httpCall("https://localhost:\(front.port)/"), slot, TLSTests.account(stranger))
        #expect(box.log.phase(of: FlightBox.attempt, inSlot: slot.number) == .intent && server.count(of: "POST") == 0)
    }

    @Test("a provider that has a request or a mail has one that is recorded as started", arguments: [false, true])
    func beforeTheBytes(_ isMail: Bool) async throws {
        let box = try FlightBox()
        let slot = try box.claim()
        let script = isMail ? Self.greeting + Self.envelope + [.readMessage, .wait] : [.readRequest, .wait]
        let server = try ScriptedServer([script])
        let collector = LoopTests.Collector(1)
        try await withTransport(plainAccount()) { transport in
            transport.onCompletions { collector.take($0) }
            let call = isMail ? mailCall(server.mailURL) : httpCall(server.url)
            #expect(transport.submit([Submission(ticket: 1, account: "acct", call: call, flight: slot)]).isEmpty)
            await server.reached(steps: script.count - 1)
            #expect(box.log.found(FlightBox.attempt, inSlot: slot.number) == .inDoubt)
            server.go()
            _ = await collector.all
        }
    }

    private func completes(_ call: ProviderCall, _ slot: FlightSlot, _ account: TransportAccount) async throws {
        let collector = LoopTests.Collector(1)
        try await withTransport(account) { transport in
            transport.onCompletions { collector.take($0) }
            #expect(transport.submit([Submission(ticket: 1, account: "acct", call: call, flight: slot)]).isEmpty)
            _ = await collector.all
        }
    }
}
