/// What every command ends with; the same in each man page.
public enum ExitStatus: Int32, Sendable, CaseIterable, Error {
    /// Done, or the answer was found and nothing is wrong.
    case success = 0
    /// Failed while running.
    case failure = 1
    /// Stopped by the person at a question.
    case declined = 2
    /// Ran fine and found something wrong.
    case findings = 3
    /// Not signed in, or not allowed.
    case notAllowed = 4
    /// No such order, event, delivery or template: not the same as "found, nothing was sent", which is success.
    case notFound = 5
    /// Integrity broken.
    case integrity = 6
    /// Partly done.
    case partial = 7
    /// Wrong usage (sysexits EX_USAGE).
    case usage = 64
    /// Server, broker or store cannot be reached (EX_UNAVAILABLE).
    case unavailable = 69
    /// Configuration invalid (EX_CONFIG).
    case configuration = 78
    /// Ctrl-C.
    case interrupted = 130

    public var meaning: String {
        switch self {
        case .success: "done"
        case .failure: "failed while running"
        case .declined: "stopped at a question"
        case .findings: "ran fine, with findings"
        case .notAllowed: "not signed in or not allowed"
        case .notFound: "not found"
        case .integrity: "integrity broken"
        case .partial: "partly done"
        case .usage: "wrong usage"
        case .unavailable: "server, broker or store cannot be reached"
        case .configuration: "configuration invalid"
        case .interrupted: "interrupted"
        }
    }
    /// The word in a problem object's type.
    public var word: String {
        switch self {
        case .success: "success"
        case .failure: "failure"
        case .declined: "declined"
        case .findings: "findings"
        case .notAllowed: "not_allowed"
        case .notFound: "not_found"
        case .integrity: "integrity"
        case .partial: "partial"
        case .usage: "usage"
        case .unavailable: "unavailable"
        case .configuration: "configuration"
        case .interrupted: "interrupted"
        }
    }
}
