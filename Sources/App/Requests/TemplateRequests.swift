public import Core

/// `template list`: what there is to say of each kind.
public struct TemplateListRequest: Sendable {
    public init() {}
}

/// `template check`: texts and fixtures alone, of one kind perhaps.
public struct TemplateCheckRequest: Sendable {
    public var kind: Kind?
    /// Warnings are findings too.
    public var isStrict: Bool
    public init(kind: Kind? = nil, isStrict: Bool = false) { (self.kind, self.isStrict) = (kind, isStrict) }
}

/// `template coverage`: who has words of their own, and which words nobody looks at.
public struct TemplateCoverageRequest: Sendable {
    public var kind: Kind?
    public init(kind: Kind? = nil) { self.kind = kind }
}
