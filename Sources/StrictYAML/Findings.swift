public import Core

/// The mistakes found while files are read, in the order they were met. One collector serves all files of a reading, so that a person
/// sees everything at once. Used by one thread.
public final class Findings {
    public private(set) var problems: [Problem] = []
    public init() {}

    public func add(_ problem: Problem) { problems.append(problem) }

    public var errors: [Problem] { problems.filter { $0.severity == .error } }
    public var warnings: [Problem] { problems.filter { $0.severity == .warning } }

    /// Throws all errors together, if there is one.
    public func throwErrors() throws(Problems) {
        let errors = errors
        if !errors.isEmpty { throw Problems(errors) }
    }
}
