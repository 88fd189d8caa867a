public import Core
import Store

struct HoldRow {
    var hold: Hold
    /// What it held is due again.
    var isReleased = false
}

extension MemoryTables {
    public func holdsNotEnded() throws -> [Hold] { holdRows.all.lazy.map(\.hold).filter { $0.ending == nil } }
    public func holds(limit: Int) throws -> [Hold] { holdRows.all.suffix(limit).reversed().map(\.hold) }
    public func hold(_ id: Int64) throws -> Hold? { holdRows[id]?.hold }
    public func isReleasing() throws -> Bool { holdRows.all.contains { $0.hold.ending != nil && !$0.isReleased } }

    public func waiting(in scope: HoldScope) throws -> [Channel: HeldCount] {
        var counts: [Channel: HeldCount] = [:]
        for delivery in allWaiting() {
            guard delivery.episode != 0, scope.mayCover(delivery), let episode = try episode(delivery.episode), scope.covers(episode) else {
                continue
            }
            counts[delivery.channel, default: HeldCount()].waiting += 1
            if delivery.reason == .onHold { counts[delivery.channel, default: HeldCount()].held += 1 }
        }
        return counts
    }

    public func insert(_ hold: Hold) throws -> Int64 {
        var hold = hold
        hold.id = Int64(holdRows.count + 1)
        return holdRows.append(HoldRow(hold: hold))
    }
    public func end(hold id: Int64, _ ending: Hold.Ending) throws -> Bool {
        holdRows.change(id) { row in
            guard row.hold.ending == nil else { return false }
            row.hold.ending = ending
            return true
        }
    }
    public func releaseHeld(after delivery: DeliveryID, limit: Int, at now: Timestamp) throws -> (last: DeliveryID, count: Int)? {
        let held = allWaiting().filter { $0.reason == .onHold && $0.id > delivery }.map(\.id).sorted().prefix(limit)
        guard let last = held.last else {
            for id in 1...Int64(max(1, holdRows.count)) {
                _ = holdRows.change(id) { row in
                    row.isReleased = row.isReleased || row.hold.ending != nil
                    return true
                }
            }
            return nil
        }
        for id in held {
            _ = change(id, where: { $0.nextAt.map { $0 > now } ?? false }) { ($0.nextAt, $0.changedAt) = (now, now) }
        }
        return (last, held.count)
    }

    /// Whatever waits, in no order.
    func allWaiting() -> [Delivery] { waiting.flatMap { lane in lane.elements.compactMap { deliveryRows[$0.id]?.delivery } } }
}
