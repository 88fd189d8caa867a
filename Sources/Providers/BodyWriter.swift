import Core

/// A JSON body, written front to back: what is always the same as it stands here, values escaped.
struct BodyWriter {
    private(set) var bytes: [UInt8] = []

    init(room: Int) { bytes.reserveCapacity(room) }

    mutating func raw(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }
    /// A text, with quotes around it.
    mutating func text(_ text: String) { JSON.copy(text, into: &bytes) }
    mutating func digits(_ number: Int64) { bytes.append(contentsOf: String(number).utf8) }
}
