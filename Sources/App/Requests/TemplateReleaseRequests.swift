public import Core

/// `template submit`: the texts of the directory.
public struct TemplateSubmitRequest: Sendable {
    public init() {}
}

/// `template approve`, `template reject`
public struct TemplateDecideRequest: Sendable {
    public var revision: String
    public var isApproved: Bool
    public init(revision: String, isApproved: Bool) { (self.revision, self.isApproved) = (revision, isApproved) }
}

/// `template publish`
public struct TemplatePublishRequest: Sendable {
    public var revision: String
    /// Of a hundred customers.
    public var percent: Int
    public init(revision: String, percent: Int) { (self.revision, self.percent) = (revision, percent) }
}

/// `template rollback`
public struct TemplateRollbackRequest: Sendable {
    public init() {}
}

/// `template history`
public struct TemplateHistoryRequest: Sendable {
    public init() {}
}

/// `template diff`
public struct TemplateDiffRequest: Sendable {
    /// Nil: what is in force.
    public var from: String?
    /// Nil: the directory.
    public var to: String?
    public var kinds: [Kind]
    public var locales: [TextLocale]
    public init(from: String? = nil, to: String? = nil, kinds: [Kind] = [], locales: [TextLocale] = []) {
        (self.from, self.to, self.kinds, self.locales) = (from, to, kinds, locales)
    }
}

/// `contact add`: a customer spoke with support.
public struct ContactAddRequest: Sendable {
    public var order: OrderNumber
    public init(order: OrderNumber) { self.order = order }
}
