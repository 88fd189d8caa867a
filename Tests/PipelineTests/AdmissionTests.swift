import App
import Core
import Store
import Synchronization
import Testing

@testable import Pipeline

/// When intake says no, and to whom.
@Suite struct AdmissionTests {
    private static let marks = Admission.Marks(pending: 1000, free: 1000, log: 1000)
    private static let roomy = Admission.Space(free: 5000, log: 10)

    @Test(
        "by what waits, what is free and what is not copied back",
        arguments: [
            (900, roomy, true, true), (901, roomy, false, true), (1000, roomy, false, true), (1001, roomy, false, false),
            (0, .init(free: 999, log: 0), false, true), (0, .init(free: 249, log: 0), false, false),
            (0, .init(free: 1000, log: 1000), true, true),
            (0, .init(free: 1000, log: 1001), false, true), (0, .init(free: 1000, log: 2001), false, false), (0, nil, true, true),
        ] as [(Int, Admission.Space?, Bool, Bool)])
    func marks(pending: Int, space: Admission.Space?, takesAll: Bool, takesUrgent: Bool) {
        let refusal = Admission.refusal(Self.marks, pending: pending, space)
        #expect((refusal == nil) == takesAll && (refusal?.takesUrgent ?? true) == takesUrgent)
        if let refusal { #expect(refusal.retryAfter >= .seconds(5) && !refusal.words.isEmpty) }
    }

    @Test("a disk that gets full refuses bulk, then everything, stores nothing of it, and takes all again when there is room") func disk()
        async throws
    {
        try await withWorld { world in
            let free = Mutex(1_000_000)
            let admission = Admission(Self.marks, store: world.runtime.store) { Admission.Space(free: free.withLock { $0 }, log: 0) }
            let engine = world.engine
            let catalogue = engine.planner.catalogue
            let intake = Intake(
                store: world.runtime.store, reader: engine.intake.reader, clock: world.clock, accepted: engine.work, fresh: nil,
                through: nil,
                admission: admission
            ) { catalogue.isUrgent($0) }
            func take(_ event: JSON) async throws -> Bool {
                // As if a second had passed.
                admission.lookAgain()
                do {
                    _ = try await intake.accept([Intake.Raw(event.bytes)], from: .http)
                    return true
                } catch is Admission.Refusal {
                    return false
                }
            }
            let (limit, hold) = (Sample.limit, Sample(order: "WD2", anomaly: "an-2", customer: "CU2"))
            #expect(try await take(limit.detected()))
            free.withLock { $0 = 900 }
            #expect(try await !take(limit.with { $0.seq = 2 }.updated(step: "x")))
            #expect(try await take(hold.detected()))
            free.withLock { $0 = 100 }
            #expect(try await !take(hold.with { ($0.order, $0.anomaly) = ("WD3", "an-3") }.detected()))
            free.withLock { $0 = 1_000_000 }
            #expect(try await take(hold.with { ($0.order, $0.anomaly) = ("WD3", "an-3") }.detected()))
            try await engine.settle()
            #expect(try await world.accounting().accepted == 3)
        }
    }

    @Test("what waits to be planned is counted") func pending() async throws {
        try await withWorld { world in
            let admission = Admission(.init(pending: 10, free: 0), store: world.runtime.store) { nil }
            let intake = Intake(
                store: world.runtime.store, reader: world.engine.intake.reader, clock: world.clock, accepted: world.engine.work, fresh: nil,
                through: nil, admission: admission
            ) { _ in false }
            for n in 0..<10 {
                admission.lookAgain()
                _ = try await intake.accept(
                    [Intake.Raw(Sample(order: "WD\(n)", anomaly: "an-\(n)", customer: "CU\(n)").detected().bytes)], from: .http)
            }
            admission.lookAgain()
            await #expect(throws: Admission.Refusal.self) { try await intake.accept([Intake.Raw(Sample().detected().bytes)], from: .http) }
            try await world.engine.settle()
            admission.lookAgain()
            _ = try await intake.accept([Intake.Raw(Sample(order: "WD99", anomaly: "an-99").detected().bytes)], from: .http)
        }
    }
}
