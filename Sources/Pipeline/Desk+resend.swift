public import Core
public import Store

extension Desk {
    /// What is to be sent once more.
    public enum Resent: Sendable, Equatable {
        /// Public id.
        case delivery(String)
        /// The newest message of an order; on this channel, if one is named.
        case order(OrderNumber, Channel?)
    }

    /// The same words once more, if they are still true: planned like any other message by the timer that this arms, so holds, caps and what the
    /// customer switched off stand. A delivery whose fate is in doubt is sent again only on somebody's word.
    public func resend(_ what: Resent, evenIfInDoubt: Bool, who: String, reason: String) async throws -> Answer {
        let answer = try await store.write { writer -> Answer in
            let now = clock.now()
            let found: Delivery?
            switch what {
            case .delivery(let id): found = try writer.delivery(publicID: id)
            case .order(let order, let channel):
                guard try writer.order(order) != nil else { return .notFound }
                found = try Resending.delivery(ofOrder: order, on: channel, writer)
                if found == nil { return .refused("nothing was ever to be sent of it" + (channel.map { " by \($0.rawValue)" } ?? "")) }
            }
            guard let delivery = found else { return .notFound }
            if let objection = try Resending.objection(to: delivery, evenIfInDoubt: evenIfInDoubt, at: now, writer) {
                return .refused("\(delivery.publicID): \(objection)")
            }
            guard try writer.arm(Resending.timer(for: delivery, at: now, writer)) else {
                return .refused("\(delivery.publicID): it was asked for already")
            }
            let command = "resend \(delivery.publicID)" + (evenIfInDoubt ? " --even-if-in-doubt" : "")
            try writer.append(
                LogEntry(
                    .operator, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id,
                    body: Self.body(command, who: who, reason: reason)))
            return .done("\(delivery.publicID) of order \(delivery.order) is planned once more on \(delivery.channel.rawValue)")
        }
        if case .done = answer { changed() }
        return answer
    }

    /// The same question without an answer in the store: what `--dry-run` says.
    public static func objection(to what: Resent, evenIfInDoubt: Bool, at now: Timestamp, _ reader: any StoreReader) throws -> String? {
        let found: Delivery? =
            switch what {
            case .delivery(let id): try reader.delivery(publicID: id)
            case .order(let order, let channel): try Resending.delivery(ofOrder: order, on: channel, reader)
            }
        guard let delivery = found else { return "nothing was ever to be sent of it" }
        return try Resending.objection(to: delivery, evenIfInDoubt: evenIfInDoubt, at: now, reader).map { "\(delivery.publicID): \($0)" }
    }
}
