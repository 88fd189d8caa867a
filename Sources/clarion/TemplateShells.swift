import App
import ArgumentParser
import Core
import Terminal

struct TemplateGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "The texts that customers read: checked, compared, approved, published, taken back.",
        subcommands: [
            enabled(TemplateListShell.self), enabled(TemplateCheckShell.self), enabled(TemplateCoverageShell.self),
            enabled(TemplateDiffShell.self), enabled(TemplateHistoryShell.self), enabled(TemplateSubmitShell.self),
            enabled(TemplateApproveShell.self), enabled(TemplateRejectShell.self), enabled(TemplatePublishShell.self),
            enabled(TemplateRollbackShell.self),
        ])
}

struct TemplateListShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Kinds, languages, variants, stages and fixtures.",
        discussion: """
            EXAMPLES
              clarion template list
              clarion template list -o csv --fields kind,fixtures

            Page: docs/templates.md
            """)
    @OptionGroup var flags: GlobalFlags
    func work() -> TemplateListRequest { TemplateListRequest() }
}

struct TemplateCheckShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Texts and fixtures alone: their files, and every text filled in with every fixture.",
        discussion: """
            EXAMPLES
              clarion template check
              clarion template check bank_delay --strict

            Page: docs/templates.md
            """)
    @Argument(help: ArgumentHelp("Of this kind alone, and what all kinds share.", valueName: "kind"))
    var kind: Kind?
    @Flag(help: "Warnings are findings too.")
    var strict = false
    @OptionGroup var flags: GlobalFlags
    func work() -> TemplateCheckRequest { TemplateCheckRequest(kind: kind, isStrict: strict) }
}

struct TemplateCoverageShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "coverage", abstract: "Which languages have words of their own, and which branches nothing is filled in with.",
        discussion: """
            EXAMPLES
              clarion template coverage
              clarion template coverage not_arrived --json

            Page: docs/templates.md
            """)
    @Argument(help: ArgumentHelp("Of this kind alone, and what all kinds share.", valueName: "kind"))
    var kind: Kind?
    @OptionGroup var flags: GlobalFlags
    func work() -> TemplateCoverageRequest { TemplateCoverageRequest(kind: kind) }
}
