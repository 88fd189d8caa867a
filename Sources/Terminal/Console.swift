import Glibc

/// Where a command answers: the answer goes to stdout, everything else to stderr.
public struct Console: Sendable {
    public var form: OutputForm
    /// Fields of the answer's rows, in this order; empty for all.
    public var fields: [String]
    public var look: Look
    /// What stderr can show.
    public var errorLook: Look
    public var isQuiet: Bool
    /// For answers that are longer than the terminal; nil in pipes.
    public var pager: Pager?
    private let write: @Sendable (_ text: String, _ descriptor: Int32) throws(ExitStatus) -> Void

    /// - Parameter write: everything, or nothing and an exit status.
    public init(
        form: OutputForm, fields: [String] = [], look: Look, errorLook: Look, isQuiet: Bool = false,
        pager: Pager? = nil,
        write: @escaping @Sendable (_ text: String, _ descriptor: Int32) throws(ExitStatus) -> Void = Console.writeAll
    ) {
        (self.form, self.fields, self.look, self.errorLook, self.isQuiet) = (form, fields, look, errorLook, isQuiet)
        (self.pager, self.write) = (pager, write)
    }

    /// The whole answer; what does not fit the terminal, through the pager.
    public func show(_ document: some Document) throws {
        let text = try document.text(as: form, look, fields: fields)
        if let pager, pager.isWanted(for: text, columns: look.screen.columns), pager.show(text) { return }
        try write(text, STDOUT_FILENO)
    }
    /// Text as it stands: a completion script, a rendered mail, a line of a tail.
    public func show(text: String) throws(ExitStatus) { try write(text, STDOUT_FILENO) }
    /// A line for the person, not part of the answer.
    public func note(_ line: String) throws(ExitStatus) {
        if !isQuiet { try write(Safe.text(line) + "\n", STDERR_FILENO) }
    }
    /// What `Progress` wants to say.
    public func progress(_ text: String?) throws(ExitStatus) {
        if let text, !isQuiet { try write(text, STDERR_FILENO) }
    }
    public func fail(_ fault: Fault) throws(ExitStatus) { try write(fault.text(as: form, errorLook), STDERR_FILENO) }

    /// A reader that went away (`| head`) ends the command without a word, as SIGPIPE would.
    public static let writeAll: @Sendable (String, Int32) throws(ExitStatus) -> Void = {
        (text: String, descriptor: Int32) throws(ExitStatus) in
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR, errno != EAGAIN {
                throw .failure
            }
        }
    }
}
