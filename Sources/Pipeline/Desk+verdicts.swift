import Core
import Store

extension Desk {
    /// Somebody looked at the words of a delivery and says whether they were right. Several may; the last of them counts.
    public func judge(delivery id: String, isRight: Bool, who: String, note: String) async throws -> Answer {
        let now = clock.now()
        let who = CardRule.cut(who)
        return try await store.write { writer in
            guard let delivery = try writer.delivery(publicID: id) else { return .notFound }
            let verdict = try writer.insert(
                Judgement(delivery: delivery.id, isRight: isRight, who: who, note: CardRule.cut(note), at: now))
            // The note is sealed with the verdict: the log is for ever, and a note may hold a name.
            let body: JSON = [
                "command": .string("audit verdict \(id)"), "reason": "note kept with the verdict", "right": .bool(isRight),
                "verdict": .integer(verdict), "who": .string(who),
            ]
            try writer.append(
                LogEntry(.operator, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id, body: body))
            return .done("\(id) is judged \(isRight ? "right" : "wrong")")
        }
    }
}
