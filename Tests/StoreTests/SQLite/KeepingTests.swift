import Core
import Dispatch
import Testing

@testable import Store

@Suite("what is destroyed is nowhere, and what is wrapped anew opens with the new key alone")
struct KeepingTests {
    private static func keys(_ master: UInt8, former: UInt8...) -> StoreKeys {
        func key(_ byte: UInt8) -> Sensitive<[UInt8]> { Sensitive([UInt8](repeating: byte, count: 32)) }
        return StoreKeys(master: key(master), formerMasters: former.map(key), lookup: key(9))
    }

    private static func file(_ customer: String, _ n: Int, _ writer: any StoreWriter) throws {
        _ = try Sample.planned("dlv-\(n)", order: Sample.order(n), customer: customer, writer)
    }

    @Test("the box of a destroyed key is in no file of the store, before it is closed") func keyIsNowhere() async throws {
        let bench = Bench()
        let store = try bench.open()
        try await store.write { writer in for n in 1...3 { try Self.file("CU\(n)", n, writer) } }
        let boxes = try await store.write { writer in
            let writes = try #require(writer as? SQLiteWrites)
            return try writes.db.all(SQL.keysAfter, { $0(1, 9) }) { $0.blob(2) }
        }
        #expect(boxes.count == 3)
        func isThere(_ box: [UInt8]) -> Bool { bench.bytes().contains(box) }
        #expect(boxes.allSatisfy(isThere))
        _ = try await store.write { try $0.erase(customer: "CU2", at: Sample.at(50)) }
        // The group after it empties the log, when no reader holds it.
        try await store.write { try $0.setMeta("next", "1") }
        #expect(boxes.map(isThere) == [true, false, true])
        try await store.close()
    }

    @Test("a box that is empty without an erasure is damage, and no end of an event") func emptied() async throws {
        let bench = Bench()
        let store = try bench.open()
        try await store.write { writer in
            _ = try writer.accept(Sample.event("ev-1"))
            try Self.file("CU1", 1, writer)
            let writes = try #require(writer as? SQLiteWrites)
            try writes.db.run(Self.emptyEvents)
            try writes.db.run(Self.emptyNotices)
        }
        await #expect(throws: StoreError.self) { try await store.read { try $0.event(id: "ev-1") } }
        await #expect(throws: StoreError.self) { try await store.read { try $0.notices(ofOrder: Sample.order(1)) } }
        _ = try await store.write { try $0.erase(customer: "CU1", at: Sample.at(50)) }
        #expect(try await store.read { try $0.event(id: "ev-1") }?.body == [])
        try await store.close()
    }
    private static let emptyEvents = Query("UPDATE event SET body = x''")
    private static let emptyNotices = Query("UPDATE notice SET box = x''")

    @Test("a reader that began before an erasure does not bring the key back") func oldSnapshot() async throws {
        let bench = Bench()
        let store = try bench.open { $0.readers = 2 }
        try await store.write { try Self.file("CU1", 1, $0) }
        let (began, erased) = (Latch(), DispatchSemaphore(value: 0))
        async let old: Address = store.read { reader in
            #expect(try reader.order(Sample.order(9)) == nil)
            began.open()
            erased.wait()
            return try reader.deliveries(in: .ready, limit: 9)[0].address.reveal(for: .comparing)
        }
        await began.wait()
        _ = try await store.write { try $0.erase(customer: "CU1", at: Sample.at(50)) }
        erased.signal()
        #expect(try await old == Sample.phone.reveal(for: .comparing), "its snapshot is from before")
        let now = try await store.read { try $0.deliveries(in: .ready, limit: 9)[0] }
        #expect(now.address.reveal(for: .comparing) == .inbox && now.customer.hasPrefix("cus_"))
        try await store.close()
    }

    @Test("data keys are wrapped anew a few at a time, over a restart, and open with the new key alone") func rotation() async throws {
        let bench = Bench()
        let first = try bench.open(keys: Self.keys(7))
        try await first.write { writer in for n in 1...9 { try Self.file("CU\(n)", n, writer) } }
        #expect(try await first.write { try $0.rewrap(limit: 3) } == KeepingBatch(changed: 0, isAll: true))
        let old = try await first.read { try $0.keeping() }
        let new = try first.adopt(masters: Self.keys(8, former: 7))
        #expect(new != old.masterKey)
        // New customers come while it goes on.
        try await first.write { try Self.file("CU10", 10, $0) }
        #expect(try await first.write { try $0.rewrap(limit: 4) } == KeepingBatch(changed: 4, isAll: false))
        try await first.close()
        #expect(throws: StoreError.self) { try bench.open(keys: Self.keys(7)) }

        let second = try bench.open(keys: Self.keys(8, former: 7))
        #expect(try await second.read { try $0.keeping().isWrapping })
        var changed = 0
        while true {
            let batch = try await second.write { try $0.rewrap(limit: 4) }
            changed += batch.changed
            if batch.isAll { break }
        }
        #expect(changed == 6, "the system's own, and nine customers; the tenth had the new key")
        #expect(
            try await second.read {
                try $0.keeping()
                    == KeepingState(
                        dropped: old.dropped, erasing: 0, masterKey: new, isWrapping: false)
            })
        try await second.close()

        let third = try bench.open(keys: Self.keys(8))
        #expect(
            try await third.read { try $0.deliveries(in: .ready, limit: 20).map(\.address) } == Array(repeating: Sample.phone, count: 10))
        try await third.close()
        #expect(throws: StoreError.self) { try bench.open(keys: Self.keys(7)) }
    }

    @Test("a store that knew no ids of keys is wrapped once, with the key it has") func ofBefore() async throws {
        let bench = Bench()
        let store = try bench.open()
        try await store.write { writer in
            try Self.file("CU1", 1, writer)
            let writes = try #require(writer as? SQLiteWrites)
            try writes.db.run(Self.forgetMasters)
            try writes.setMeta(Keeping.masterKey, "")
        }
        #expect(try await store.read { try $0.keeping().isWrapping })
        #expect(try await store.write { try $0.rewrap(limit: 9) } == KeepingBatch(changed: 2, isAll: true))
        #expect(try await store.read { try !$0.keeping().isWrapping })
        try await store.close()
    }
    private static let forgetMasters = Query("UPDATE customer_key SET master = ''")
}
