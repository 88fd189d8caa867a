import Core
import Pages

/// A stored mail as a mail program reads it: decoded header, the first plain and the first HTML part. RFC 5322, 2045, 2047.
struct Mail {
    /// In order, unfolded, encoded words decoded.
    var headers: [(name: String, value: String)] = []
    var text: String?
    var html: String?

    init(_ bytes: [UInt8]) {
        let part = Part(bytes[...])
        headers = part.headers.map { ($0.name, decodedWords($0.value)) }
        collect(part, depth: 0)
    }

    /// The first header of that name.
    subscript(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }

    func row(to recipient: String, envelopeFrom: String) -> Row {
        var row = Row(
            .smtp, to: recipient, from: self["From"] ?? "", title: self["Subject"] ?? "", text: text ?? "", html: html,
            key: self["Message-ID"])
        row.ids["envelope_from"] = envelopeFrom
        for (header, name) in [("Message-ID", "message_id"), ("References", "references"), ("Date", "date"), ("To", "to")] {
            if let value = self[header] { row.ids[name] = value }
        }
        for (name, value) in headers where name.lowercased().hasPrefix("x-") { row.ids[name.lowercased()] = value }
        return row
    }

    private mutating func collect(_ part: Part, depth: Int) {
        if part.type.hasPrefix("multipart/"), let boundary = part.parameters["boundary"], depth < 8 {
            for child in part.children(boundary) { collect(child, depth: depth + 1) }
            return
        }
        if part.type == "text/html" { html = html ?? part.text }
        if part.type == "text/plain" { text = text ?? part.text }
    }
}

/// One node of the MIME tree.
private struct Part {
    var headers: [(name: String, value: String)] = []
    var body: ArraySlice<UInt8>
    var type = "text/plain"
    var parameters: [String: String] = [:]

    init(_ bytes: ArraySlice<UInt8>) {
        body = []
        var at = bytes.startIndex
        while at < bytes.endIndex {
            let end = bytes[at...].firstIndex(of: 0x0A) ?? bytes.endIndex
            let line = String(decoding: bytes[at..<end].filter { $0 != 0x0D }, as: UTF8.self)
            at = min(end + 1, bytes.endIndex)
            if line.isEmpty { break }
            if line.first == " " || line.first == "\t", !headers.isEmpty {
                headers[headers.count - 1].value += " " + line.trimmingSpaces
            } else if let colon = line.firstIndex(of: ":") {
                headers.append((String(line[..<colon]), line[line.index(after: colon)...].trimmingSpaces))
            }
        }
        body = bytes[at...]
        guard let content = self["content-type"] else { return }
        let pieces = content.split(separator: ";").map(\.trimmingSpaces)
        type = (pieces.first ?? "").lowercased()
        for piece in pieces.dropFirst() {
            guard let equals = piece.firstIndex(of: "=") else { continue }
            let value = piece[piece.index(after: equals)...].trimmingSpaces
            parameters[piece[..<equals].trimmingSpaces.lowercased()] =
                value.hasPrefix("\"") ? String(value.dropFirst().prefix { $0 != "\"" }) : value
        }
    }

    subscript(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }

    var text: String {
        let bytes: [UInt8] =
            switch self["content-transfer-encoding"]?.lowercased() {
            case "base64": base64Decoded(body) ?? Array(body)
            case "quoted-printable": quotedPrintableDecoded(body)
            default: Array(body)
            }
        return decodedText(bytes, charset: parameters["charset"] ?? "utf-8").split(separator: "\r\n", omittingEmptySubsequences: false)
            .joined(separator: "\n")
    }

    /// RFC 2046 5.1.1: the line end before a boundary belongs to the boundary.
    func children(_ boundary: String) -> [Part] {
        let mark = Array("--\(boundary)".utf8)
        var parts: [Part] = []
        var start: Int?
        var at = body.startIndex
        while at < body.endIndex {
            let end = body[at...].firstIndex(of: 0x0A).map { $0 + 1 } ?? body.endIndex
            if body[at..<end].starts(with: mark) {
                if let start {
                    let cut = at >= start + 2 && body[at - 2] == 0x0D ? at - 2 : max(start, at - 1)
                    parts.append(Part(body[start..<cut]))
                }
                start = end
                if body[(at + mark.count)..<end].starts(with: [0x2D, 0x2D]) { break }
            }
            at = end
        }
        return parts
    }
}

func quotedPrintableDecoded(_ bytes: some Collection<UInt8>) -> [UInt8] {
    let bytes = Array(bytes)
    var out: [UInt8] = []
    var at = 0
    while at < bytes.count {
        guard bytes[at] == 0x3D else {
            out.append(bytes[at])
            at += 1
            continue
        }
        if at + 2 < bytes.count, let high = hexValue(bytes[at + 1]), let low = hexValue(bytes[at + 2]) {
            out.append(high << 4 | low)
            at += 3
        } else {
            // A soft line break, with or without CR.
            at += at + 2 < bytes.count && bytes[at + 1] == 0x0D ? 3 : 2
        }
    }
    return out
}

private func decodedText(_ bytes: [UInt8], charset: String) -> String {
    switch charset.lowercased() {
    case "iso-8859-1", "latin1", "windows-1252": String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    default: String(decoding: bytes, as: UTF8.self)
    }
}

/// RFC 2047: `=?utf-8?b?…?=` and `?q?`; white space between two encoded words is not text. Neighbours are joined as bytes, so that a
/// character that was split over two words is whole again.
func decodedWords(_ text: String) -> String {
    var out = ""
    var pending: (charset: String, bytes: [UInt8])?
    func flush() {
        if let held = pending { out += decodedText(held.bytes, charset: held.charset) }
        pending = nil
    }
    for (n, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
        if let encoded = encodedWord(word) {
            if let held = pending, held.charset == encoded.charset {
                pending = (held.charset, held.bytes + encoded.bytes)
            } else {
                let follows = pending != nil
                flush()
                if n > 0 && !follows { out += " " }
                pending = encoded
            }
        } else {
            flush()
            if n > 0 { out += " " }
            out += word
        }
    }
    flush()
    return out
}

private func encodedWord(_ word: Substring) -> (charset: String, bytes: [UInt8])? {
    guard word.hasPrefix("=?"), word.hasSuffix("?="), word.count > 6 else { return nil }
    let parts = word.dropFirst(2).dropLast(2).split(separator: "?", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    let charset = parts[0].prefix { $0 != "*" }.lowercased()
    switch parts[1].lowercased() {
    case "b": return base64Decoded(parts[2].utf8).map { (charset, $0) }
    case "q": return (charset, quotedPrintableDecoded(parts[2].utf8.map { $0 == 0x5F ? 0x20 : $0 }))
    default: return nil
    }
}
