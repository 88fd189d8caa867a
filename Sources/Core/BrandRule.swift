/// What the platform's name and number may be. Every SMS begins with the name, and nobody may cut it: `clarion check` fills each text with the
/// longest, and the settings refuse what it has not counted.
public enum BrandRule {
    public static let mostCharacters = 30
    public static let mostDigits = 30

    /// What would have to go from a name in a language whose messages are meant for the GSM alphabet: one such letter makes two parts of most.
    public static func stranger(in name: String, isGSM: Bool) -> Unicode.Scalar? { isGSM ? SMSMeasure(name).firstOutsideGSM : nil }
}
