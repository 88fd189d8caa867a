import Glibc

/// What the place we print to can show: decided once, from the flags, the environment and the descriptor.
public struct Screen: Sendable, Equatable {
    public enum Color: String, Sendable, CaseIterable { case auto, always, never }

    public var isTerminal: Bool
    /// Cells in a line; nil where nothing limits it (a pipe, a file).
    public var columns: Int?
    public var hasColor: Bool
    /// Our own signs in ASCII: `ok ! x`. Texts of others stay as they are.
    public var isASCII: Bool

    public init(isTerminal: Bool, columns: Int? = nil, hasColor: Bool = false, isASCII: Bool = false) {
        (self.isTerminal, self.columns, self.hasColor, self.isASCII) = (isTerminal, columns, hasColor, isASCII)
    }

    /// - Parameters:
    ///   - columns: what the terminal says it has; nil when it does not say.
    ///   - width: the flag, which wins.
    public init(
        isTerminal: Bool, columns: Int?, environment: [String: String], color: Color = .auto, ascii: Bool = false, width: Int? = nil
    ) {
        self.isTerminal = isTerminal
        self.columns = width ?? (isTerminal ? columns ?? environment["COLUMNS"].flatMap { Int($0) } ?? 80 : nil)
        isASCII = ascii || !Screen.isUTF8(environment)
        hasColor = Screen.color(isTerminal: isTerminal, environment: environment, choice: color)
    }

    /// Source: no-color.org. An empty NO_COLOR counts as not set.
    private static func color(isTerminal: Bool, environment: [String: String], choice: Color) -> Bool {
        func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }
        switch choice {
        case .always: return true
        case .never: return false
        case .auto:
            if isSet("NO_COLOR") || environment["TERM"] == "dumb" { return false }
            return isSet("FORCE_COLOR") ? environment["FORCE_COLOR"] != "0" : isTerminal
        }
    }

    /// POSIX: the first of these that is not empty rules.
    private static func isUTF8(_ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }

    public static func isTerminal(descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Columns of the terminal behind a descriptor; nil when it is none or does not say.
    public static func columns(descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Lines of the terminal behind a descriptor; nil when it is none or does not say.
    public static func rows(descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return nil }
        return Int(size.ws_row)
    }
}
