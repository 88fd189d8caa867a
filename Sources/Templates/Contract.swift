import Core
import StrictYAML

/// What every text must keep to, checked when templates are loaded: a mistake is found at a desk and not in a customer's hand.
struct Contract {
    let set: TemplateSet
    let drafts: Drafts
    let findings: Findings

    func check() {}
}
