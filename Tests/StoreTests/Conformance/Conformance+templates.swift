import Core
import Store
import Testing

extension Conformance {
    private static func files(_ sms: String) -> [TemplateFile] {
        [TemplateFile(path: "templates/b/en.yaml", text: sms), TemplateFile(path: "templates/a/en.yaml", text: "the same in all")]
    }
    private static func rollout(_ revision: String, _ state: Rollout.State, percent: Int = 100) -> Rollout {
        Rollout(
            revision: revision, base: "r0", percent: percent, state: state, startedAt: Sample.at(1), who: "lee", reason: "LEGAL-1", after: 7
        )
    }

    static let templates: [Claim] = [
        Claim("a revision is kept once, with its files in the order of their paths") { store in
            let act = TemplateRevision.Act(at: Sample.at(3), who: "lee", reason: "shorter")
            let (first, again, other) = try await store.write { writer in
                (
                    try writer.keep(TemplateRevision(revision: "aaaa", keptAt: Sample.at(1)), files: files("one")),
                    try writer.keep(TemplateRevision(revision: "aaaa", keptAt: Sample.at(2)), files: []),
                    try writer.keep(TemplateRevision(revision: "bbbb", keptAt: Sample.at(2), submitted: act), files: files("two"))
                )
            }
            #expect([first, again, other] == [true, false, true])
            let (one, two, none) = try await store.read {
                (try $0.templateFiles(of: "aaaa"), try $0.templateFiles(of: "bbbb"), try $0.templateFiles(of: "cccc"))
            }
            #expect(one?.map(\.path) == ["templates/a/en.yaml", "templates/b/en.yaml"] && one?.map(\.text) == ["the same in all", "one"])
            #expect(two?.map(\.text) == ["the same in all", "two"] && none == nil)
            #expect(try await store.read { try $0.templateRevisions(limit: 9) }.map(\.revision) == ["bbbb", "aaaa"])
            #expect(try await store.read { try $0.templateRevision("bbbb") }?.submitted == act)
        },
        Claim("what was decided of a revision is kept with it") { store in
            let (one, two) = (
                TemplateRevision.Act(at: Sample.at(3), who: "lee", reason: "a"),
                TemplateRevision.Act(at: Sample.at(4), who: "mei", reason: "b")
            )
            var revision = TemplateRevision(revision: "aaaa", keptAt: Sample.at(1))
            try await store.write { [revision] in _ = try $0.keep(revision, files: files("one")) }
            (revision.state, revision.submitted, revision.decided) = (.approved, one, two)
            try await store.write { [revision] in try $0.save(revision) }
            #expect(try await store.read { try $0.templateRevision("aaaa") } == revision)
        },
        Claim("the newest complete publication is in force, beside the one that runs") { store in
            #expect(try await store.read { try $0.revisionsInForce() } == RevisionsInForce(base: nil, trial: nil))
            let (old, new, running) = try await store.write { writer in
                (
                    try writer.save(rollout("aaaa", .complete)), try writer.save(rollout("bbbb", .complete)),
                    try writer.save(rollout("cccc", .running, percent: 5))
                )
            }
            let inForce = try await store.read { try $0.revisionsInForce() }
            #expect(inForce.base?.id == new && inForce.trial?.id == running && inForce.trial?.percent == 5 && inForce.base?.after == 7)
            try await store.write { writer in
                guard var base = inForce.base, var trial = inForce.trial else { return }
                (base.state, trial.state, trial.percent, trial.who) = (.rolledBack, .stopped, 50, "clarion")
                let saved = (try writer.save(base), try writer.save(trial))
                #expect(saved == (new, running))
            }
            let after = try await store.read { (try $0.revisionsInForce(), try $0.rollouts(limit: 2)) }
            #expect(after.0.base?.id == old && after.0.trial == nil)
            #expect(after.1.map(\.revision) == ["cccc", "bbbb"] && after.1[0].percent == 50 && after.1[0].who == "clarion")
        },
        Claim("what notices of a revision led to: failed, or not made at all, by order and wording") { store in
            let last = try await store.write { writer in
                func tell(_ n: Int, _ revision: String, _ ending: (DeliveryState, ReasonCode)?, wording: String? = nil) throws {
                    var notice = Sample.notice(episode: 0, order: Sample.order(n))
                    (notice.templateRevision, notice.plannedAt, notice.wording) = (revision, Sample.at(n), wording)
                    notice.episode = try writer.save(Sample.episode("an-\(n)", order: Sample.order(n)))
                    let deliveries = try Sample.file(writer, notice, Sample.delivery("d\(n)"))
                    guard let ending else { return }
                    _ = try writer.settle(deliveries[0].id, as: ending.0, reason: ending.1, nextAt: nil, at: Sample.at(99))
                }
                try tell(1, "aaaa", (.dead, .fieldMissing))
                try tell(2, "aaaa", (.dead, .providerRefused), wording: "plain")
                try tell(3, "aaaa", nil)
                try tell(4, "bbbb", (.undelivered, .undelivered))
                return try writer.lastNotice()
            }
            func told(_ revision: String, after: NoticeID = 0, since: Int = 0, limit: Int = 9) async throws -> [ToldOutcome] {
                try await store.read { try $0.told(revision: revision, after: after, since: Sample.at(since), limit: limit) }
            }
            let all = try await told("aaaa")
            #expect(all.map(\.order) == [3, 2, 1].map(Sample.order) && all.map(\.wording) == [nil, "plain", nil])
            #expect(all.map(\.isFailed) == [false, true, true] && all.map(\.isBroken) == [false, false, true])
            #expect(try await told("aaaa", since: 2).count == 2)
            #expect(try await told("aaaa", after: last - 2).count == 1)
            #expect(try await told("aaaa", limit: 1) == [all[0]])
            #expect(try await told("bbbb").map(\.isFailed) == [true])
        },
        Claim("complaints and contacts are heard from a moment on") { store in
            try await store.write { writer in
                for n in 1...2 {
                    _ = try writer.insert(
                        ReviewItem(cause: .complaint, order: Sample.order(n), kind: nil, detail: "", openedAt: Sample.at(n)))
                    try writer.insert(contact: Sample.order(n + 2), at: Sample.at(n))
                }
                _ = try writer.insert(ReviewItem(cause: .kind, order: Sample.order(9), kind: nil, detail: "", openedAt: Sample.at(9)))
            }
            let heard = try await store.read { try $0.voices(since: Sample.at(2)) }
            #expect(
                heard == [
                    Voice(.complaint, order: Sample.order(2), at: Sample.at(2)), Voice(.contact, order: Sample.order(4), at: Sample.at(2)),
                ])
        },
    ]
}
