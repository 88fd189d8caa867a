import App
import Core
import Pipeline
import Reports
import Sandbox
import Store
import Templates
import Terminal
import Testing

/// The texts' way into force, with the real planner, store and sandbox.
@Suite("texts: submitted, approved, published, stopped, taken back") struct RolloutTests {
    private static let file = "templates/limit_exceeded/en.yaml"
    /// The shipped texts with one word changed in the SMS, the push and the app.
    private static func files(_ word: String) throws -> [TemplateFile] {
        try Runtime.templateFiles(repository + "/templates").map { file in
            guard file.path == Self.file else { return file }
            return TemplateFile(
                path: file.path,
                text: file.text.replacing("Withdrawal {order}", with: "\(word) {order}").replacing("Order {order}", with: "\(word) {order}")
            )
        }
    }
    private static let shipped = Result { try Runtime.templateFiles(repository + "/templates") }
    private static let other = Result { () -> (files: [TemplateFile], revision: String) in
        let files = try Self.files("Payout")
        return (files, try Texts.compile(files).revision)
    }

    private func begun(_ world: World) async throws -> String {
        let revision = try shippedTexts.get().revision
        let answer = try await world.engine.desk.begin(with: try Self.shipped.get(), revision: revision, mustBeApproved: false)
        #expect(answer == .done(""))
        return revision
    }
    private func tell(_ customers: [String], _ world: World, from first: Int = 0) async throws {
        let events = customers.enumerated().map { index, customer in
            let number = first + index
            return Sample.limit.with {
                ($0.order, $0.anomaly, $0.customer) = ("WD\(1000 + number)", "an-\(number)", customer)
                ($0.phone, $0.device) = (.string("+86100\(10_000_000 + number)"), .string("device-token-\(number)"))
            }.detected()
        }
        // Of many banks: so many of one would be an incident.
        let raw = events.enumerated().map { index, event in
            Array(String(decoding: event.bytes, as: UTF8.self).replacing("\"HXB\"", with: "\"HXB\(index % 30)\"").utf8)
        }
        try await world.take(raw: raw)
    }
    private func notices(_ world: World, _ range: Range<Int>) async throws -> [Notice] {
        try await world.read { reader in
            try range.flatMap { try reader.notices(ofOrder: OrderNumber("WD\(1000 + $0)")!) }.filter { $0.audience == .customer }
        }
    }
    private func said(_ notice: Notice, _ world: World) async throws -> String {
        try await world.read { reader in
            let item = try reader.inbox(customer: notice.customer, unreadOnly: false, before: nil, limit: 9)
            return item.map(\.body).joined()
        }
    }

    @Test("whoever submits texts cannot approve them, however the name is written; another can") func secondPerson() async throws {
        try await withWorld { world in
            let (desk, other) = (world.engine.desk, try Self.other.get())
            _ = try await begun(world)
            #expect(try await desk.decide(other.revision, approved: true, who: "mei", reason: "x") == .notFound)
            guard case .done = try await desk.submit(other.files, who: "Lee Wong", reason: "shorter") else {
                throw Unexpected(words: "not submitted")
            }
            for name in ["Lee Wong", "lee wong", " LEE  WONG "] {
                guard case .refused(let words) = try await desk.decide(other.revision, approved: true, who: name, reason: "x") else {
                    throw Unexpected(words: "\(name) has approved their own texts")
                }
                #expect(words.hasSuffix("a second person decides"))
            }
            #expect(
                try await desk.publish(other.revision, percent: 100, mustBeApproved: true, who: "lee", reason: "x")
                    == .refused("\(other.revision) is submitted: a second person has to approve it first"))
            #expect(
                try await desk.decide(other.revision, approved: true, who: "mei", reason: "read") == .done("\(other.revision) is approved"))
            #expect(
                try await desk.publish(other.revision, percent: 100, mustBeApproved: true, who: "lee", reason: "x")
                    == .done("\(other.revision) is in force"))
            let log = try await world.read { try $0.log(after: 0, limit: 1000) }.filter { $0.entry.act == .templates }
            #expect(log.compactMap { $0.entry.body["did"]?.string } == ["published", "submitted", "approved", "published"])
            #expect(log.compactMap { $0.entry.body["who"]?.string } == ["start", "Lee Wong", "mei", "lee"])
        }
    }

    @Test("rejected texts may be submitted again; texts with mistakes never") func rejected() async throws {
        try await withWorld { world in
            let (desk, other) = (world.engine.desk, try Self.other.get())
            _ = try await desk.submit(other.files, who: "lee", reason: "shorter")
            #expect(
                try await desk.decide(other.revision, approved: false, who: "mei", reason: "no") == .done("\(other.revision) is rejected"))
            guard case .refused = try await desk.decide(other.revision, approved: true, who: "mei", reason: "yes") else {
                throw Unexpected(words: "a rejected one was approved")
            }
            guard case .done = try await desk.submit(other.files, who: "lee", reason: "again") else {
                throw Unexpected(words: "not submitted again")
            }
            let broken = try Self.shipped.get().map { file in
                file.path == Self.file ? TemplateFile(path: file.path, text: file.text.replacing("{order}", with: "{ordr}")) : file
            }
            guard case .refused(let words) = try await desk.submit(broken, who: "lee", reason: "x") else {
                throw Unexpected(words: "texts with mistakes were submitted")
            }
            #expect(words.contains("mistakes"))
        }
    }

    @Test("a share of the customers gets the new texts, the same ones also after a restart and with a higher share") func share()
        async throws
    {
        try await withWorld { world in
            let (base, other, customers) = (try await begun(world), try Self.other.get(), (0..<30).map { "CU\($0)" })
            _ = try await world.engine.desk.submit(other.files, who: "lee", reason: "x")
            let answer = try await world.engine.desk.publish(other.revision, percent: 30, mustBeApproved: false, who: "lee", reason: "x")
            #expect(answer == .done("30 % of the customers get \(other.revision)"))
            try await tell(customers, world)
            let rollout = try #require(try await world.read { try $0.revisionsInForce().trial })
            let first = try await notices(world, 0..<30)
            #expect(first.count == 30 && Set(first.map(\.templateRevision)) == [base, other.revision])
            for notice in first {
                let isNew = rollout.includes(notice.customer)
                #expect(notice.templateRevision == (isNew ? other.revision : base))
                #expect(try await said(notice, world).contains("Payout WD") == isNew)
            }
            let (next, _) = try await world.restarted()
            _ = try await next.engine.desk.publish(other.revision, percent: 60, mustBeApproved: false, who: "lee", reason: "x")
            try await tell(customers, next, from: 30)
            let second = try await notices(next, 30..<60)
            let before = Set(first.filter { $0.templateRevision == other.revision }.map(\.customer))
            let after = Set(second.filter { $0.templateRevision == other.revision }.map(\.customer))
            #expect(before.isSubset(of: after) && after.count > before.count && after.count < 30)
            _ = try await next.engine.desk.publish(other.revision, percent: 100, mustBeApproved: false, who: "lee", reason: "x")
            try await tell(["CU99"], next, from: 60)
            #expect(try await notices(next, 60..<61).map(\.templateRevision) == [other.revision])
            try await next.runtime.close()
        }
    }

    @Test("what was planned keeps its words, whatever is in force when it leaves, also after a restart") func pinned() async throws {
        let night = Timestamp(rfc3339: "2025-11-12T18:00:00Z")!
        try await withWorld(at: night) { world in
            let (base, other) = (try await begun(world), try Self.other.get())
            try await world.take(Sample.limit.with { ($0.at, $0.order) = (night, "WD1") }.detected())
            _ = try await world.engine.desk.submit(other.files, who: "lee", reason: "x")
            _ = try await world.engine.desk.publish(other.revision, percent: 100, mustBeApproved: false, who: "lee", reason: "x")
            let (next, _) = try await world.restarted { _ in }
            try await next.take(Sample.limit.with { ($0.at, $0.order, $0.anomaly, $0.customer) = (night, "WD2", "an-2", "CU2") }.detected())
            try await next.pass(.hours(12))
            for (order, revision, word) in [("WD1", base, "Order"), ("WD2", other.revision, "Payout")] {
                let push = try await next.delivery(order, .push)
                #expect(push.state == .sent || push.state == .delivered)
                let attempt = try #require(try await next.attempts(push).first)
                let bytes = try #require(try await next.read { try $0.bytes(of: attempt.id) })
                let mail = try await next.deliveries(order, .mail)
                let notice = try #require(try await next.read { try $0.notice(push.notice) })
                #expect(notice.templateRevision == revision && (mail.isEmpty || mail[0].notice == push.notice))
                #expect(String(decoding: bytes.content, as: UTF8.self).contains("\(word) \(order)"))
            }
            try await next.runtime.close()
        }
    }

    @Test("texts that make more customers ask are stopped by themselves, and staff are told") func stopped() async throws {
        try await withWorld { world in
            let (base, other) = (try await begun(world), try Self.other.get())
            _ = try await world.engine.desk.submit(other.files, who: "lee", reason: "x")
            _ = try await world.engine.desk.publish(other.revision, percent: 50, mustBeApproved: false, who: "lee", reason: "x")
            try await tell((0..<60).map { "CU\($0)" }, world)
            #expect(try await world.engine.rollouts.look()?.verdict == nil)
            let mine = try await notices(world, 0..<60).filter { $0.templateRevision == other.revision }
            #expect(mine.count > 15)
            for notice in mine { _ = try await world.engine.desk.contact(about: notice.order, who: "lee", reason: "asks") }
            let look = try #require(try await world.engine.rollouts.look())
            #expect(look.trial.contacts == mine.count && look.trial.orders == mine.count && look.base.contacts == 0)
            let verdict = try #require(look.verdict)
            #expect(verdict.hasPrefix("\(mine.count) of \(mine.count) led to a contact with support"))
            let inForce = try await world.read { try $0.revisionsInForce() }
            #expect(inForce.trial == nil && inForce.base?.revision == base)
            try await tell((60..<80).map { "CU\($0)" }, world, from: 60)
            #expect(try await notices(world, 60..<80).allSatisfy { $0.templateRevision == base })
            #expect(try await world.reviews(.texts).map(\.detail) == ["texts \(other.revision) were stopped: \(verdict)"])
            #expect(world.taken(by: .smtp).contains { $0.title?.contains("New texts were stopped") == true })
            // A start does not bring them back by itself.
            let answer = try await world.engine.desk.begin(with: other.files, revision: other.revision, mustBeApproved: false)
            #expect(answer == .done("the directory holds \(other.revision), which was taken back: \(base) is in force"))
            #expect(try await world.engine.rollouts.look() == nil)
        }
    }

    @Test("taking back: what runs, then what is in force") func back() async throws {
        try await withWorld { world in
            let (desk, base, other) = (world.engine.desk, try await begun(world), try Self.other.get())
            guard case .refused = try await desk.rollBack(who: "lee", reason: "x") else { throw Unexpected(words: "nothing to go back to") }
            _ = try await desk.submit(other.files, who: "lee", reason: "x")
            for percent in [20, 100] {
                _ = try await desk.publish(other.revision, percent: percent, mustBeApproved: false, who: "lee", reason: "x")
                #expect(
                    try await desk.rollBack(who: "lee", reason: "x")
                        == .done("\(other.revision) is taken back: all customers get \(base)"))
                try await tell(["CU1"], world, from: percent)
                #expect(try await notices(world, percent..<percent + 1).map(\.templateRevision) == [base])
            }
        }
    }

    @Test("what a start does with the texts of its directory") func starts() async throws {
        try await withWorld { world in
            let (desk, other) = (world.engine.desk, try Self.other.get())
            let shipped = (files: try Self.shipped.get(), revision: try shippedTexts.get().revision)
            // Nobody has approved anything.
            guard case .refused = try await desk.begin(with: shipped.files, revision: shipped.revision, mustBeApproved: true) else {
                throw Unexpected(words: "texts that nobody approved are in force")
            }
            #expect(try await desk.begin(with: shipped.files, revision: shipped.revision, mustBeApproved: false) == .done(""))
            // The same again changes nothing.
            #expect(try await desk.begin(with: shipped.files, revision: shipped.revision, mustBeApproved: true) == .done(""))
            #expect(try await world.read { try $0.rollouts(limit: 9) }.count == 1)
            #expect(
                try await desk.begin(with: other.files, revision: other.revision, mustBeApproved: true)
                    == .done("the directory holds \(other.revision), which is not in force: \(shipped.revision) is"))
            // Without approval what lies in the directory is in force.
            #expect(try await desk.begin(with: other.files, revision: other.revision, mustBeApproved: false) == .done(""))
            #expect(try await world.read { try $0.revisionsInForce().base?.revision } == other.revision)
        }
    }

    @Test("a revision that is not kept is told in the words in force, and the log says whose they are") func unkept() async throws {
        let night = Timestamp(rfc3339: "2025-11-12T18:00:00Z")!
        try await withWorld(at: night) { world in
            try await world.take(Sample.limit.with { $0.at = night }.detected())
            let other = try Self.other.get()
            // Of a store from before texts were kept.
            _ = try await world.engine.desk.begin(with: other.files, revision: other.revision, mustBeApproved: false)
            var (next, _) = try await world.restarted()
            try await next.runtime.close()
            next.runtime = try Runtime.make(
                next.configuration, clock: next.clock, authority: next.endpoints.caFile, templates: try Texts.compile(other.files))
            _ = try await next.engine.recover()
            try await next.pass(.hours(12))
            let push = try await next.delivery("WD1", .push)
            let intent = try #require(try await next.read { try $0.log(ofDelivery: push.id) }.first { $0.entry.act == .intent })
            #expect(intent.entry.body["template_revision"]?.string == other.revision)
            try await next.runtime.close()
        }
    }

    @Test("kept texts that later rules refuse are said as planned, and cannot be published again") func judgedBefore() async throws {
        try await withWorld { world in
            _ = try await begun(world)
            // Of a version without these rules: it promises in words that are refused now.
            let files = try Self.files("Soon: payout").filter { !$0.path.contains("/_shared/vague/") }
            let revision = try Texts.compile(files, scope: .everything.unjudged).revision
            try await world.runtime.store.write { writer in
                _ = try writer.keep(TemplateRevision(revision: revision, keptAt: World.noon), files: files)
                _ = try writer.save(
                    Rollout(
                        revision: revision, base: nil, percent: 100, state: .complete, startedAt: World.noon, who: "lee", reason: "before"))
            }
            let (next, _) = try await world.restarted()
            try await tell(["CU1"], next)
            let notice = try #require(try await notices(next, 0..<1).first)
            #expect(notice.templateRevision == revision)
            #expect(try await said(notice, next).contains("Soon: payout WD1000"))
            let other = try Self.other.get()
            _ = try await next.engine.desk.submit(other.files, who: "lee", reason: "x")
            _ = try await next.engine.desk.publish(other.revision, percent: 100, mustBeApproved: false, who: "lee", reason: "x")
            guard
                case .refused(let words) = try await next.engine.desk.publish(
                    revision, percent: 100, mustBeApproved: false, who: "lee", reason: "x")
            else { throw Unexpected(words: "texts that today's rules refuse were published") }
            #expect(words.hasPrefix("this version refuses these texts: "))
            #expect(
                try await next.engine.desk.rollBack(who: "lee", reason: "x")
                    == .done("\(other.revision) is taken back: all customers get \(revision)"))
            try await next.runtime.close()
        }
    }

    @Test("a wording goes to its share of the customers, is pinned in the notice and stands in the decision") func wordings() async throws {
        try await withWorld { world in
            let files = try Self.shipped.get().map { file in
                file.path.hasPrefix("templates/limit_exceeded/") ? TemplateFile(path: file.path, text: Self.withWording(file.text)) : file
            }
            let texts = try Texts.compile(files)
            #expect(texts.wordings(of: .limitExceeded) == [TemplateSet.Wording(name: "plain", weight: 40)])
            _ = try await world.engine.desk.begin(with: files, revision: texts.revision, mustBeApproved: false)
            try await tell((0..<30).map { "CU\($0)" }, world)
            let told = try await notices(world, 0..<30)
            let drawn = told.filter { $0.wording == "plain" }
            #expect(told.count == 30 && (5...20).contains(drawn.count) && told.allSatisfy { $0.wording == nil || $0.wording == "plain" })
            for notice in told {
                #expect(notice.wording == (Share.draw(notice.customer, "wording limit_exceeded") < 40 ? "plain" : nil))
                #expect(try await said(notice, world).hasPrefix("Plainly: ") == (notice.wording == "plain"))
            }
            let one = try #require(drawn.first)
            let (audit, explained) = try await world.read { reader in
                func words(_ report: (any Document)?) -> String { report.map { String(decoding: $0.json.bytes, as: UTF8.self) } ?? "" }
                return (
                    words(try OrderReport.gather(from: reader, order: one.order)),
                    words(try ExplainReport.gather(from: reader, order: one.order))
                )
            }
            #expect(audit.contains(#""wording":"plain""#) && explained.contains("limit_exceeded opened, wording plain, en"))
            let decisions = try await world.read { try $0.log(after: 0, limit: 10_000) }.compactMap { $0.entry.body["notice"] }
            #expect(decisions.count { $0["wording"]?.string == "plain" } == drawn.count)
        }
    }

    /// The first notice once more as a wording, its words in the app behind "Plainly: ".
    private static func withWording(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(of: "opened:") else { return text }
        let body = lines[(start + 1)...].prefix { $0.hasPrefix("  ") }
        var inApp = false
        let indented = body.map { line -> String in
            if line.hasPrefix("  in_app:") { inApp = true }
            let isBody = inApp && line.hasPrefix("    body: \"")
            return "    " + (isBody ? line.replacing("body: \"", with: "body: \"Plainly: ") : line)
        }
        return text + "\nwordings:\n  plain:\n    weight: 40\n    opened:\n" + indented.joined(separator: "\n") + "\n"
    }
}
