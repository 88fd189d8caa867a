import Core
import Crypto
import Testing

@testable import Store

@Suite("sealing and naming")
struct SealTests {
    @Test("a box opens with its own key and context only, and no two are alike")
    func boxes() throws {
        let (key, other) = (SymmetricKey(size: .bits256), SymmetricKey(size: .bits256))
        let context = Context("attempt", 7, "box")
        let (box, same) = (try Seal.close([1, 2, 3], key: key, context: context), try Seal.close([1, 2, 3], key: key, context: context))
        #expect(box != same && box.count == 12 + 3 + 16 && context.description == "attempt/7/box")
        #expect(try Seal.open(box, key: key, context: context) == [1, 2, 3])
        var bent = box
        bent[15] ^= 1
        let wrong: [([UInt8], SymmetricKey, Context)] = [
            (box, other, context), (box, key, Context("attempt", 8, "box")), (box, key, Context("event", 7, "box")), (bent, key, context),
            (Array(box.dropLast()), key, context), ([], key, context),
        ]
        for (box, key, context) in wrong { #expect(throws: StoreError.self) { try Seal.open(box, key: key, context: context) } }
    }

    @Test("a name gives back its row and salt, and nothing to anyone with another key", arguments: [0, 1, 7, Int64.max, -1])
    func names(_ id: Int64) {
        let names = PublicNames(LookupKey([UInt8](repeating: 1, count: 32))),
            others = PublicNames(LookupKey([UInt8](repeating: 2, count: 32)))
        for salt in [Int64.min, -1, 0, 1, 0x1234_5678_9ABC_DEF0] {
            let name = names.name("dlv_", id, salt: salt)
            let (read, foreign) = (names.read(name, "dlv_"), others.read(name, "dlv_"))
            #expect(read?.id == id && read?.salt == salt && foreign?.id != id)
            #expect(names.read(name, "att_") == nil && names.read(name.lowercased(), "dlv_") == nil)
        }
    }

    @Test("an id of a row says what it belongs to", arguments: [Channel.sms, .push, .mail, .inApp, .voice])
    func rows(_ channel: Channel) {
        let delivery = RowID.delivery(of: 41, on: channel)
        let attempt = RowID.attempt(1023, of: delivery)
        #expect(RowID.notice(of: delivery) == 41 && RowID.delivery(of: attempt) == delivery && RowID.number(of: attempt) == 1023)
        #expect(RowID.attempts(of: delivery).first < attempt && attempt <= RowID.attempts(of: delivery).last)
    }

    @Test("numbers are written as they are everywhere else", arguments: [0, 9, 10, 1_700_000_000_123, Int64.max, -1, Int64.min])
    func decimals(_ value: Int64) {
        var bytes: [UInt8] = []
        bytes.appendDecimal(value)
        #expect(String(decoding: bytes, as: UTF8.self) == String(value))
    }

    /// Keys shorter than, as long as and longer than a block (RFC 2104).
    @Test("a keyed hash is HMAC-SHA256", arguments: [20, 4, 32, 64, 65, 131])
    func keyedHash(length: Int) {
        let key = (0..<length).map { UInt8($0) }
        for purpose in LookupPurpose.allCases {
            var known = HMAC<SHA256>(key: SymmetricKey(data: key))
            known.update(data: Array("\(purpose)".utf8) + [0] + Array("Hi There".utf8))
            let expected = known.finalize().withUnsafeBytes { Array($0) }
            #expect(LookupKey(key).hash("Hi There".utf8, for: purpose, count: 32) == expected)
            #expect(LookupKey(key).hash(Array("Hi There".utf8), for: purpose) == Array(expected.prefix(16)))
        }
    }
}
