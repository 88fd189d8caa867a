import Core
import Store
import Testing

extension Conformance {
    private static let phone = Sensitive(Address(channel: .sms, text: "+8610000000001")!)
    private static let other = Sensitive(Address(channel: .sms, text: "+8610000000002")!)
    private static func dead(_ channel: Channel = .sms, at moment: Timestamp = Sample.at(1)) -> AddressMark {
        AddressMark(channel: channel, reason: .addressDead, detail: "400 21211", account: "sms-main", delivery: 7, at: moment)
    }

    static let addresses: [Claim] = [
        Claim("a mark belongs to one address of one customer on one channel") { store in
            try await store.write { try $0.save(dead(), of: phone, customer: "CU1") }
            try await store.read { reader throws -> Void in
                #expect(try reader.addressMark(of: phone, customer: "CU1", channel: .sms) == dead())
                #expect(try reader.addressMark(of: other, customer: "CU1", channel: .sms) == nil)
                #expect(try reader.addressMark(of: phone, customer: "CU2", channel: .sms) == nil)
                #expect(try reader.addressMark(of: phone, customer: "CU1", channel: .voice) == nil)
                #expect(try reader.addressMarks(ofCustomer: "CU1") == [dead()] && reader.addressMarks(ofCustomer: "CU2").isEmpty)
            }
        },
        Claim("the last mark counts, and a verified address is not among those that cannot be used") { store in
            let verified = AddressMark(channel: .sms, reason: nil, at: Sample.at(2))
            let marks = try await store.write { writer -> [AddressMark?] in
                try writer.save(dead(), of: phone, customer: "CU1")
                try writer.save(verified, of: phone, customer: "CU1")
                let first = try writer.addressMark(of: phone, customer: "CU1", channel: .sms)
                try writer.save(dead(at: Sample.at(3)), of: phone, customer: "CU1")
                return [first, try writer.addressMark(of: phone, customer: "CU1", channel: .sms)]
            }
            #expect(marks == [verified, dead(at: Sample.at(3))])
        },
        Claim("a channel's addresses are verified together") { store in
            let (ended, again) = try await store.write { writer in
                try writer.save(dead(), of: phone, customer: "CU1")
                try writer.save(dead(), of: other, customer: "CU1")
                try writer.save(dead(.voice), of: phone, customer: "CU1")
                return (
                    try writer.verifyAddresses(ofCustomer: "CU1", channel: .sms, at: Sample.at(4)),
                    try writer.verifyAddresses(ofCustomer: "CU1", channel: .sms, at: Sample.at(5))
                )
            }
            #expect((ended, again) == (2, 0))
            try await store.read { reader throws -> Void in
                #expect(try reader.addressMarks(ofCustomer: "CU1").map(\.channel) == [.voice])
                #expect(try reader.addressMark(of: phone, customer: "CU1", channel: .sms)?.at == Sample.at(4))
            }
        },
    ]
}
