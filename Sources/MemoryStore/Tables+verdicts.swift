public import Core
import Store

extension MemoryTables {
    public func verdicts(ofDelivery delivery: DeliveryID) throws -> [Judgement] { judgementRows.all.filter { $0.delivery == delivery } }
    public func verdicts(before id: Int64?, limit: Int) throws -> [Judgement] {
        Array(judgementRows.all.reversed().filter { $0.id < id ?? .max }.prefix(limit))
    }
    public func insert(_ verdict: Judgement) throws -> Int64 {
        var verdict = verdict
        verdict.id = Int64(judgementRows.count + 1)
        return judgementRows.append(verdict)
    }
}
