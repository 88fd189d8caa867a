import Core
import StrictYAML

/// What a restriction is told with: its own texts, and of the shared ones those that are as neutral.
extension Contract {
    /// Stages that a restriction is never told with; the planner ends it with others.
    private static let never: Set<NoticeStage> = [.reviewApproved, .reviewDeclined, .materialsReminder, .incidentOver, .correction]

    /// Whether somebody under restriction may read this text.
    func mayBeOfRestriction(_ key: TemplateSet.Key) -> Bool {
        if let kind = key.kind { return kind == .complianceRestricted }
        return !Self.never.contains(key.stage) && drafts.notices[own(key.stage, key.locale)] == nil
    }

    private func own(_ stage: NoticeStage, _ locale: TextLocale) -> TemplateSet.Key {
        TemplateSet.Key(kind: .complianceRestricted, stage: stage, variant: nil, locale: locale)
    }

    /// A shared text that says what this kind may not must be said in words of its own.
    func checkRestriction() {
        let forbidden = MustTell.forbidden(.complianceRestricted)
        for locale in TextLocale.allCases {
            guard let opened = drafts.notices[own(.opened, locale)] else { continue }
            for stage in NoticeStage.allCases where stage != .opened && !Self.never.contains(stage) {
                guard drafts.notices[own(stage, locale)] == nil,
                    let shared = drafts.notices[TemplateSet.Key(kind: nil, stage: stage, variant: nil, locale: locale)],
                    let field = forbidden.first(where: { field in
                        Self.channels(shared).contains { $0.1.contains { $0.compiled.fields.contains(field) } }
                    })
                else { continue }
                opened.node.fail(
                    "stages.\(stage.rawValue) is missing",
                    hint: "the shared text says {\(field.rawValue)}, which may not be told of this kind")
            }
        }
    }
}
