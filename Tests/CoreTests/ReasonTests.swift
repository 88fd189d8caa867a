@testable import Core
import Testing

@Suite("reason codes: one closed list, in code and in docs/reasons.md")
struct ReasonTests {
    private func rows() throws -> [[String]] {
        try repositoryFile("docs/reasons.md").split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").map { cell in
                var cell = cell
                while cell.first == " " { cell.removeFirst() }
                while cell.last == " " { cell.removeLast() }
                return String(cell)
            }
        }
    }

    @Test func docsAndEnumHoldTheSameCodes() throws {
        let documented = try rows().map { $0[0] }
        #expect(documented.sorted() == ReasonCode.allCases.map { "`\($0.rawValue)`" }.sorted())
    }

    @Test func everyRowSaysWhatTheCodeSays() throws {
        for row in try rows() {
            let code = try #require(ReasonCode(rawValue: String(row[0].dropFirst().dropLast())), "\(row)")
            try #require(row.count == (code.isTold ? 4 : 5), "\(row)")
            #expect(row[1] == code.meaning)
            #expect(row[2].count > 5 && row[3].hasSuffix("."))
        }
    }

    /// Codes of parts that this version does not have.
    private let notYet: Set<ReasonCode> = [.localeMissing, .providerPaused]

    @Test("each code is given somewhere, or the page says that it is not yet") func everyCodeIsGiven() throws {
        let sources = try swiftFiles(in: "Sources").filter { !$0.path.contains("ReasonCode") }.map(\.text)
        let given = try Dictionary(uniqueKeysWithValues: rows().map { ($0[0], $0[2]) })
        for code in ReasonCode.allCases {
            let isMarked = given["`\(code.rawValue)`"]?.hasPrefix("not given yet") ?? false
            #expect(isMarked == notYet.contains(code), "\(code.rawValue)")
            guard !isMarked else { continue }
            let name = ".\(code)"
            let isReferenced = sources.contains { text in
                text.ranges(of: name).contains { found in
                    found.upperBound == text.endIndex || !(text[found.upperBound].isLetter || text[found.upperBound].isNumber)
                }
            }
            #expect(isReferenced, "nothing gives \(code.rawValue)")
        }
    }

    @Test(arguments: ReasonCode.allCases)
    func everyCodeHasASentence(_ code: ReasonCode) {
        #expect(code.meaning.count >= 15 && !code.meaning.contains("|") && !code.meaning.hasSuffix("."))
        #expect(code.rawValue.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || $0 == 0x5F })
    }

    @Test func sentencesDiffer() {
        #expect(Set(ReasonCode.allCases.map(\.meaning)).count == ReasonCode.allCases.count)
        #expect(
            Set(ReasonCode.allCases.filter(\.isTold)) == [
                .first, .stateChanged, .priorityRaised, .etaBroken, .repeatDue, .resolved, .correction, .fallbackDue, .resent,
            ])
    }

    @Test("what the conversation says names no rule and no suspicion")
    func conversationIsSafe() throws {
        for row in try rows() {
            for word in ["fraud", "suspic", "complian", "sanction", "launder", "policy", "cap ", "!"] {
                #expect(!row[3].lowercased().contains(word), "\(row[0])")
            }
        }
    }
}

@Suite("the words of the field")
struct WordTests {
    @Test func orderOfPriorities() {
        #expect(Priority.low < .normal && .normal < .high)
        #expect([Priority.high, .normal, .low].map(\.lane) == [0, 1, 2])
        #expect([Channel.voice, .mail, .inApp, .push, .sms].sorted() == [.sms, .push, .mail, .inApp, .voice])
    }

    @Test func closingStagesEndAnEpisode() {
        #expect(
            Set(NoticeStage.allCases.filter(\.isClosing)) == [
                .resolvedArrived, .resolvedRefunded, .reviewApproved, .reviewDeclined, .incidentOver, .correction,
            ])
    }

    @Test func finalStatesOfADelivery() {
        #expect(Set(DeliveryState.allCases.filter { !$0.isFinal }) == [.ready, .inflight, .retryWait, .ambiguous])
    }

    @Test func dispositionsHaveAWord() {
        let all: [Disposition] = [.received, .pending, .planned, .suppressed(.sameNews), .stale, .recorded]
        #expect(all.map(\.word) == ["received", "pending", "planned", "suppressed", "stale", "recorded"])
        #expect(all.compactMap(\.reason) == [.sameNews])
    }
}
