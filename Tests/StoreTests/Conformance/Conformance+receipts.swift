import Core
import Store
import Testing

extension Conformance {
    private static func receipt(
        _ reference: String, _ status: ReceiptStatus = .delivered, delivery: DeliveryID? = nil, at seconds: Int = 20
    )
        -> StoredReceipt
    {
        StoredReceipt(
            account: "sms-1", reference: reference, status: status, code: status.rawValue, messageID: "SM1", blame: .address,
            delivery: delivery, receivedAt: Sample.at(seconds))
    }

    static let receipts: [Claim] = [
        Claim("a receipt is kept once, and read as it was written") { store in
            let kept = receipt("att_1", delivery: 8), later = receipt("att_1", .sent, delivery: 8, at: 21)
            let firsts = try await store.write { writer in
                try [kept, kept, later, receipt("att_1", delivery: 9)].map { try writer.insert($0) }
            }
            #expect(firsts == [true, false, true, false])
            try await store.read { reader in
                let found = try reader.receipts(ofDelivery: 8)
                #expect(found == [kept, later])
                #expect(try reader.receipts(ofDelivery: 9).isEmpty)
                let counts = [ReceiptStatus.delivered, .sent].map { ReceiptCount(account: "sms-1", status: $0, isMatched: true, count: 1) }
                #expect(try reader.receiptCounts() == counts)
            }
        },
        Claim("receipts of a name that nobody knows wait for their delivery") { store in
            let matched = try await store.write { writer in
                for one in [receipt("m-1", .sent, at: 20), receipt("m-1", at: 21), receipt("m-2"), receipt("m-3", delivery: 8)] {
                    _ = try writer.insert(one)
                }
                #expect(
                    try writer.unmatchedReferences(accounts: ["sms-0", "sms-1"], limit: 9).map(\.reference).sorted() == ["m-1", "m-2"])
                #expect(try writer.unmatchedReferences(accounts: ["sms-1"], limit: 1).count == 1)
                #expect(try writer.match(receiptsOf: "m-1", account: "sms-2", to: 16) == 0)
                return try writer.match(receiptsOf: "m-1", account: "sms-1", to: 16)
            }
            #expect(matched == 2)
            try await store.read { reader in
                let found = try reader.receipts(ofDelivery: 16)
                #expect(found.map(\.status) == [.sent, .delivered])
                #expect(try reader.unmatchedReceipts(account: "sms-1", reference: "m-1").isEmpty)
                #expect(try reader.unmatchedReceipts(account: "sms-1", reference: "m-2").count == 1)
            }
        },
        Claim("an attempt is found by its public id, and by the provider's where it was kept") { store in
            let (id, name) = try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                let new = try Sample.attempt("att_1", delivery: delivery, number: 1, writer)
                let id = try writer.begin(new, log: .null, at: Sample.at(11))!
                try writer.keep(messageID: "m-1", account: "sms-1", attempt: id)
                try writer.keep(messageID: "m-1", account: "sms-1", attempt: id + 1)
                return (id, new.publicID)
            }
            try await store.read { reader in
                let byName = try reader.attempt(publicID: name), byMessage = try reader.attempt(account: "sms-1", messageID: "m-1")
                #expect(byName?.id == id && byMessage?.id == id)
                // One letter changed is another salt or another row: never this one.
                for n in 4..<name.count {
                    var other = Array(name)
                    other[n] = other[n] == "0" ? "1" : "0"
                    #expect(try reader.attempt(publicID: String(other))?.id == nil, "\(n)")
                }
                for other in ["att_1", ""] { #expect(try reader.attempt(publicID: other)?.id == nil) }
                #expect(try reader.attempt(account: "sms-2", messageID: "m-1")?.id == nil)
            }
        },
        Claim("a delivery is moved from where it is believed to stand, and from nowhere else") { store in
            try await store.write { writer in
                let delivery = try Sample.planned("dlv_1", writer)
                func advance(from state: DeliveryState, to next: DeliveryState) throws -> Bool {
                    try writer.advance(
                        delivery, from: state, to: next, reason: .undelivered, nextAt: nil, messageID: "SM1", at: Sample.at(30))
                }
                #expect(try !advance(from: .sent, to: .delivered))
                #expect(try advance(from: .ready, to: .undelivered))
                #expect(try !advance(from: .ready, to: .delivered))
                let moved = try #require(try writer.delivery(delivery))
                #expect(moved.state == .undelivered && moved.reason == .undelivered && moved.providerID == "SM1")
                #expect(moved.changedAt == Sample.at(30) && moved.nextAt == nil)
                #expect(try writer.dueHeads(on: .sms, at: Sample.at(100), limit: 9).isEmpty)
                let again = try writer.advance(
                    delivery, from: .undelivered, to: .retryWait, reason: .undelivered, nextAt: Sample.at(50), messageID: "SM2",
                    at: Sample.at(40))
                #expect(again)
                #expect(try writer.delivery(delivery)?.nextAt == Sample.at(50) && writer.delivery(delivery)?.providerID == "SM1")
                #expect(try writer.dueHeads(on: .sms, at: Sample.at(49), limit: 9).isEmpty)
                #expect(try writer.dueHeads(on: .sms, at: Sample.at(50), limit: 9).map(\.id) == [delivery])
            }
        },
        Claim("a timer is hastened, never put off, and not when it has fired") { store in
            try await store.write { writer in
                let timer = StoredTimer(step: .fallback, episode: 1, notice: 2, argument: 0, due: Sample.at(600))
                _ = try writer.arm(timer)
                #expect(try writer.hasten(timer, to: Sample.at(60)))
                #expect(try !writer.hasten(timer, to: Sample.at(61)))
                #expect(try writer.nextTimer() == Sample.at(60))
                #expect(try writer.fire(timer, at: Sample.at(60)))
                #expect(try !writer.hasten(timer, to: Sample.at(1)))
            }
        },
        Claim("open questions of a delivery are its own") { store in
            try await store.write { writer in
                let id = try Sample.planned("dlv_1", writer)
                let delivery = try #require(try writer.delivery(id))
                func ask(_ cause: ReviewItem.Cause, _ detail: String) throws -> Int64 {
                    try writer.insert(ReviewItem(cause: cause, order: Sample.order(1), kind: nil, detail: detail, openedAt: Sample.at(1)))
                }
                let own = try ask(.ambiguous, "\(delivery.publicID) on sms")
                _ = try ask(.ambiguous, "dlv_other on sms")
                _ = try ask(.kind, "\(delivery.publicID) on sms")
                let closed = try ask(.ambiguous, "\(delivery.publicID) on sms")
                _ = try writer.close(review: closed, note: "done", at: Sample.at(2))
                #expect(try writer.openQuestions(ofDelivery: delivery).map(\.id) == [own])
            }
        },
    ]
}
