import Core
import Crypto
import Glibc
import Reports
import Templates

/// Texts kept in files, so that a change of words is seen in review: one file a kind and language.
struct Golden {
    let directory: String

    struct Difference: Sendable, Equatable {
        var file: String
        var words: String
    }

    /// File name → what it holds.
    static func files(_ texts: [PreviewReport.Text]) -> [(name: String, text: String)] {
        var files: [(name: String, text: String)] = []
        for item in texts {
            let name = "\(item.kind.rawValue).\(item.locale.rawValue).txt"
            let form = item.stage.rawValue + (item.variant.map { "." + $0 } ?? "") + (item.fixture.map { "/" + $0.name } ?? "")
            let text = "== \(form) \(item.channel.rawValue)\n" + lines(item)
            if let index = files.firstIndex(where: { $0.name == name }) { files[index].text += text } else { files.append((name, text)) }
        }
        return files
    }

    /// HTML by size and digest: its words are those of the text part.
    static func lines(_ item: PreviewReport.Text) -> String {
        switch item.content {
        case .sms(let text):
            let measure = SMSMeasure(text)
            return "[\(measure.encoding.rawValue) \(measure.units), \(measure.parts)] \(text)\n"
        case .push(let title, let body), .inApp(let title, let body): return "\(title)\n\(body)\n"
        case .mail(let subject, let text, let html):
            let digest = SHA256.hash(data: Array(html.utf8)).prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
                .joined()
            return "\(subject)\n\n\(text)[html \(html.utf8.count) bytes \(digest)]\n"
        case nil: return "! \(item.problem ?? "")\n"
        }
    }

    func compare(_ texts: [PreviewReport.Text]) throws -> [Difference] {
        try Self.files(texts).compactMap { name, text in
            let path = directory + "/" + name
            guard Host.exists(path) else { return Difference(file: path, words: "is missing") }
            let kept = try Host.text(at: path)
            // Bytes, not characters: two spellings of one letter are a change.
            if Array(kept.utf8) == Array(text.utf8) { return nil }
            let (old, new) = (
                kept.split(separator: "\n", omittingEmptySubsequences: false), text.split(separator: "\n", omittingEmptySubsequences: false)
            )
            let at = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
            func line(_ lines: [Substring]) -> String { at < lines.count ? "\"\(lines[at])\"" : "nothing" }
            return Difference(file: "\(path):\(at + 1)", words: "was \(line(old)), is \(line(new))")
        }
    }

    /// Writes what differs. Returns the files that changed.
    func record(_ texts: [PreviewReport.Text]) throws -> [String] {
        try Host.makeDirectory(directory)
        let changed = Set(try compare(texts).map { $0.file.split(separator: ":").first.map(String.init) ?? $0.file })
        for (name, text) in Self.files(texts) where changed.contains(directory + "/" + name) {
            try Host.replace(directory + "/" + name, with: text)
        }
        return changed.sorted()
    }
}

extension Host {
    /// Replaces a file that a person asked for.
    static func replace(_ path: String, with text: String) throws(FileProblem) { try replace(path, with: Array(text.utf8)) }

    static func replace(_ path: String, with bytes: [UInt8]) throws(FileProblem) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw FileProblem(path: path, words: String(cString: strerror(errno))) }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileProblem(path: path, words: String(cString: strerror(errno))) }
            rest = rest.dropFirst(count)
        }
    }
}
