import Core
import Foundation
import Testing

/// Coding, units and parts of random texts, against a counter that shares no line with ours (Tests/Locales/sms.py).
@Suite struct SMSCounterTests {
    struct Case {
        var coding: String
        var units, parts: Int
        var firstOutside: Unicode.Scalar?
        var text: String
    }
    struct Strange: Error { var line: Substring }

    static func cases() throws -> [Case] {
        let named = ProcessInfo.processInfo.environment["CLARION_SMS_CASES"].map { URL(filePath: $0) }
        let fixture = URL(filePath: #filePath).appending(path: "../../Fixtures/sms.tsv").standardizedFileURL
        return try String(contentsOf: named ?? fixture, encoding: .utf8).split(separator: "\n").map(read)
    }

    private static func read(_ line: Substring) throws -> Case {
        let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard columns.count == 5, let units = Int(columns[1]), let parts = Int(columns[2]) else { throw Strange(line: line) }
        var text = String.UnicodeScalarView()
        for run in columns[4].split(separator: " ") {
            let halves = run.split(separator: "*")
            let points = try halves[0].split(separator: "+").map { point in
                guard let scalar = scalar(point) else { throw Strange(line: line) }
                return scalar
            }
            for _ in 0..<(halves.count > 1 ? Int(halves[1]) ?? 0 : 1) { text.append(contentsOf: points) }
        }
        return Case(coding: String(columns[0]), units: units, parts: parts, firstOutside: scalar(columns[3]), text: String(text))
    }

    private static func scalar(_ point: Substring) -> Unicode.Scalar? { UInt32(point, radix: 16).flatMap(Unicode.Scalar.init) }

    @Test("a text is cut into as many parts, and none holds more than a part can") func cuts() throws {
        for one in try Self.cases() {
            let (parts, measure) = (SMSMeasure.split(one.text), SMSMeasure(one.text))
            #expect(parts.count == one.parts && parts.joined().unicodeScalars.elementsEqual(one.text.unicodeScalars))
            let costs = parts.map { part in
                measure.encoding == .ucs2 ? part.utf16.count : part.unicodeScalars.reduce(0) { $0 + (GSMAlphabet.septets($1) ?? 99) }
            }
            #expect(costs.reduce(0, +) == one.units && costs.allSatisfy { $0 <= measure.capacity(parts: one.parts) / one.parts })
        }
    }

    @Test("each text costs what an independent counter says") func agrees() throws {
        let cases = try Self.cases()
        #expect(cases.count >= 2000 && Set(cases.map(\.parts)).count > 5)
        for (line, expected) in cases.enumerated() {
            let ours = SMSMeasure(expected.text)
            let isSame =
                ours.encoding.rawValue == expected.coding && ours.units == expected.units && ours.parts == expected.parts
                && ours.firstOutsideGSM == expected.firstOutside
            if !isSame { Issue.record("line \(line + 1): \(ours), counted \(expected)") }
        }
    }
}
