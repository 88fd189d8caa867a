import ArgumentParser
import Core
import Terminal

/// The parser suggests options, not sub-commands: this does.
enum Suggestion {
    /// A usage fault when a word stands where only a sub-command can, and is none.
    static func fault(for arguments: [String], of root: any ParsableCommand.Type) -> Fault? {
        var command = root
        var path = [name(of: root)]
        for word in arguments {
            let known = command.configuration.subcommands
            guard !known.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            guard let next = known.first(where: { name(of: $0) == word }) else {
                let names = known.map(name)
                let line = path.joined(separator: " ")
                return Fault(
                    .usage, "there is no command \"\(line) \(PlainText(word))\"",
                    hint: nearest(to: word, among: names).map { "did you mean \"\(line) \($0)\"?" }
                        ?? "known: \(names.joined(separator: ", "))")
            }
            command = next
            path.append(word)
        }
        return nil
    }

    private static func name(of command: any ParsableCommand.Type) -> String { command.configuration.commandName ?? command._commandName }
}
