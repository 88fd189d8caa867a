extension HoldScope {
    /// Only the members that are set.
    public var json: JSON {
        let members: [(String, String?)] = [
            ("order", order?.description), ("customer", customer), ("bank", bank), ("rail", rail), ("kind", kind?.rawValue),
            ("channel", channel?.rawValue),
        ]
        return .object(members.compactMap { name, value in value.map { (name, .string($0)) } })
    }

    public struct Refusal: Error, Sendable { public var problems: [FieldProblem] }

    /// From members of an object that may have others. Names every one that cannot be what it says; without any it is everything.
    public static func read(_ json: JSON) -> Result<HoldScope, Refusal> {
        var (scope, problems): (HoldScope, [FieldProblem]) = (HoldScope(), [])
        func member<Value>(_ name: String, _ expected: String, _ value: (String) -> Value?) -> Value? {
            guard let given = json[name], given != .null else { return nil }
            guard let found = given.string.flatMap(value) else {
                problems.append(FieldProblem(name, "expected \(expected)"))
                return nil
            }
            return found
        }
        func identifier(_ text: String) -> String? { Identifier.isValid(text, limit: 64) ? text : nil }
        scope.order = member("order", "an order number") { OrderNumber($0) }
        scope.customer = member("customer", "a customer's id", identifier)
        scope.bank = member("bank", "a bank's id", identifier)
        scope.rail = member("rail", "a rail's id", identifier)
        scope.kind = member("kind", "a kind of the catalogue") { Kind(rawValue: $0) }
        // What is in the app is there with the decision, before anything could hold it.
        scope.channel = member("channel", "sms, push, mail or voice") { Channel(rawValue: $0).flatMap { $0 == .inApp ? nil : $0 } }
        return problems.isEmpty ? .success(scope) : .failure(Refusal(problems: problems))
    }
}
