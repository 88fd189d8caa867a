#if DEBUG
    import Core
    import FoundationEssentials
    import Glibc
    import Store
    import TestKit
    import Testing

    @testable import App

    /// Workers that end themselves while steps of an escalation fire; the next ones go on.
    @Suite(.serialized) struct EscalationKillTests {
        @Test("each step asks once, wherever a worker is killed", .timeLimit(.minutes(2))) func once() async throws {
            let world = try await KillWorld()
            let began = Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) - .hours(3)
            let file = world.directory + "/event.json"
            try Data(Self.event(at: began).bytes).write(to: URL(filePath: file))
            let sent = try await ChildProcess.run(world.program, ["event", "send", file, "--config", world.settings])
            #expect(sent.status == 0, "\(sent.text)")
            for point in [CrashPoint.timerDue, .insideT6, .timerDue, .insideT6] {
                let worker = try await world.worker(endingAt: point, pass: 1)
                #expect(await worker.ended() == -SIGKILL, "\(point): \(worker.text)")
            }
            for _ in 1...2 {
                let drained = try await world.drain()
                #expect(drained.status == 0, "\(drained.text)")
            }
            let store = try world.openStore()
            let (reviews, timers) = try await store.read { reader in
                (
                    try reader.reviews(onlyOpen: false, limit: 99).filter { $0.cause == .escalation },
                    try reader.timers(ofEpisode: 1).filter { $0.step == .escalation }
                )
            }
            try await store.close()
            #expect(timers.map(\.state) == [.fired, .fired, .fired])
            #expect(
                Set(reviews.map { String($0.detail.prefix { $0 != ":" }) })
                    == ["step 1 of 3, on_call", "step 2 of 3, incident_lead", "step 3 of 3, management"])
            #expect(reviews.count == 3)
        }

        /// A fault of the platform that began before all of its steps were due.
        private static func event(at moment: Timestamp) -> JSON {
            [
                "specversion": "1.0", "id": "ev-1", "source": "/kill", "type": "com.example.payout.anomaly.detected", "subject": "WD1",
                "time": .string(moment.description),
                "data": [
                    "schema": 1, "payout_id": "WD1", "seq": 1, "anomaly_id": "an-1", "kind": "platform_error", "stage": "detected",
                    "funds_state": "held", "occurred_at": .string(moment.description), "channel": "modulr", "rail": "uk_fps",
                    "bank": ["code": "BARCGB22", "name": "Barclays"], "account": ["type": "account", "bin": "999945", "last4": "7132"],
                    "amount": ["minor": 1000, "currency": "GBP"], "submitted_at": .string(moment.description),
                    "customer": [
                        "id": "CU1", "locale": "en", "time_zone": "UTC", "phone": "+447700900001", "mail": .null, "push_token": .null,
                        "private_preview": false,
                    ],
                ],
            ]
        }
    }
#endif
