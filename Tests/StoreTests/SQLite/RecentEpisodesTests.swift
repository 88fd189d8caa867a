import Core
import Testing

@testable import Store

@Suite("what the writer knows of recent episodes")
struct RecentEpisodesTests {
    /// Late ones, other banks and kinds among them: by heart as by the file.
    @Test("is what the file would say", arguments: [1, 2, 3] as [UInt64])
    func agrees(seed: UInt64) async throws {
        let bench = Bench()
        let store = try bench.open()
        let random = SeededRandom(seed: seed)
        @Sendable func chance(_ n: Int) -> Int { Int(random.bytes(2).reduce(0) { $0 << 8 | UInt64($1) }) % n }
        for _ in 0..<30 {
            try await store.write { writer in
                for _ in 0..<10 {
                    var episode = Sample.episode("an-\(chance(1000))", detectedAt: Sample.at(chance(3600)))
                    (episode.bank, episode.kind) = (["ICBC", "CCB"][chance(2)], [.bankDelay, .channelOutage][chance(2)])
                    _ = try writer.save(episode)
                }
            }
            let (since, kind) = (chance(3600), [nil, Kind.bankDelay][chance(2)])
            let until = since + chance(1200)
            @Sendable func count(_ reader: any StoreReader) throws -> Int {
                try reader.episodeCount(bank: "ICBC", rail: "cnaps", kind: kind, since: Sample.at(since), until: Sample.at(until))
            }
            let (known, stored) = (try await store.write { try count($0) }, try await store.read { try count($0) })
            #expect(known == stored, "from \(since) to \(until)")
        }
        try await store.close()
    }

    @Test("is forgotten with a transaction that was undone")
    func undone() async throws {
        let bench = Bench()
        let store = try bench.open()
        func count() async throws -> Int {
            try await store.write { try $0.episodeCount(bank: "ICBC", rail: "cnaps", kind: nil, since: Sample.at(0), until: Sample.at(9)) }
        }
        #expect(try await count() == 0)
        await expectFailure(store, where: { $0 is Unexpected }) { writer in
            _ = try writer.save(Sample.episode("an-1"))
            throw Unexpected()
        }
        #expect(try await count() == 0)
        _ = try await store.write { try $0.save(Sample.episode("an-1")) }
        #expect(try await count() == 1)
        try await store.close()
    }
}
