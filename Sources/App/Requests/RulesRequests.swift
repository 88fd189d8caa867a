import Core
public import Reports

/// `rules simulate`: the recorded events by the settings as they are and by others.
public struct SimulateRequest: Sendable {
    /// A settings file; nil: the one of now.
    public var settings: String?
    /// What takes the place of files that the settings name.
    public var policy, kinds: String?
    /// A directory of texts, a revision, or a commit; nil: the texts in force, or those that other settings name.
    public var texts: String?
    public var guards: [RuleGuard]
    /// Examples of each change; nil: a few for people, all that can be for machines.
    public var limit: Int?

    public init(
        settings: String? = nil, policy: String? = nil, kinds: String? = nil, texts: String? = nil, guards: [RuleGuard] = [],
        limit: Int? = nil
    ) {
        (self.settings, self.policy, self.kinds, self.texts) = (settings, policy, kinds, texts)
        (self.guards, self.limit) = (guards, limit)
    }

    /// As the settings' keys have it.
    var overrides: [String: String] {
        var keys: [String: String] = [:]
        keys["policy"] = policy
        keys["catalogue.kinds"] = kinds
        return keys
    }
    /// What is tried, in a word or two.
    var words: String { [settings, policy, kinds, texts].compactMap(\.self).joined(separator: ", ") }
}
