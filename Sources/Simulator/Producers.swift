import Core
import Pipeline

extension World {
    /// So many people, with some payouts each.
    static let customers = 300

    /// A story begins, and the next one some time later.
    func tellStory() {
        let count = chance.once(in: 40) ? 30 : 1
        let story = chance.pick(setting.stories)
        // A burst is of one bank and rail: the same story of many orders.
        for _ in 0..<count { begin(count > 1 ? story : chance.pick(setting.stories)) }
        agenda.add(.story, at: now + .milliseconds(chance.within(0...2000 * regime.gap)))
    }

    private func begin(_ story: Story) {
        told += 1
        // Mostly by a clock that is as wrong as Clarion's: in another decade than its producers it would plan nothing any more.
        let begins = chance.percent(10) ? now : times.expected(at: now)
        let names = Story.Names(
            order: "WD\(told)", anomaly: "an-\(told)", customer: customer(chance.below(Self.customers)), begins: begins,
            pace: chance.pick([1, 1, 1, 10, 100]))
        for (n, line) in story.lines.enumerated() {
            let id = "ev-\(told)-\(n)"
            let bytes = Story.write(line, id: id, names)
            let at = now + .milliseconds(max(0, line.arrival) / names.pace + (chance.percent(15) ? chance.within(0...600_000) : 0))
            agenda.add(.event(Producing(id: id, bytes: bytes, isConflict: false)), at: at)
            if chance.percent(8) {
                agenda.add(.event(Producing(id: id, bytes: bytes, isConflict: false)), at: at + .milliseconds(chance.within(0...60_000)))
            }
            if chance.percent(2) {
                var other = names
                other.begins = begins + .seconds(1)
                let changed = Story.write(line, id: id, other)
                agenda.add(.event(Producing(id: id, bytes: changed, isConflict: true)), at: at + .milliseconds(chance.within(0...60_000)))
            }
        }
    }

    /// A few people have many payouts. Not everybody can be reached everywhere.
    private func customer(_ n: Int) -> String {
        let (locale, zone, prefix) = [
            ("zh-Hans", "Asia/Shanghai", "+86100000"), ("en", "Europe/Berlin", "+49000000"), ("zh-HK", "Asia/Hong_Kong", "+85200000"),
        ][n % 3]
        let phone = n % 11 == 0 ? "null" : "\"\(prefix)\(10_000 + n)\""
        let mail = n % 7 == 0 ? "null" : "\"customer\(n)@example.com\""
        let token = n % 5 == 0 ? "null" : "\"test-device-token-\(1000 + n)\""
        return
            "{\"id\":\"CU\(n)\",\"locale\":\"\(locale)\",\"time_zone\":\"\(zone)\",\"phone\":\(phone),\"mail\":\(mail),\"push_token\":\(token),"
            + "\"private_preview\":\(n % 4 == 0)}"
    }

    /// Nobody is there, or nobody says that it is kept: it comes again.
    func produce(_ producing: Producing) {
        guard let process, process.isReady else { return again(producing) }
        producing.tries += 1
        tell("\(producing.id) comes in\(producing.tries > 1 ? ", try \(producing.tries)" : "")")
        let number = handOver(producing)
        let (intake, raw) = (process.engine.intake, Intake.Raw(producing.bytes))
        process.start { [unowned self] in
            do {
                let answers = try await intake.accept([raw], from: .http)
                guard let producing = takeBackProducing(number), let answer = answers.first else { return }
                heard(answer, of: producing)
            } catch {
                if let producing = takeBackProducing(number) { again(producing) }
            }
        }
    }

    private func again(_ producing: Producing) {
        agenda.add(.event(producing), at: now + .milliseconds(chance.within(500...10_000)))
    }

    private func heard(_ answer: Intake.Answer, of producing: Producing) {
        switch answer {
        case .accepted, .duplicate: acknowledged.insert(producing.id)
        case .conflict: if !acknowledged.contains(producing.id), !producing.isConflict { conflicted.insert(producing.id) }
        // A time that was far ahead on a boot of which nothing was stored is forgotten with it.
        case .refused(let refusal) where regime.wallGap > 0 && refusal.description == "time: more than a day in the future":
            tell("\(producing.id) is of a time that is not to be")
        case .refused(let refusal): fail("an event was refused: \(refusal.description)")
        }
    }
}
