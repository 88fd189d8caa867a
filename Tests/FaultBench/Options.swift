/// `--name value` pairs.
struct Options {
    private var values: [String: String] = [:]
    private let usage: String

    init(_ arguments: [String], for usage: String) throws {
        self.usage = usage
        guard arguments.count.isMultiple(of: 2) else { throw Usage(usage) }
        for index in stride(from: 0, to: arguments.count, by: 2) {
            guard arguments[index].hasPrefix("--") else { throw Usage(usage) }
            values[String(arguments[index].dropFirst(2))] = arguments[index + 1]
        }
    }
    func text(_ name: String) throws -> String {
        guard let value = values[name] else { throw Usage(usage) }
        return value
    }
    func optional(_ name: String) -> String? { values[name] }
    func optionalNumber(_ name: String) throws -> Int? { values[name] == nil ? nil : try number(name) }
    func number(_ name: String) throws -> Int {
        guard let value = values[name].flatMap({ Int($0) }), value >= 0 else { throw Usage(usage) }
        return value
    }
}
