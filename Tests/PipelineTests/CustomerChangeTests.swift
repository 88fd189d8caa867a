import Core
import Pipeline
import Testing

struct CustomerChangeTests {
    private static let number = Sensitive(Address(channel: .sms, text: "+447700900123")!)

    @Test func whatIsNotNamedStays() throws {
        var known = CustomerRecord(id: "CU1", locale: "en", timeZone: "Europe/London", optedOut: [.push])
        known.contacts[.sms] = CustomerRecord.Contact(address: Self.number, standing: .unverified)
        let json: JSON = ["time_zone": "Asia/Shanghai", "opt_out": ["mail"], "opt_in": ["push"], "reason": "x", "who": "lee"]
        let changed = try CustomerReader.change(json, id: "CU1").applied(to: known)
        #expect(changed.locale == "en" && changed.timeZone == "Asia/Shanghai" && changed.optedOut == [.mail])
        #expect(changed.contacts == known.contacts)
    }

    @Test func aStandingAloneKeepsTheAddressAndANewAddressIsVerified() throws {
        var known = CustomerRecord(id: "CU1")
        known.contacts[.sms] = CustomerRecord.Contact(address: Self.number, standing: .verified)
        let dead = try CustomerReader.change(["contacts": ["sms": ["standing": "dead"]]], id: "CU1").applied(to: known)
        #expect(dead.contacts[.sms] == CustomerRecord.Contact(address: Self.number, standing: .dead))
        let renewed = try CustomerReader.change(["contacts": ["sms": ["address": "+447700900999"]]], id: "CU1").applied(to: dead)
        #expect(renewed.contacts[.sms]?.standing == .verified)
        #expect(renewed.contacts[.sms]?.address?.reveal(for: .comparing).text == "+447700900999")
    }

    @Test func whatItWritesItReads() throws {
        var change = CustomerChange()
        (change.locale, change.privatePreview, change.optIn) = ("zh-Hant", true, [.voice])
        change.contacts[.sms] = CustomerChange.Contact(address: Self.number, standing: .unverified)
        #expect(try CustomerReader.change(change.json, id: "CU1") == change)
    }

    @Test(
        arguments: [
            (["opt_out": ["push"], "opt_in": ["push"]], "opt_in"), (["opt_out": ["fax"]], "opt_out.0"), (["off": ["push"]], "off"),
            (["contacts": ["sms": ["address": "12"]]], "contacts.sms.address"), (["nmae": "x"], "nmae"),
        ] as [(JSON, String)]) func mistakesAreNamed(_ json: JSON, _ field: String)
    {
        do {
            _ = try CustomerReader.change(json, id: "CU1")
            Issue.record("taken")
        } catch {
            #expect(error.problems.map(\.field) == [field])
        }
    }
}
