import Core
import Store
public import Terminal

extension Fault {
    /// The fault that an error of any module amounts to, with its exit status.
    public init(describing error: any Error) {
        switch error {
        case let fault as Fault: self = fault
        case let problems as Problems:
            self.init(.configuration, counted(problems.all.count, "mistake") + " in the settings", problems: problems.all)
        case let problem as Problem: self.init(.configuration, "a mistake in the settings", problems: [problem])
        case let refusal as EventRefusal: self.init(.failure, refusal.description)
        case let failure as StoreError: self.init(failure)
        case is CancellationError: self.init(.interrupted, "interrupted")
        default: self.init(.failure, "\(error)")
        }
    }

    private init(_ failure: StoreError) {
        switch failure {
        case .locked: self.init(.unavailable, failure.description, hint: "the running worker has it; commands that only look need no lock")
        case .unusable, .closed: self.init(.unavailable, failure.description)
        case .unsafeSetting, .broken: self.init(.failure, failure.description)
        case .full: self.init(.failure, failure.description, hint: "make room and start again; nothing was lost")
        case .integrity: self.init(.integrity, failure.description, hint: "clarion audit verify")
        }
    }
}
