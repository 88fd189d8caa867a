import Core
import StrictYAML

/// Reads what a `…_file` key names. No word of a mistake quotes the value: it may be the secret itself.
struct SecretFile {
    let layers: Layers
    let mode: Mode

    enum Content {
        case secret(Sensitive<String>)
        /// Nothing there. Said already, unless the mode is capture.
        case missing
        case refused
    }

    /// - Parameter isCreated: a missing file is made at the first start, so its absence is no mistake.
    func read(_ value: Layers.Value, isCreated: Bool) -> (path: String, content: Content)? {
        guard let text = value.node.text() else { return nil }
        guard !Self.looksLikeSecret(text) else {
            value.node.fail(Layers.literalSecret, hint: "write the secret into a file of mode 0600 and name it here")
            return nil
        }
        let path = value.isFromFile ? Path.resolve(text, from: layers.directory) : Path.resolve(text, from: ".")
        do {
            return (path, .secret(try Self.load(path)))
        } catch {
            if error.isMissing, isCreated || mode == .capture { return (path, .missing) }
            value.node.fail("the file \(error.words)".replacingMissing, hint: error.hint)
            return (path, error.isMissing ? .missing : .refused)
        }
    }

    static func load(_ path: String) throws(Files.Refusal) -> Sensitive<String> {
        var text = try Files.text(at: path, limit: 65536, isSecret: true)
        while let last = text.last, last.isNewline { text.removeLast() }
        guard !text.isEmpty else { throw Files.Refusal(words: "is empty") }
        return Sensitive(text)
    }

    /// PEM and JSON, and long runs of letters and digits without a slash or a dot, are no file names.
    static func looksLikeSecret(_ text: String) -> Bool {
        if text.hasPrefix("-----BEGIN") || text.hasPrefix("{") || text.contains(where: \.isNewline) { return true }
        return text.utf8.count >= 20 && !text.contains { "/.-_".contains($0) } && text.contains(where: \.isNumber)
    }
}

extension String {
    /// "the file no such file" reads badly.
    fileprivate var replacingMissing: String { self == "the file no such file" ? "no such file" : self }
}
